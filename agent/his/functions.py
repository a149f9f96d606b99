"""The one table of functions: names, numbers, parameters, lengths, what they need, what they answer.

Numbers and names are the manual's; parameters have the names of the control software's own
signatures (`cTreatItem`, `pDateTime` …). The documentation, the OpenAPI document, the command line
and the tests read this table.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from agent.his import buffers
from agent.his.codes import Code
from agent.his.fields import Record


class Needs(StrEnum):
    """What has to be there besides the reader."""

    NHI_CARD = "nhi_card"
    HPC = "hpc"
    SERVER = "server"


@dataclass(frozen=True)
class Parameter:
    """`width` is the most bytes it may have, without the NUL that a C string ends with.

    `plain` is its name among named JSON fields; both names serve.
    """

    name: str
    plain: str
    width: int
    example: str
    required: bool = True


@dataclass(frozen=True)
class Data:
    """`pDataWrite`: a record in one of the layouts, or `fields` with the same by name.

    `most` above 1: so many records one after the other, or a list of fields.
    """

    layouts: tuple[Record, ...]
    example: str
    most: int = 1


@dataclass(frozen=True)
class Function:
    """`buffer` is what comes back in `buffer` and, field by field, in `fields`.

    `status`: the return code itself is the answer (APIs 1.15 and 1.36). `retired`: the code that
    stands in place of work. No function of this table needs the NHI card's PIN (`pin`). `codes` are
    those that it may answer besides 0, and besides -1, which all do for a parameter that they do not
    know.
    """

    number: str
    name: str
    title: str
    needs: frozenset[Needs] = frozenset()
    parameters: tuple[Parameter, ...] = ()
    data: Data | None = None
    buffer: Record | None = None
    status: bool = False
    retired: Code | None = None
    pin: bool = False
    codes: tuple[Code, ...] = ()


MOST_ORDERS = 60  # as many as a card has room for (API 1.10: 3660 bytes)
CARD = frozenset({Needs.NHI_CARD})
CARD_AND_SERVER = frozenset({Needs.NHI_CARD, Needs.SERVER})
CARDS_AND_SERVER = CARD_AND_SERVER | {Needs.HPC}
LOOKING = (Code.TIMEOUT, Code.NOT_PERMITTED)
READING = (Code.NO_NHI_CARD, Code.READ_FAILED, *LOOKING)
SERVING = (
    Code.NO_SAM,
    Code.SAM_NOT_AUTHENTICATED,
    Code.SAM_REFUSED,
    Code.WRONG_NHI_CARD,
    Code.NETWORK_DOWN,
    Code.SERVER_FAILED,
    Code.INSTITUTION_REFUSED,
)
INSURED = (
    Code.NOT_INSURED,
    Code.IDENTITY_MISMATCH,
    Code.INSURANCE_ENDED,
    Code.IN_ARREARS,
)
WRITING = (Code.OTHER_PATIENT, Code.VISIT_UNKNOWN)
SIGNED = (Code.NO_HPC, Code.HPC_INVALID, Code.HPC_EXPIRED)
TAKING_BACK = (
    Code.NOTHING_TO_TAKE_BACK,
    Code.VISIT_ELSEWHERE,
    Code.KIND_STAYS,
    Code.ALREADY_TAKEN_BACK,
    Code.TAKEN_BACK_TOO_LATE,
    Code.VISIT_WRITTEN,
)
VALID = (Code.CARD_CANCELLED, Code.CARD_EXPIRED, Code.NO_VISITS_LEFT)

TREAT_ITEM = Parameter("cTreatItem", "treat_item", 2, "01")
VISIT = (
    TREAT_ITEM,
    Parameter("cBabyTreat", "newborn", 1, "", required=False),
    Parameter("cTreatAfterCheck", "make_up", 1, "1", required=False),
    Parameter("requestId", "request", 36, "", required=False),
)
DATE_TIME = Parameter("pDateTime", "visited_at", 13, "1151124093000")
# Of API 1.39, with the same meaning.
UN_TREAT_DATE = Parameter("pUnTreatDate", "visited_at", 13, "1151124093000")
TARGET = (
    DATE_TIME,
    Parameter("pPatientID", "national_id", 10, "C121103509"),
    Parameter("pPatientBirthDate", "birth_date", 7, "0570115"),
)
DIAGNOSES_EXAMPLE = "1" + "J069   " + "I10    " + " " * 28
FEES_EXAMPLE = "00000412" + "00000050" + "0" * 22
ORDER_EXAMPLE = "1151124093000" + "1" + "AC38422100  " + " " * 6 + "TID".ljust(18) + "0300009.001"

FUNCTIONS = (
    Function(
        "1.1",
        "hisGetBasicData",
        "讀取不需個人PIN碼資料",
        needs=CARD,
        buffer=buffers.BASIC,
        codes=READING,
    ),
    Function(
        "1.2",
        "hisGetRegisterBasic",
        "掛號或報到時讀取基本資料",
        needs=CARD_AND_SERVER,
        buffer=buffers.REGISTER,
        codes=(*READING, *SERVING, Code.NOT_INSURED),
    ),
    Function("1.9", "hisGetSeqNumber", "取得就醫序號（停止使用）", retired=Code.STOPPED),
    Function(
        "1.14",
        "hisGetLastSeqNum",
        "讀取最近一次就醫序號",
        needs=CARD_AND_SERVER,
        buffer=buffers.LAST_SEQUENCE,
        codes=(*READING, *SERVING, Code.NOT_INSURED),
    ),
    Function(
        "1.15",
        "hisGetCardStatus",
        "讀取卡片狀態",
        parameters=(Parameter("CardType", "card_type", 1, "2"),),
        status=True,
        codes=(Code.NOT_PERMITTED,),
    ),
    Function(
        "1.16",
        "hisWriteTreatmentCode",
        "就醫診療資料寫入作業",
        needs=CARDS_AND_SERVER,
        parameters=TARGET,
        data=Data((buffers.DIAGNOSES, buffers.DIAGNOSES_SPREAD), DIAGNOSES_EXAMPLE),
        buffer=buffers.DOCTOR,
        codes=(*READING, *SERVING, *WRITING, *SIGNED),
    ),
    Function(
        "1.17",
        "hisWriteTreatmentFee",
        "就醫費用資料寫入作業",
        needs=CARD_AND_SERVER,
        parameters=TARGET,
        data=Data((buffers.FEES,), FEES_EXAMPLE),
        codes=(*READING, *SERVING, *WRITING),
    ),
    Function(
        "1.31",
        "csOpenCom",
        "開啟讀卡機連結埠",
        parameters=(Parameter("pcom", "port", 3, "0", required=False),),
        codes=LOOKING,
    ),
    Function("1.32", "csCloseCom", "關閉讀卡機連結埠"),
    Function(
        "1.36",
        "csISSetPIN",
        "檢查健保IC卡是否設定密碼",
        needs=CARD_AND_SERVER,
        status=True,
        codes=(*READING, *SERVING, Code.NOT_INSURED),
    ),
    Function(
        "1.37",
        "hisGetSeqNumber256",
        "取得就醫序號新版",
        needs=CARD_AND_SERVER,
        parameters=VISIT,
        buffer=buffers.NUMBER,
        codes=(*READING, *SERVING, *VALID, *INSURED, Code.ALREADY_TAKEN_BACK),
    ),
    Function(
        "1.38",
        "hisGetRegisterBasic2",
        "掛號或報到時讀取有效期限及就醫可用次數",
        needs=CARD_AND_SERVER,
        buffer=buffers.REGISTER_2,
        codes=(*READING, *SERVING, Code.NOT_INSURED),
    ),
    Function(
        "1.39",
        "csUnGetSeqNumber",
        "回復就醫資料累計值（退掛）",
        needs=CARD_AND_SERVER,
        parameters=(UN_TREAT_DATE,),
        codes=(*READING, *SERVING, *TAKING_BACK),
    ),
    Function(
        "1.47",
        "hisWriteTreatmentData",
        "就醫診療資料及費用寫入作業",
        needs=CARDS_AND_SERVER,
        parameters=TARGET,
        data=Data(
            (buffers.DIAGNOSES_AND_FEES, buffers.DIAGNOSES_SPREAD_AND_FEES),
            DIAGNOSES_EXAMPLE + FEES_EXAMPLE,
        ),
        buffer=buffers.DOCTOR,
        codes=(*READING, *SERVING, *WRITING, *SIGNED),
    ),
    Function(
        "1.48",
        "hisWritePrescriptionSign",
        "處方箋寫入作業-回傳簽章",
        needs=CARDS_AND_SERVER,
        parameters=TARGET,
        data=Data((buffers.ORDER,), ORDER_EXAMPLE),
        buffer=buffers.ORDER_SIGNATURE,
        codes=(*READING, *SERVING, *WRITING, *SIGNED),
    ),
    Function(
        "1.49",
        "hisWriteMultiPrescriptSign",
        "多筆處方箋寫入作業-回傳簽章",
        needs=CARDS_AND_SERVER,
        parameters=(*TARGET, Parameter("iWriteCount", "count", 2, "1", required=False)),
        data=Data((buffers.ORDER,), ORDER_EXAMPLE, most=MOST_ORDERS),
        buffer=buffers.ORDER_SIGNATURE,
        codes=(*READING, *SERVING, *WRITING, *SIGNED),
    ),
    Function(
        "1.52",
        "csSoftwareReset",
        "讀卡機控制軟體重啟",
        parameters=(Parameter("iType", "type", 1, "0"),),
        codes=(*READING, Code.NO_HPC, *SERVING),
    ),
    Function(
        "1.53",
        "hisGetSeqNumber256N1",
        "取得就醫序號新版-就醫識別碼",
        needs=CARD_AND_SERVER,
        parameters=VISIT,
        buffer=buffers.NUMBER_AND_IDENTIFIER,
        codes=(*READING, *SERVING, *VALID, *INSURED, Code.ALREADY_TAKEN_BACK),
    ),
    Function(
        "1.54",
        "hisGetTreatNumNoICCard",
        "無卡時取得就醫識別碼（請改使用就醫識別碼Web API）",
        parameters=(
            Parameter("pPatientID", "national_id", 10, "C121103509", required=False),
            Parameter("pHospID", "institution_code", 10, "5901012345", required=False),
        ),
        retired=Code.NO_IDENTIFIER,
    ),
    Function(
        "1.55",
        "hisQuickInsurence",
        "即時查保",
        needs=CARD_AND_SERVER,
        parameters=(TREAT_ITEM,),
        codes=(*READING, *SERVING, Code.CARD_CANCELLED, *INSURED),
    ),
    Function(
        "1.56",
        "hisGetTreatNumICCard",
        "單獨取得就醫識別碼",
        needs=CARD_AND_SERVER,
        parameters=(DATE_TIME,),
        buffer=buffers.IDENTIFIER,
        codes=(*READING, *SERVING, Code.NO_IDENTIFIER),
    ),
    Function(
        "2.1",
        "csVerifySAMDC",
        "安全模組與主機認證",
        needs=frozenset({Needs.SERVER}),
        codes=SERVING,
    ),
    Function(
        "2.2",
        "csGetHospID",
        "讀取安全模組內的醫療院所代碼",
        needs=frozenset({Needs.SERVER}),
        buffer=buffers.INSTITUTION,
        codes=SERVING,
    ),
    Function(
        "VPN",
        "GetRandom",
        "就醫識別碼Web API：取亂數（服務代號11）",
        needs=frozenset({Needs.SERVER}),
        parameters=(Parameter("sServiceCode", "service_code", 2, "11"),),
        buffer=buffers.RANDOM,
        codes=SERVING,
    ),
    Function(
        "VPN",
        "H_Sign",
        "就醫識別碼Web API：以安全模組簽章亂數（sCardType 3）",
        parameters=(Parameter("Random", "random", 20, "0001ABCDEFGHIJKLMNOP"),),
        buffer=buffers.RANDOM_SIGNATURE,
        needs=frozenset({Needs.SERVER}),
        codes=SERVING,
    ),
)
BY_NAME = {function.name.lower(): function for function in FUNCTIONS}


def suggest(name: str) -> str:
    """The exact name that a wrong one is nearest to, whatever its case; "" where none is near."""
    near = get_close_matches(name.lower(), BY_NAME, n=1, cutoff=0.8)
    return BY_NAME[near[0]].name if near else ""


def find_function(name: str) -> Function | None:
    """By its exact name."""
    found = BY_NAME.get(name.lower())
    return found if found and found.name == name else None
