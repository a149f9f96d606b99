"""The buffers of the functions, byte for byte. The comments count as the manuals do, from 1."""

from agent.his.fields import Ascii, Day, Digits, Record, Text

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
IDENTIFIER = Record((Ascii("identifier", 20),))

# So many bytes of a buffer are the card's own, as they stand on it.
PERSON_LENGTH = Record(_PERSON).length
