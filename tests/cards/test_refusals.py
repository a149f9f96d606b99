"""Every refusal around cards has a code, a sentence and a way on of its own, in both languages."""

import json
from collections.abc import Iterator

import pytest
from django.utils import translation

from apps.access import guards
from apps.accounts import passwords
from apps.accounts import services as accounts
from apps.cards import certificates, proofs, readings, refusals
from apps.core.errors import Refusal
from apps.workstations import modules
from apps.workstations import proofs as workstation_proofs
from config.environment import BASE_DIR

MODULES = (
    refusals,
    certificates,
    proofs,
    readings,
    modules,
    workstation_proofs,
    passwords,
    accounts,
    guards,
)
# Issue 3's list, as far as the server says it; PIN and reader faults are the agent's to say.
REQUIRED = {
    "AGENT-OLD",
    "CARD-BLOCKED",
    "CARD-CERT-EARLY",
    "CARD-CERT-EXPIRED",
    "CARD-CERT-ISSUER",
    "CARD-CERT-REVOKED",
    "CARD-CRL-STALE",
    "CARD-DEMO",
    "CARD-EXPIRED",
    "CARD-KIND",
    "CARD-NOT-ENROLLED",
    "CARD-OTHER-BROWSER",
    "CARD-OTHER-PERSON",
    "CARD-WORKSTATION",
    "LOGIN-ENDED",
    "LOGIN-NOT-HERE",
    "NHI-CANCELLED",
    "WS-REVOKED",
}


def own_refusals() -> Iterator[type[Refusal]]:
    for module in MODULES:
        for value in vars(module).values():
            mine = isinstance(value, type) and issubclass(value, Refusal)
            if mine and value.__module__ == module.__name__:
                yield value


ALL = list(own_refusals())
EXPLAINED = {
    row["code"]
    for row in json.loads((BASE_DIR / "apps/portal/data/refusal_codes.json").read_text())
}
each = pytest.mark.parametrize("refusal", ALL, ids=lambda refusal: refusal.__name__)


def in_language(language: str, text: object) -> str:
    with translation.override(language):
        return str(text)


def test_what_the_issue_lists_is_there() -> None:
    assert {refusal.code for refusal in ALL} >= REQUIRED


def test_no_two_share_a_code() -> None:
    codes = [refusal.code for refusal in ALL]
    assert sorted(codes) == sorted(set(codes))


@each
def test_says_what_is_wrong_and_what_to_do_in_both_languages(refusal) -> None:
    for text in (refusal.message, refusal.way_on):
        english, chinese = in_language("en", text), in_language("zh-hant", text)
        assert english
        assert chinese not in {"", english}


@each
def test_the_help_desk_can_look_its_code_up(refusal) -> None:
    assert refusal.code in EXPLAINED


def test_no_two_say_the_same() -> None:
    sentences = [in_language("zh-hant", refusal.message) for refusal in ALL]
    assert len(set(sentences)) == len(sentences)
