"""What a version would say about a made-up person."""

from dataclasses import dataclass
from typing import Any

from apps.travel.alerts import Alert, evaluate
from apps.travel.facts import Fact
from apps.travel.models import RuleSet
from apps.travel.rules import Rules, compile_rules, read_rules
from apps.travel.services import rules_in_force
from apps.travel.terms import FactKind, RulesState


@dataclass(frozen=True)
class Preview:
    """The alert of this version beside the one that is shown at present."""

    then: Alert
    now: Alert


def preview_alert(rules: RuleSet, person: dict[str, Any]) -> Preview:
    """`person` is the cleaned data of PreviewForm."""
    version = compile_rules(rules) if rules.state == RulesState.DRAFT else read_rules(rules)
    return Preview(_evaluate(version, person), _evaluate(rules_in_force(person["on"]), person))


def _evaluate(rules: Rules, person: dict[str, Any]) -> Alert:
    return evaluate(
        rules,
        facts_of(person),
        service=person["service"],
        number_kind=person["number_kind"],
        on=person["on"],
    )


def facts_of(person: dict[str, Any]) -> list[Fact]:
    """The facts that were filled in."""
    country, place, name = person["country"], person["place"], person["label"]
    possible = [
        (person["contact_on"], Fact(kind=FactKind.CONTACT, day=person["contact_on"])),
        (
            person["moved_on"],
            Fact(
                kind=FactKind.TRAVEL,
                day=person["moved_on"],
                name=country,
                name_en=country,
                detail=person["direction"],
                level=person["level"],
            ),
        ),
        (
            person["released_on"],
            Fact(kind=FactKind.RELEASE, day=person["released_on"], detail=person["release_kind"]),
        ),
        (
            person["list_name"],
            Fact(kind=FactKind.LISTED, day=person["listed_on"], name=person["list_name"]),
        ),
        (
            name,
            Fact(kind=FactKind.LABEL, name=name, name_en=name, detail=person["label_kind"]),
        ),
        (
            person["referred_on"],
            Fact(kind=FactKind.REFERRAL, day=person["referred_on"], name=place, name_en=place),
        ),
        (person["antiviral_on"], Fact(kind=FactKind.ANTIVIRAL, day=person["antiviral_on"])),
    ]
    return [fact for given, fact in possible if given]
