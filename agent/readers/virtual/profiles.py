"""From the readable profile of a card file to the 57 bytes that READ answers."""

from collections.abc import Mapping
from datetime import date

from agent.cards.nhi import CODE_PAGES

NAME_LENGTH = 20
PADDINGS = {"nul": b"\x00", "space": b" "}


def encode_profile(profile: Mapping[str, object]) -> bytes:
    """57 bytes. Raises ValueError that says which field of the card file is wrong."""
    return b"".join(
        [
            _text(profile, "card_number", 12),
            _name(profile),
            _text(profile, "national_id", 10),
            _roc_date(profile, "birth_date"),
            _sex(profile),
            _roc_date(profile, "issued_on"),
        ]
    )


def encode_card_data(*, cancelled: bool, emergency_phone: str) -> bytes:
    """Cancellation mark (1 normal, 2 cancelled) and 14 bytes of phone."""
    if len(emergency_phone) > 14 or not emergency_phone.isascii():
        raise ValueError("emergency_phone must have at most 14 ASCII characters")
    return (b"2" if cancelled else b"1") + emergency_phone.encode("ascii").ljust(14, b" ")


def _text(profile: Mapping[str, object], field: str, length: int) -> bytes:
    value = profile.get(field)
    if not isinstance(value, str) or not value.isascii() or len(value) != length:
        raise ValueError(f"profile.{field} must have {length} ASCII characters")
    return value.encode("ascii")


def _sex(profile: Mapping[str, object]) -> bytes:
    sex = _text(profile, "sex", 1) if profile.get("sex") else b" "
    if sex not in {b"M", b"F", b" "}:
        raise ValueError("profile.sex must be M or F, or left out")
    return sex


def _name(profile: Mapping[str, object]) -> bytes:
    name, padding = profile.get("name"), profile.get("padding", "nul")
    if not isinstance(name, str) or not name:
        raise ValueError("profile.name is missing")
    if padding not in PADDINGS:
        raise ValueError("profile.padding must be nul or space")
    encoded = _in_code_page(name, profile.get("encoding"))
    if len(encoded) > NAME_LENGTH:
        raise ValueError(f"profile.name has more than {NAME_LENGTH} bytes")
    return encoded.ljust(NAME_LENGTH, PADDINGS[str(padding)])


def _in_code_page(name: str, code_page: object) -> bytes:
    if code_page is not None and code_page not in CODE_PAGES:
        raise ValueError(f"profile.encoding must be one of {', '.join(CODE_PAGES)}")
    for candidate in [str(code_page)] if code_page else CODE_PAGES:
        try:
            return name.encode(candidate)
        except UnicodeEncodeError:
            continue
    raise ValueError("profile.name has characters that the code page does not have")


def _roc_date(profile: Mapping[str, object], field: str) -> bytes:
    try:
        day = date.fromisoformat(str(profile.get(field)))
    except ValueError:
        raise ValueError(f"profile.{field} must be a date such as 1968-02-29") from None
    if not 1 <= day.year - 1911 <= 999:
        raise ValueError(f"profile.{field} must lie in 1912 or later")
    return f"{day.year - 1911:03d}{day:%m%d}".encode("ascii")
