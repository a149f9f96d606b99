"""From a card's certificate to the kind of card: a list of rules, kept as data.

A rule is `{"issuer", "kind"}`, optionally with `"subject_serial"`; the first two are regular
expressions, searched in the issuer's names (O, OU and CN) and matched with the whole serialNumber of
the subject. The first rule that fits decides. A workstation may have rules of its own, which come
first, in `issuers.json` of the agent's home. What servers accept is their own affair: they check the
chain against a trust store per kind, so a wrong rule here opens nothing.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.x509 import Certificate, Name, ObjectIdentifier
from cryptography.x509.oid import NameOID

from agent.cards.kinds import CardKind

RULES_FILE = "issuers.json"
OWN_RULES = Path(__file__).with_name(RULES_FILE)
ISSUER_NAMES = (
    NameOID.ORGANIZATION_NAME,
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.COMMON_NAME,
)


class CardRulesError(Exception):
    """A file of rules cannot be used."""


@dataclass(frozen=True)
class Rule:
    issuer: re.Pattern[str]
    subject_serial: re.Pattern[str]
    kind: CardKind

    def fits(self, certificate: Certificate) -> bool:
        try:
            issuer = " ".join(_values(certificate.issuer, *ISSUER_NAMES))
            serial = "".join(_values(certificate.subject, NameOID.SERIAL_NUMBER))
        except ValueError:  # a name in no characters is no issuer's that we know
            return False
        return bool(self.issuer.search(issuer) and self.subject_serial.fullmatch(serial))


class CardKinds:
    """The rules of one workstation."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules

    def of(self, certificate: Certificate) -> CardKind | None:
        return next((rule.kind for rule in self._rules if rule.fits(certificate)), None)


def read_card_kinds(home: Path) -> CardKinds:
    """The rules of `home`, then the agent's own. Raises CardRulesError."""
    files = [home / RULES_FILE, OWN_RULES]
    return CardKinds([rule for path in files if path.exists() for rule in _read(path)])


def _read(path: Path) -> list[Rule]:
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
        return [
            Rule(
                re.compile(rule["issuer"]),
                re.compile(rule.get("subject_serial", ".*"), re.DOTALL),
                CardKind(rule["kind"]),
            )
            for rule in listed
        ]
    except (ValueError, KeyError, TypeError, AttributeError, re.error) as error:
        raise CardRulesError(f"{path} holds no rules for cards: {error}") from error


def _values(name: Name, *oids: ObjectIdentifier) -> list[str]:
    return [str(found.value) for oid in oids for found in name.get_attributes_for_oid(oid)]
