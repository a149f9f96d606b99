"""What a server answers to a claim: docs/reference/card-protocol.md section 2."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.cards.kinds import CardKind
from agent.servers import Server

CHECK = "check"  # the purpose that needs no card


class ClaimError(Exception):
    """The server's answer is not a claim for this transaction, or leads elsewhere."""


@dataclass(frozen=True)
class Claim:
    """`expires_in` in seconds from the answer; `language` is `zh-hant` or `en`."""

    transaction: str
    origin: str
    nonce: str = field(repr=False)
    purpose: str
    cards: tuple[CardKind, ...]
    reading: bool
    title: str
    institution: str
    person: str
    language: str
    enrolled: bool
    return_url: str
    expires_in: float


def parse_claim(answer: object, *, transaction: str, server: Server) -> Claim:
    """The claim in `answer`. Raises ClaimError."""
    if not isinstance(answer, dict):
        raise ClaimError("the answer is not an object")
    claim = Claim(
        transaction=_text(answer, "transaction"),
        origin=_text(answer, "origin"),
        nonce=_text(answer, "nonce"),
        purpose=_text(answer, "purpose"),
        cards=() if answer.get("purpose") == CHECK else _cards(answer),
        reading=answer.get("reading") is True,
        title=_text(answer, "title", default=""),
        institution=_text(answer, "institution", default=""),
        person=_text(answer, "person", default=""),
        language="en" if answer.get("language") == "en" else "zh-hant",
        enrolled=answer.get("enrolled") is True,
        return_url=_text(answer, "return_url"),
        expires_in=_seconds(answer),
    )
    if claim.transaction != transaction or claim.origin != server.origin:
        raise ClaimError("the answer is for another transaction or origin")
    if not server.owns(claim.return_url):
        raise ClaimError("return_url leads to another origin")
    return claim


def _text(answer: Mapping[str, object], name: str, *, default: str | None = None) -> str:
    value = answer.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise ClaimError(f"{name} is missing")
    return value


def _cards(answer: Mapping[str, object]) -> tuple[CardKind, ...]:
    """The acceptable kinds this agent knows; a newer server may name more."""
    named = answer.get("cards")
    known = tuple(kind for kind in CardKind if isinstance(named, list) and kind in named)
    if not known:
        raise ClaimError("cards names no kind this agent knows")
    return known


def _seconds(answer: Mapping[str, object]) -> float:
    seconds = answer.get("expires_in")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ClaimError("expires_in is missing")
    return float(seconds)
