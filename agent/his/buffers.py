"""The buffers of the functions, byte for byte. The comments count as the manuals do, from 1."""

from agent.his.fields import Amount, Ascii, Day, Digits, Field, Filler, Record, Text

_PERSON = (
    Ascii("card_number", 12),  # 1-12 卡片號碼
    Text("name", 20, cut=True),  # 13-32 姓名
    Ascii("national_id", 10),  # 33-42 身分證號或身分證明文件號碼
    Day("birth_date"),  # 43-49 出生日期
    Ascii("sex", 1),  # 50 性別
    Day("issued_on"),  # 51-57 發卡日期
    Text("cancelled", 1),  # 58 卡片註銷註記: 1 normal, 2 cancelled
)
_VALIDITY = (
    Day("valid_until"),  # 62-68 卡片有效期限
    Digits("visits_left", 2),  # 69-70 就醫可用次數
)
_NUMBER = (
    Ascii("visited_at", 13),  # 1-13 就診日期時間
    Ascii("sequence", 4),  # 14-17 就醫序號
    Ascii("institution_code", 10),  # 18-27 醫療院所代碼
    Ascii("signature", 256),  # 28-283 安全簽章
    Ascii("module_code", 12),  # 284-295 SAM ID
    Ascii("same_day", 1),  # 296 是否同日就診
)

BASIC = Record((*_PERSON, Text("emergency_phone", 14)))  # 59-72 緊急聯絡電話
REGISTER_TAIL = Record(
    (
        Ascii("insurer", 2),  # 59-60 保險人代碼
        Ascii("identity_mark", 1),  # 61 身分註記
        *_VALIDITY,
        Day("newborn_birth_date"),  # 71-77 新生兒依附出生日期
        Ascii("newborn_mark", 1),  # 78 新生兒依附胞胎註記
    )
)
REGISTER = Record((*_PERSON, *REGISTER_TAIL.fields))
REGISTER_2 = Record(_VALIDITY)
LAST_SEQUENCE = Record((Ascii("last_year", 3), Ascii("last_sequence", 4)))
NUMBER = Record(_NUMBER)
NUMBER_AND_IDENTIFIER = Record((*_NUMBER, Ascii("identifier", 20)))  # 297-316 就醫識別碼
INSTITUTION = Record((Ascii("institution_code", 10),))
IDENTIFIER = Record((Ascii("identifier", 20),))

# So many bytes of a buffer are the card's own, as they stand on it.
PERSON_LENGTH = Record(_PERSON).length

# --- what is written ---------------------------------------------------------------------------------

_MAKE_UP = Ascii("make_up", 1)  # 1 補卡註記 (M12)
_CODES = [Ascii(f"diagnosis_{number}", 7) for number in range(1, 7)]  # 主次診斷碼 (M35-M40)


def _spread() -> list[Field]:
    """The six codes at 3-9, 12-18, 21-27, 30-36, 39-45 and 48-54, as older software has them."""
    fields: list[Field] = [_MAKE_UP, Filler("filler_1", 1)]
    for number, code in enumerate(_CODES, start=1):
        fields += [code] if number == 1 else [Filler(f"filler_{number}", 2), code]
    return fields


_FEES = (
    Digits("fee", 8),  # 1-8 門診醫療費用
    Digits("copayment", 8),  # 9-16 門診部分負擔費用
    Digits("inpatient_fee", 8),  # 17-24 住院醫療費用
    Digits("inpatient_copayment_30", 7),  # 25-31 住院部分負擔費用 (急性30天、慢性180天以下)
    Digits("inpatient_copayment_180", 7),  # 32-38 住院部分負擔費用 (急性31天、慢性181天以上)
)
DIAGNOSES = Record((_MAKE_UP, *_CODES))
DIAGNOSES_SPREAD = Record(_spread())
FEES = Record(_FEES)
DIAGNOSES_AND_FEES = Record((*DIAGNOSES.fields, *_FEES))
DIAGNOSES_SPREAD_AND_FEES = Record((*DIAGNOSES_SPREAD.fields, *_FEES))
DOCTOR = Record((Ascii("doctor_id", 11),))  # 醫師身分證號, with the NUL that ends it in C
ORDER = Record(
    (
        Ascii("visited_at", 13),  # 1-13 就診日期時間
        Ascii("kind", 1),  # 14 醫令類別 (D02)
        Ascii("code", 12),  # 15-26 診療項目代號 (D06)
        Ascii("part", 6),  # 27-32 診療部位 (D07)
        Ascii("usage", 18),  # 33-50 用法 (D08)
        Digits("days", 2),  # 51-52 天數 (D09)
        Amount("total"),  # 53-59 總量 (D10)
        Ascii("delivery", 2),  # 60-61 交付註記
    )
)
ORDER_SIGNATURE = Record((Ascii("signature", 40),))  # 處方簽章 (D11)

# --- the web API for visit identifiers ------------------------------------------------------------------

RANDOM = Record((Ascii("random", 20),))
RANDOM_SIGNATURE = Record((Ascii("signature", 256),))
