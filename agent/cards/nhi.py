"""The National Health Insurance card: what can be read from it without a PIN.

Commands and layout: shared/reference/cards.md section 3.1 and API 1.1 of manual 4. Both
generations answer READ; the newer one (from about December 2025) refuses SELECT with 6D00, so only
READ tells what the card is.
"""

from dataclasses import asdict, dataclass
from datetime import date

from agent.apdu import Answer, Command, Transmitter, send
from agent.cards.errors import CardUnreadable

AID = bytes.fromhex("D1580000010000000000000000000011")
SELECT = Command(0x00, 0xA4, 0x04, 0x00, AID, le=256)
READ_PROFILE = Command(0x00, 0xCA, 0x11, 0x00, b"\x00\x00")
READ_CARD_DATA = Command(0x00, 0xCA, 0x24, 0x00, b"\x00\x00")
PROFILE_LENGTH = 57
CARD_DATA_LENGTH = 15
PADDING = b"\x00 "
# cp950 has what Windows writes; only Big5-HKSCS has 堃, 喆, 犇, 煊 and 峯.
CODE_PAGES = ("cp950", "big5hkscs")

# ISO/IEC 7816-4 table 6: no such file, wrong parameters, no such data, instruction or class. An HPC
# answers 6A86 (shared/reference/cards.md section 3.1).
UNKNOWN_COMMAND = frozenset({0x6A82, 0x6A86, 0x6A88, 0x6D00, 0x6E00})


class NotNhiCard(Exception):
    """The card is certainly none: its kind need not be asked again."""


@dataclass(frozen=True)
class Profile:
    """The 57 bytes of the card. Dates are of our era; a name may contain U+FFFD."""

    card_number: str
    name: str
    national_id: str
    birth_date: date
    sex: str
    issued_on: date


@dataclass(frozen=True)
class Reading(Profile):
    """The profile with the card's cancellation mark and emergency phone."""

    cancelled: bool
    emergency_phone: str

    def as_json(self) -> dict[str, object]:
        """The `reading` of the card protocol: dates in ISO form."""
        return asdict(self) | {
            "birth_date": self.birth_date.isoformat(),
            "issued_on": self.issued_on.isoformat(),
        }


def is_nhi_card(card: Transmitter) -> bool:
    """Whether the card answers READ, whatever it says to SELECT.

    Raises NotNhiCard when the card says that it does not know the command.
    """
    answer = _profile_answer(card)
    if answer.status in UNKNOWN_COMMAND:
        raise NotNhiCard
    return answer.ok


def read_card(card: Transmitter) -> Reading:
    """The card's reading. Raises CardUnreadable when it is no NHI card or its data are damaged."""
    return read_card_bytes(card)[0]


def read_card_bytes(card: Transmitter) -> tuple[Reading, bytes]:
    """The reading, and the 72 bytes that it stands in: profile, cancellation mark, phone.

    Raises as `read_card`. A card without mark and phone counts as normal, its phone as blank.
    """
    answer = _profile_answer(card)
    if not answer.ok:
        raise CardUnreadable(f"READ answered {answer.status:04X}")
    profile = parse_profile(answer.data)
    data = _card_data(card)
    phone = "".join(filter(str.isprintable, data[1:].decode("ascii", errors="ignore"))).strip()
    reading = Reading(**vars(profile), cancelled=data[:1] == b"2", emergency_phone=phone)
    return reading, answer.data + data


def parse_profile(data: bytes) -> Profile:
    """The profile in exactly 57 bytes. Raises CardUnreadable, never for a name."""
    if len(data) != PROFILE_LENGTH:
        raise CardUnreadable(f"a profile has {PROFILE_LENGTH} bytes, not {len(data)}")
    sex = _ascii(data[49:50])
    if sex not in {"M", "F", ""}:  # left blank on some cards; nobody is turned away for that
        raise CardUnreadable("the sex is neither M nor F")
    return Profile(
        card_number=_ascii(data[0:12]),
        name=decode_name(data[12:32]),
        national_id=_ascii(data[32:42]).upper(),
        birth_date=_roc_date(data[42:49]),
        sex=sex,
        issued_on=_roc_date(data[50:57]),
    )


def decode_name(field: bytes) -> str:
    """A Big5 name padded with NULs or spaces; what no code page has becomes U+FFFD.

    So does what is no character to show: a server takes names of printable characters only.
    """
    name = _decoded(field.rstrip(PADDING)).strip()
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name)


def _decoded(name: bytes) -> str:
    for code_page in CODE_PAGES:
        try:
            return name.decode(code_page)
        except UnicodeDecodeError:
            continue
    return name.decode(CODE_PAGES[0], errors="replace")


def _profile_answer(card: Transmitter) -> Answer:
    """READ after SELECT; once more when the first read of a cold card fails, as it may."""
    send(card, SELECT)
    answer = send(card, READ_PROFILE)
    return answer if answer.ok else send(card, READ_PROFILE)


def _card_data(card: Transmitter) -> bytes:
    """Cancellation mark (1 normal, 2 cancelled) and phone: 15 bytes."""
    answer = send(card, READ_CARD_DATA)
    return (answer.data[:CARD_DATA_LENGTH] if answer.ok else b"1").ljust(CARD_DATA_LENGTH, b" ")


def _ascii(field: bytes) -> str:
    try:
        return field.strip(PADDING).decode("ascii")
    except UnicodeDecodeError as error:
        raise CardUnreadable("a field that must be ASCII is not") from error


def _roc_date(field: bytes) -> date:
    """A date as `YYYMMDD`, the year counted from 1912; spaces may stand for leading zeros."""
    digits = _ascii(field).rjust(7, "0") if field[:1].isspace() else _ascii(field)
    try:
        if len(digits) != 7 or not digits.isdecimal() or not int(digits[:3]):
            raise ValueError
        return date(int(digits[:3]) + 1911, int(digits[3:5]), int(digits[5:7]))
    except ValueError as error:
        raise CardUnreadable("a date on the card is none") from error
