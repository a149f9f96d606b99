"""Keeps the translation catalogues level with the source, without GNU gettext (`make messages`).

Messages come out of Python (Babel), the server's Django templates (Django's own `templatize`) and the
agent's Jinja2 templates (Jinja2's extractor). Files are sorted and carry no line numbers or dates, so that
a change of code changes no line of a catalogue but its own.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize
from jinja2.ext import babel_extract

PROJECT = Path(__file__).resolve().parent.parent
LOCALE = "zh_Hant"

# A message as the sources use it: its context, its singular, and its plural where it has one.
Key = tuple[str | None, str, str | None]

Spec = tuple[int | tuple[int, str], ...] | None
_CONTEXT: tuple[int, str] = (1, "c")
_FUNCTIONS: dict[str, Spec] = {
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": (_CONTEXT, 2),
    "npgettext": (_CONTEXT, 2, 3),
}
KEYWORDS: dict[str, Spec] = {
    "_": None,
    "N_": None,
    "gettext_noop": None,
    **_FUNCTIONS,
    **{f"{name}_lazy": spec for name, spec in _FUNCTIONS.items()},
}

# What `templatize` makes of a Django template: calls of these functions with plain literals.
_LITERAL = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_CALL = re.compile(
    rf"\b(_|n?p?gettext)\(\s*({_LITERAL}(?:\s*,\s*{_LITERAL})*)\s*(?:,\s*count\s*)?\)", re.DOTALL
)


@dataclass(frozen=True)
class Domain:
    """One catalogue and the sources that it translates, below `project`."""

    name: str
    catalogue: str
    python: tuple[str, ...] = ()
    django: tuple[str, ...] = ()
    jinja: tuple[str, ...] = ()


DOMAINS = (
    Domain(
        name="django",
        catalogue=f"locale/{LOCALE}/LC_MESSAGES/django.po",
        python=("apps/**/*.py", "config/*.py"),
        django=("templates/**/*.html", "templates/**/*.txt", "apps/*/templates/**/*.html"),
    ),
    Domain(
        name="agent",
        catalogue=f"agent/locale/{LOCALE}/LC_MESSAGES/agent.po",
        python=("agent/**/*.py",),
        jinja=("agent/templates/**/*.html",),
    ),
)


def extracted(domain: Domain, project: Path = PROJECT) -> set[Key]:
    """Every message that the sources of `domain` use."""
    found: set[Key] = set()
    for path in _files(project, domain.python):
        found |= set(_from_babel("python", path))
    for path in _files(project, domain.jinja):
        found |= set(_from_babel(babel_extract, path))
    for path in _files(project, domain.django):
        found |= set(_from_django(path))
    return found


def _files(project: Path, patterns: tuple[str, ...]) -> list[Path]:
    return sorted({path for pattern in patterns for path in project.glob(pattern)})


def _from_babel(method: object, path: Path) -> Iterator[Key]:
    with path.open("rb") as file:
        # Jinja2's extractor passes over a template that it cannot parse unless told not to.
        options = {"silent": "false", "encoding": "utf-8"}
        for _line, message, _comments, context in extract(method, file, KEYWORDS, (), options):  # type: ignore[arg-type]
            singular, plural = message if isinstance(message, tuple) else (message, None)
            yield context, singular, plural


def _from_django(path: Path) -> Iterator[Key]:
    for function, literals in _CALL.findall(templatize(path.read_text(), origin=str(path))):
        words = [ast.literal_eval(word) for word in re.findall(_LITERAL, literals, re.DOTALL)]
        context = words.pop(0) if "pgettext" in function else None
        yield context, words[0], words[1] if len(words) > 1 else None


def read_catalogue(domain: Domain, project: Path = PROJECT) -> Catalog:
    """The catalogue of `domain` as it lies on disk; an empty one when there is none."""
    path = project / domain.catalogue
    if not path.exists():
        return Catalog(locale=LOCALE, domain=domain.name)
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE, domain=domain.name)


def merged(used: set[Key], old: Catalog) -> Catalog:
    """A catalogue of `used` with the translations of `old`; what is no longer used is kept as obsolete."""
    known: dict[Key, Message] = {_key(message): message for message in old if message.id}
    resting = {_key(message): message for message in old.obsolete.values()}
    new = Catalog(locale=LOCALE, domain=old.domain, project="Ankang", fuzzy=False)
    for context, singular, plural in sorted(
        used, key=lambda key: (key[1], key[0] or "", key[2] or "")
    ):
        before = known.get((context, singular, plural)) or resting.get((context, singular, plural))
        new.add(
            (singular, plural) if plural is not None else singular,
            before.string if before else None,
            context=context,
            flags=before.flags & {"fuzzy"} if before else (),
            user_comments=before.user_comments if before else (),
        )
    for key, message in sorted((known | resting).items(), key=lambda item: str(item[0])):
        if key not in used and any(translations(message)):
            new.obsolete[new._key_for(message.id, message.context)] = message
    return new


def _key(message: Message) -> Key:
    singular, plural = message.id if isinstance(message.id, tuple | list) else (message.id, None)
    return message.context, singular, plural


def keys(catalogue: Catalog) -> set[Key]:
    """The messages of a catalogue, obsolete ones aside."""
    return {_key(message) for message in catalogue if message.id}


def translations(message: Message) -> list[str]:
    """The translations of a message: one, or one for each plural form."""
    string = message.string
    return list(string) if isinstance(string, tuple | list) else [string or ""]


def write_catalogue(domain: Domain, catalogue: Catalog, project: Path = PROJECT) -> None:
    """Write the .po file, sorted, with a header that does not change by itself."""
    fixed = datetime(2026, 1, 1, tzinfo=UTC)
    catalogue.creation_date = catalogue.revision_date = fixed
    catalogue.header_comment = "# Translations of Ankang; kept level by `make messages`."
    catalogue.last_translator, catalogue.language_team = "Ankang", "Ankang"
    path = project / domain.catalogue
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=0, no_location=True, sort_output=True, include_lineno=False)


def missing(domain: Domain, project: Path = PROJECT) -> list[str]:
    """Messages of the sources that have no finished translation in the catalogue."""
    done = {
        _key(message)
        for message in read_catalogue(domain, project)
        if message.id and not message.fuzzy and all(translations(message))
    }
    return sorted(singular for context, singular, plural in extracted(domain, project) - done)


def main() -> int:
    """Update every catalogue and tell what is left to translate."""
    for domain in DOMAINS:
        used = extracted(domain)
        write_catalogue(domain, merged(used, read_catalogue(domain)))
        left = missing(domain)
        print(f"{domain.catalogue}: {len(used)} messages, {len(left)} to translate")
        for message in left:
            print(f"  {message}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
