"""One alert out of rules and facts (manual 2, 五(二) and (三); manual 3, 四(二)). Pure: no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language

from apps.core.roc import format_roc
from apps.identities.terms import IdentifierKind
from apps.travel.facts import Fact
from apps.travel.rules import Link, Rule, Rules
from apps.travel.terms import ONE_OF, Part, Slot


@dataclass(frozen=True, kw_only=True)
class Alert:
    """What the window says, from top to bottom.

    `found` is False when no rule fits; then `nothing` says so in the words for this service and kind
    of number. When a source did not answer there is `failed` instead, and nothing is said to be absent.
    """

    found: bool
    version: int
    status: str = ""
    labels: tuple[str, ...] = ()
    travel_heading: str = ""
    travel: str = ""
    nothing: str = ""
    prompt: str = ""
    links_words: str = ""
    links: tuple[Link, ...] = ()
    referrals: tuple[str, ...] = ()
    antiviral: str = ""
    footer: str = ""
    failed: bool = False
    missing: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many records are shown, for the access log."""
        shown = [self.status, *self.labels, self.travel, *self.referrals, self.antiviral]
        return sum(map(bool, shown))


def evaluate(
    rules: Rules, facts: Iterable[Fact], *, service: str, number_kind: str, on: date
) -> Alert:
    """The alert of this service for these facts on this day."""
    matches = _find_matches(rules, list(facts), service=service, on=on)
    lines = {part: _lines(part, matches.get(part, [])) for part in Part}
    found = any(lines.values())
    kind = number_kind or IdentifierKind.NATIONAL_ID

    def text(slot: Slot) -> str:
        return rules.text(slot, service=service, number_kind=kind)

    return Alert(
        found=found,
        version=rules.version,
        status="".join(lines[Part.STATUS]),
        labels=tuple(lines[Part.LABEL]),
        travel_heading=text(Slot.TRAVEL_HEADING) if lines[Part.TRAVEL] else "",
        travel="".join(lines[Part.TRAVEL]),
        nothing="" if found else text(Slot.NOTHING),
        prompt=text(Slot.PROMPT),
        links_words=text(Slot.LINKS),
        links=tuple(rules.links_of(service)),
        referrals=tuple(lines[Part.REFERRAL]),
        antiviral="".join(lines[Part.ANTIVIRAL]),
        footer=text(Slot.FOOTER if found else Slot.FOOTER_NOTHING),
    )


def fits(rule: Rule, fact: Fact, *, service: str, on: date) -> bool:
    """Whether this rule speaks of this fact on this day; the window includes its last day."""
    return (
        rule.fact == fact.kind
        and service in rule.services
        and rule.detail in ("", fact.detail)
        and rule.name in ("", fact.name)
        and (rule.least_level is None or (fact.level or 0) >= rule.least_level)
        and _in_time(rule, fact.day, on)
    )


def _in_time(rule: Rule, day: date | None, on: date) -> bool:
    if day is None:
        return rule.days is None and rule.not_before is None
    if day > on or (rule.not_before and day < rule.not_before):
        return False
    return rule.days is None or (on - day).days <= rule.days


Match = tuple[Rule, Fact]


def _find_matches(
    rules: Rules, facts: list[Fact], *, service: str, on: date
) -> dict[str, list[Match]]:
    """By part: what fits, the highest priority and then the latest day first."""
    found: dict[str, list[Match]] = {}
    for rule in rules.rules:
        for fact in facts:
            if fits(rule, fact, service=service, on=on):
                found.setdefault(rule.part, []).append((rule, fact))
    for matches in found.values():
        matches.sort(key=lambda match: match[1].day or date.min, reverse=True)
        matches.sort(key=lambda match: match[0].priority)
    return found


def _lines(part: Part, matches: list[Match]) -> list[str]:
    lines = list(dict.fromkeys(_say(rule, fact) for rule, fact in matches))
    return lines[:1] if part in ONE_OF else lines


def _say(rule: Rule, fact: Fact) -> str:
    """The rule's words. Plain replacement: an operator's text is no program."""
    name = fact.name_en if get_language() == "en" else fact.name
    day = format_roc(fact.day) if fact.day else ""
    return rule.words.replace("{date}", day).replace("{name}", name)
