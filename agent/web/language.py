"""The two languages of the agent's pages: Traditional Chinese first, English by a switch."""

import gettext
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request

CHINESE = "zh-hant"
ENGLISH = "en"
LANGUAGES = (CHINESE, ENGLISH)
HTML_LANG = {CHINESE: "zh-Hant", ENGLISH: "en"}
COOKIE = "ankang_agent_language"
CATALOGUE = Path(__file__).resolve().parent.parent / "locale" / "zh_Hant" / "LC_MESSAGES"


def gettext_noop(message: str) -> str:
    """Mark a source string for the catalogue; it is translated where it is shown."""
    return message


def language_of(request: Request) -> str:
    """The person's choice in this browser; else the transaction's language; else Chinese."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    wanted = getattr(request.state, "language", CHINESE)
    return wanted if wanted in LANGUAGES else CHINESE


@lru_cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; the English source strings where there is none."""
    compiled = CATALOGUE / "agent.mo"
    if language != CHINESE or not compiled.exists():
        return gettext.NullTranslations()
    with compiled.open("rb") as file:
        return gettext.GNUTranslations(file)
