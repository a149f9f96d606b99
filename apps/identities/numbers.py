"""National IDs, resident certificate numbers, passports and permits: their shape, and why one is wrong.

Checksum: the first letter stands for two digits (A 10 … O 35, not quite in the order of the
alphabet). Weighted 1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1, the eleven digits add up to a multiple of ten.
Resident certificates of before 2021 have a second letter A to D, of which the last digit counts.
"""

import re
import unicodedata

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.identities.terms import IdentifierKind

LENGTH = 10
_LETTER_ORDER = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_LETTER_VALUES = {letter: value for value, letter in enumerate(_LETTER_ORDER, start=10)}
_WEIGHTS = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
_SHAPE = re.compile(r"[A-Z][1289A-D][0-9]{8}")
_PERMIT = re.compile(r"[A-Z0-9]{12}")
_PASSPORT = re.compile(r"[A-Z0-9]{4,17}")
_NATIONALITY = re.compile(r"[A-Z]{3}")
_OTHER_SHAPE = re.compile(r"[A-Z0-9]{4,20}")


class InvalidNumber(ValueError):
    """What was typed is no such number.

    `code` is stable, `message` is for the person; the number itself is in neither.
    """

    code = "ID-INVALID"
    message: str | Promise = _("This is not a valid number.")

    def __init__(self) -> None:
        super().__init__(self.code)


class FullWidthNumber(InvalidNumber):
    code = "ID-FULLWIDTH"
    message = _("Please type the number in half-width letters and digits.")


class WrongLength(InvalidNumber):
    code = "ID-LENGTH"
    message = _("A national ID or resident certificate number has 10 characters.")


class WrongShape(InvalidNumber):
    code = "ID-SHAPE"
    message = _(
        "A national ID is one letter, then 1 or 2, then 8 digits; a resident certificate number has 8, 9"
        " or a letter from A to D in the second place."
    )


class WrongChecksum(InvalidNumber):
    code = "ID-CHECKSUM"
    message = _("The check digit is wrong. Please compare the number with the card.")


class WrongDocument(InvalidNumber):
    code = "ID-DOCUMENT"
    message = _("A passport or permit number has 4 to 20 letters and digits.")


class WrongPassport(WrongDocument):
    message = _("A passport number has 4 to 17 letters and digits.")


class WithSpaces(InvalidNumber):
    code = "ID-SPACES"
    message = _("Please enter the passport number without spaces or hyphens.")


class WrongPermit(InvalidNumber):
    code = "ID-PERMIT"
    message = _("An entry permit number has 12 letters and digits.")


class WrongNationality(InvalidNumber):
    code = "ID-NATIONALITY"
    message = _("A nationality is a code of 3 letters, for example USA.")


def check_national_id(value: str) -> str:
    """The number in upper case without blanks around it; raises an InvalidNumber that says what is wrong."""
    number = value.strip(" \t\r\n")
    if _is_full_width(number):
        raise FullWidthNumber
    if len(number) != LENGTH:
        raise WrongLength
    number = number.upper()
    if not _SHAPE.fullmatch(number):
        raise WrongShape
    if _weighted_sum(number) % 10:
        raise WrongChecksum
    return number


def check_entry_permit(value: str) -> str:
    """中華民國入出境許可證號: twelve letters and digits (manual 2), in upper case. No check digit exists."""
    number = value.strip(" \t\r\n")
    if _is_full_width(number):
        raise FullWidthNumber
    if not _PERMIT.fullmatch(number.upper()):
        raise WrongPermit
    return number.upper()


def check_passport(number: str, nationality: str) -> str:
    """護照號碼及國籍代碼 as one number, nationality first: passports of two countries may be alike."""
    number, nationality = number.strip(" \t\r\n"), nationality.strip(" \t\r\n")
    if _is_full_width(number + nationality):
        raise FullWidthNumber
    if re.search(r"[\s-]", number):
        raise WithSpaces
    if not _NATIONALITY.fullmatch(nationality.upper()):
        raise WrongNationality
    if not _PASSPORT.fullmatch(number.upper()):
        raise WrongPassport
    return nationality.upper() + number.upper()


def normalize(*, kind: IdentifierKind, value: str) -> str:
    """The one spelling under which a number of this kind is digested; raises InvalidNumber.

    Passport and permit numbers are typed with blanks and hyphens in them, which do not count.
    """
    if kind == IdentifierKind.NATIONAL_ID:
        return check_national_id(value)
    if _is_full_width(value):
        raise FullWidthNumber
    number = re.sub(r"[ \t-]", "", value).upper()
    if not _OTHER_SHAPE.fullmatch(number):
        raise WrongDocument
    return number


def _is_full_width(text: str) -> bool:
    return not text.isascii() and any(
        unicodedata.east_asian_width(character) == "F" for character in text
    )


def _weighted_sum(number: str) -> int:
    letter = _LETTER_VALUES[number[0]]
    second = number[1] if number[1].isdigit() else str(_LETTER_VALUES[number[1]] % 10)
    digits = (letter // 10, letter % 10, int(second), *map(int, number[2:]))
    return sum(weight * digit for weight, digit in zip(_WEIGHTS, digits, strict=True))
