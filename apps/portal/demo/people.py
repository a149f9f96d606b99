"""Who and what the demo has, as data. All numbers are made up and pass the checksum."""

from dataclasses import dataclass

from apps.accounts.terms import CardKind, SessionRole
from apps.institutions.terms import InstitutionKind

PIN = "123456"
# Goes with the NHI card of somebody who works here (nhi-chen), at login.
NHI_PASSWORD = "ankang-demo-2026"  # noqa: S105  # printed for everybody who tries the demo


@dataclass(frozen=True)
class DemoInstitution:
    code: str
    name: str
    kind: InstitutionKind
    district: str
    address: str
    brands: tuple[str, ...] = ()  # what it gives as a site
    emergency: bool = False  # an emergency department, and video consultation
    scarce: bool = False  # so few places that people wait for them
    programs: bool = False  # its own programs may read over FHIR


@dataclass(frozen=True)
class DemoPerson:
    """Somebody with a PKI card. `institution` and `services` for staff, `role` for the agency's people."""

    card_id: str
    card_kind: CardKind
    name: str
    national_id: str
    note: str
    profession: str = ""
    institution: str = ""
    services: tuple[str, ...] = ()
    role: SessionRole | None = None
    manager: bool = False
    revoked: bool = False  # its certificate stands on the authority's revocation list


@dataclass(frozen=True)
class DemoCitizen:
    """Somebody with an NHI card. `years` is the age on the day the card is made."""

    card_id: str
    name: str
    national_id: str
    sex: str
    years: int
    note: str
    generation: int = 1
    cancelled: bool = False
    vaccinated_days_ago: int | None = None
    encoding: str = ""


PHARMACY = "5901012345"
HOSPITAL = "1101010021"

INSTITUTIONS = (
    DemoInstitution(
        PHARMACY,
        "健全藥局",
        InstitutionKind.PHARMACY,
        "105",
        "八德路四段100號",
        ("AZ",),
        programs=True,
    ),
    DemoInstitution("5931020017", "安心藥局", InstitutionKind.PHARMACY, "220", "文化路一段28號"),
    DemoInstitution(
        HOSPITAL,
        "培靈醫院",
        InstitutionKind.HOSPITAL,
        "105",
        "八德路四段355號",
        ("AZ", "MO"),
        emergency=True,
    ),
    DemoInstitution(
        "2301020018",
        "中正區健康服務中心",
        InstitutionKind.HEALTH_STATION,
        "100",
        "牯嶺街24號",
        ("MO",),
    ),
    DemoInstitution(
        "2331010013", "板橋區衛生所", InstitutionKind.HEALTH_STATION, "220", "公園街15號", ("AZ",)
    ),
    DemoInstitution(
        "2390020019",
        "金寧鄉衛生所",
        InstitutionKind.HEALTH_STATION,
        "892",
        "仁愛新村2之1號",
        ("AZ",),
        scarce=True,
    ),
)

PEOPLE = (
    DemoPerson(
        "hpc-chen",
        CardKind.HPC,
        "陳怡君",
        "A223456781",
        "藥師，健全藥局，已授權疫苗預約、例外櫃檯、接種紀錄與旅遊史查詢",
        profession="D",
        institution=PHARMACY,
        services=("VBK", "VBX", "HIQS", "TCH"),
    ),
    DemoPerson(
        "hpc-chang",
        CardKind.HPC,
        "張志豪",
        "B121234562",
        "藥師，健全藥局，未授權任何服務",
        profession="D",
        institution=PHARMACY,
    ),
    DemoPerson(
        "hpc-hsu",
        CardKind.HPC,
        "許美玲",
        "F226789013",
        "藥師，安心藥局（其他機構）",
        profession="D",
        institution="5931020017",
        services=("VBK",),
    ),
    DemoPerson(
        "hpc-kuo",
        CardKind.HPC,
        "郭明德",
        "L120305060",
        "藥師，健全藥局機構管理者，管理施打站",
        profession="D",
        institution=PHARMACY,
        services=("VBS",),
        manager=True,
    ),
    DemoPerson(
        "hpc-liao",
        CardKind.HPC,
        "廖文彥",
        "A123904673",
        "急診醫師，培靈醫院（登入頁選擇培靈醫院），已授權緊急醫療、接種紀錄與旅遊史查詢",
        profession="A",
        institution=HOSPITAL,
        services=("IMQ", "HIQS", "TCH"),
    ),
    DemoPerson(
        "hpc-fang",
        CardKind.HPC,
        "方雅琪",
        "H228715602",
        "藥師，培靈醫院（登入頁選擇培靈醫院），已授權緊急醫療查詢",
        profession="D",
        institution=HOSPITAL,
        services=("IMQ",),
    ),
    DemoPerson(
        "hpc-revoked",
        CardKind.HPC,
        "陳怡君",
        "A223456781",
        "陳怡君已廢止的舊卡",
        profession="D",
        revoked=True,
    ),
    DemoPerson(
        "institution-chien",
        CardKind.INSTITUTION,
        "健全藥局",
        PHARMACY,
        "健全藥局的醫事機構卡，機構代表",
    ),
    DemoPerson(
        "government-banqiao",
        CardKind.GOVERNMENT,
        "板橋區衛生所",
        "2331010013",
        "板橋區衛生所的政府單位憑證卡，機構代表",
    ),
    DemoPerson(
        "citizen-lee",
        CardKind.CITIZEN,
        "李淑芬",
        "E221112226",
        "健保署業務承辦人員",
        role=SessionRole.OPERATOR,
    ),
    DemoPerson(
        "citizen-chou",
        CardKind.CITIZEN,
        "周大同",
        "M120305061",
        "健保署業務承辦人員，覆核（四眼原則）",
        role=SessionRole.OPERATOR,
    ),
    DemoPerson(
        "citizen-wang",
        CardKind.CITIZEN,
        "王文彬",
        "D120203047",
        "稽核人員",
        role=SessionRole.AUDITOR,
    ),
)

CITIZENS = (
    DemoCitizen("nhi-wang", "王大明", "C121103509", "M", 58, "可預約；有預防接種紀錄"),
    DemoCitizen(
        "nhi-lin", "林堃喆", "A234567893", "F", 34, "可預約；新式晶片，姓名含罕用字", generation=2
    ),
    DemoCitizen(
        "nhi-liu", "劉國榮", "G120304051", "M", 71, "可預約；姓名以空白補齊；有旅遊及接觸史提示"
    ),
    DemoCitizen(
        "nhi-wu", "吳美惠", "H223344550", "F", 45, "10 天前才接種，間隔未滿", vaccinated_days_ago=10
    ),
    DemoCitizen("nhi-huang", "黃小寶", "J130405067", "M", 8, "未滿接種年齡，未登記意願"),
    DemoCitizen(
        "nhi-chen",
        "陳怡君",
        "A223456781",
        "F",
        38,
        f"健全藥局藥師的健保卡；健保卡登入密碼 {NHI_PASSWORD}",
    ),
    # The emergency room (demo/emergency)
    DemoCitizen(
        "nhi-hsieh", "謝佩珊", "A227081940", "F", 41, "急診病患：健保卡設有密碼，須取得同意"
    ),
    DemoCitizen("nhi-chou", "周志偉", "H125617303", "M", 45, "急診病患：有旅遊史提示"),
    DemoCitizen(
        "nhi-tseng", "曾文雄", "B120334705", "M", 58, "急診病患：無旅遊史提示，十一個頁籤皆有資料"
    ),
    DemoCitizen("nhi-hung", "洪雅筑", "F229401150", "F", 29, "急診病患：查無任何資料"),
    DemoCitizen("nhi-ho", "何淑娟", "N224061803", "F", 47, "候補中，已保留培靈醫院-MO 的名額"),
    DemoCitizen("nhi-fang", "方志明", "W127005171", "M", 63, "候補中，金寧鄉衛生所-AZ 第三順位"),
    DemoCitizen("nhi-tsai", "蔡雅婷", "K225566770", "F", 52, "已註銷的健保卡", cancelled=True),
    DemoCitizen("nhi-chiu", "邱志明", "M120405066", "M", 47, "停保，取號會被拒絕"),
    DemoCitizen("nhi-pan", "潘淑惠", "N223406077", "F", 63, "就醫可用次數為零，取號會被拒絕"),
)
