"""Every failure that issue 3 lists, by its words: who says it, with which code, sentence and way on.

docs/reference/card-failures.md prints the same table in both languages; `write()` writes it anew.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from babel.messages.pofile import read_po
from django.utils import translation

from agent.cards.kinds import CardKind
from agent.web.wording import UNLOCK, WORDINGS
from config.environment import BASE_DIR
from tests.cards.test_refusals import ALL

PAGE = BASE_DIR / "docs" / "reference" / "card-failures.md"
AGENT, SERVER = "agent", "server"


class Failure(NamedTuple):
    """`told_by` says it first; a server's refusal at the claim or result is shown on the agent's page."""

    what: str
    told_by: str
    codes: tuple[str, ...]


FAILURES = (
    Failure("wrong PIN, with the tries left", AGENT, ("pin_wrong", "pin_wrong_uncounted")),
    Failure("last try", AGENT, ("pin_last_try",)),
    Failure("PIN locked, and where to get it unlocked", AGENT, ("pin_locked",)),
    Failure("PIN of the wrong length", AGENT, ("pin_length",)),
    Failure("card pulled at a step", AGENT, ("card_removed", "card_changed")),
    Failure("wrong kind of card", AGENT, ("card_kind_wrong",)),
    Failure("wrong kind of card, handed in all the same", SERVER, ("CARD-KIND",)),
    Failure("foreign card", AGENT, ("card_foreign",)),
    Failure("mute card", AGENT, ("card_mute",)),
    Failure("expired", SERVER, ("CARD-CERT-EXPIRED",)),
    Failure("not yet valid", SERVER, ("CARD-CERT-EARLY",)),
    Failure("revoked", SERVER, ("CARD-CERT-REVOKED",)),
    Failure("unknown issuer", SERVER, ("CARD-CERT-ISSUER",)),
    Failure("stale revocation list", SERVER, ("CARD-CRL-STALE",)),
    Failure("test card against a production server", SERVER, ("CARD-DEMO",)),
    Failure("NHI card at an unenrolled workstation", SERVER, ("CARD-NOT-ENROLLED",)),
    Failure("workstation revoked", SERVER, ("WS-REVOKED",)),
    Failure("workstation of another institution", SERVER, ("CARD-WORKSTATION",)),
    Failure("person without membership here", SERVER, ("LOGIN-NOT-HERE",)),
    Failure("membership ended", SERVER, ("LOGIN-ENDED",)),
    Failure("card of another person at step-up", SERVER, ("CARD-OTHER-PERSON",)),
    Failure("agent too old", SERVER, ("AGENT-OLD", "ACC-AGENT")),
    Failure("agent busy", AGENT, ("agent_busy", "reader_busy")),
    Failure("no reader", AGENT, ("reader_missing", "reader_gone", "service_stopped")),
    Failure("server unreachable", AGENT, ("server_unreachable", "server_untrusted", "server_date")),
    Failure("transaction expired", AGENT, ("transaction_expired", "transaction_superseded")),
    Failure("transaction expired, told by the server", SERVER, ("CARD-EXPIRED",)),
    Failure("finished in another browser", SERVER, ("CARD-OTHER-BROWSER",)),
    # Beside the list.
    Failure("card reported lost", SERVER, ("CARD-BLOCKED",)),
    Failure("card left the reader of a service that wants it to stay", SERVER, ("ACC-CARD",)),
    Failure("proof too old for the service", SERVER, ("ACC-PROOF",)),
    Failure("remote-desktop session", AGENT, ("remote_session_off",)),
)
# The one failure that neither can say as a refusal: the browser found nobody there. The page that
# started it shows a list of what to do (templates/cards/agent_missing.html).
MISSING = Failure("agent not running", SERVER, ("AGENT-MISSING",))

SERVERS = {refusal.code: refusal for refusal in ALL}
with (BASE_DIR / "agent/locale/zh_Hant/LC_MESSAGES/agent.po").open("rb") as _file:
    CATALOGUE = read_po(_file, locale="zh_Hant")


def of_agent(text: str, language: str) -> str:
    if language == "en":
        return text
    message = CATALOGUE.get(text)
    return str(message.string) if message else ""


def said(told_by: str, code: str, language: str) -> tuple[str, str]:
    """The sentence and the way on, as a person reads them."""
    if told_by == AGENT:
        wording = WORDINGS[code]
        way = wording.way or UNLOCK[CardKind.HPC]  # pin_locked: by the kind of card
        colon = ": " if language == "en" else "："
        sentence = of_agent(wording.title, language) + colon + of_agent(wording.text, language)
        return sentence, of_agent(way, language)
    with translation.override(language):
        if code == "AGENT-MISSING":
            return translation.gettext("The card component did not answer"), translation.gettext(
                "Start the card component (Ankang agent) on this computer and wait a few seconds."
            )
        return str(SERVERS[code].message), str(SERVERS[code].way_on)


def rows() -> Iterator[tuple[Failure, str]]:
    for failure in (*FAILURES, MISSING):
        for code in failure.codes:
            yield failure, code


ROWS = [pytest.param(failure, code, id=code) for failure, code in rows()]


@pytest.mark.parametrize(("failure", "code"), ROWS)
def test_has_a_sentence_and_a_way_on_of_its_own_in_both_languages(failure, code) -> None:
    for position in (0, 1):
        english = said(failure.told_by, code, "en")[position]
        chinese = said(failure.told_by, code, "zh-hant")[position]
        assert english.strip(": ")
        assert chinese.strip("： ") not in {"", english}
    everybody = [said(each.told_by, other, "en")[0] for each, other in rows()]
    assert everybody.count(said(failure.told_by, code, "en")[0]) == 1


def test_no_code_stands_for_two_failures() -> None:
    codes = [code for _failure, code in rows()]
    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("kind", [kind for kind in CardKind if kind.has_pin])
def test_a_locked_card_of_each_kind_says_who_unlocks_it(kind) -> None:
    assert of_agent(UNLOCK[kind], "zh-hant") not in {"", UNLOCK[kind]}


@pytest.mark.parametrize(
    ("failure", "code"),
    [each for each in ROWS if each.values[0].told_by == SERVER],  # type: ignore[attr-defined]
)
def test_what_the_server_says_can_be_looked_up(failure, code) -> None:
    assert f'"code": "{code}"' in (BASE_DIR / "apps/portal/data/refusal_codes.json").read_text()


def test_the_page_says_the_same() -> None:
    assert Path(PAGE).read_text(encoding="utf-8") == page()


def page() -> str:
    lines = [
        "# What can go wrong with a card",
        "",
        "Each failure has its own code, sentence and way on. `agent`: said on the agent's page;",
        "`server`: refused by the server, and shown by whichever page the person is on.",
        "Written and tested by `tests/cards/test_failures.py`.",
        "",
        "| failure | told by | code | 訊息 | 下一步 | sentence | way on |",
        "|---|---|---|---|---|---|---|",
    ]
    for failure, code in rows():
        cells = [*said(failure.told_by, code, "zh-hant"), *said(failure.told_by, code, "en")]
        texts = " | ".join(cells)
        lines.append(f"| {failure.what} | {failure.told_by} | `{code}` | {texts} |")
    return "\n".join(lines).replace("%(tries)s", "…") + "\n"


def write() -> None:
    """For `manage.py shell -c "from tests.cards.test_failures import write; write()"`."""
    PAGE.write_text(page(), encoding="utf-8")
