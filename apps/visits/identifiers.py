"""Visit identifiers (就醫識別碼): 20 positions, the last a check character.

7 digits of the visit's day (YYYMMDD of the Republic), 12 random letters and digits, and the check
character of ISO/IEC 7064 MOD 37,36, which finds every single wrong character and nearly every swap
of neighbours.
"""

import re
import secrets
from datetime import date

from apps.core.roc import FIRST_YEAR

LENGTH = 20
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RANDOM = 12
_SHAPE = re.compile(r"[0-9]{7}[0-9A-Z]{13}")


def make_identifier(day: date) -> str:
    """A new identifier for a visit on this day in Taiwan."""
    body = f"{day.year - FIRST_YEAR:03d}{day:%m%d}"
    body += "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM))
    return body + check_character(body)


def check_character(body: str) -> str:
    """What follows these letters and digits (ISO/IEC 7064, hybrid system MOD 37,36)."""
    product = 36
    for character in body:
        total = (product + ALPHABET.index(character)) % 36 or 36
        product = total * 2 % 37
    return ALPHABET[(37 - product) % 36]


def is_identifier(text: str) -> bool:
    """Whether shape and check character are right."""
    return bool(_SHAPE.fullmatch(text)) and check_character(text[:-1]) == text[-1]
