"""A version of the alert as plain values, and how it becomes JSON and back."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Self

from django.db.models import Model
from django.utils.translation import get_language

from apps.travel.models import AlertLink, AlertRule, AlertText, RuleSet
from apps.travel.terms import Slot


@dataclass(frozen=True)
class Rule:
    fact: str
    part: str
    services: list[str]
    priority: int
    days: int | None
    not_before: date | None
    least_level: int | None
    detail: str
    name: str
    text: str
    text_en: str

    @classmethod
    def of_json(cls, values: dict[str, Any]) -> Self:
        day = values["not_before"]
        return cls(**values | {"not_before": date.fromisoformat(day) if day else None})

    @property
    def words(self) -> str:
        return self.text_en if get_language() == "en" else self.text


@dataclass(frozen=True)
class Text:
    service: str
    slot: str
    number_kind: str
    text: str
    text_en: str

    @property
    def words(self) -> str:
        return self.text_en if get_language() == "en" else self.text


@dataclass(frozen=True)
class Link:
    service: str
    position: int
    label: str
    label_en: str
    address: str

    @property
    def words(self) -> str:
        return self.label_en if get_language() == "en" else self.label


@dataclass(frozen=True)
class Rules:
    """Everything that one version says."""

    version: int
    rules: list[Rule]
    texts: list[Text]
    links: list[Link]

    def text(self, slot: Slot, *, service: str, number_kind: str = "") -> str:
        """The words of a place; those for this kind of number before those for any."""
        fitting = [
            each
            for each in self.texts
            if each.slot == slot
            and each.service == service
            and each.number_kind in ("", number_kind)
        ]
        return max(fitting, key=lambda each: each.number_kind).words if fitting else ""

    def links_of(self, service: str) -> list[Link]:
        return [each for each in self.links if each.service == service]


def read_rules(rules: RuleSet) -> Rules:
    """A published version, out of its row."""
    content = rules.content
    return Rules(
        version=rules.version,
        rules=[Rule.of_json(each) for each in content.get("rules", [])],
        texts=[Text(**each) for each in content.get("texts", [])],
        links=[Link(**each) for each in content.get("links", [])],
    )


def compile_rules(rules: RuleSet) -> Rules:
    """A draft, out of the rows of its parts. Three statements."""
    return Rules(
        version=rules.version,
        rules=_plain(Rule, AlertRule.objects.filter(rules=rules)),
        texts=_plain(Text, AlertText.objects.filter(rules=rules)),
        links=_plain(Link, AlertLink.objects.filter(rules=rules)),
    )


def as_content(rules: Rules) -> dict[str, Any]:
    """What RuleSet.content holds."""
    values = asdict(rules)
    del values["version"]
    for each in values["rules"]:
        each["not_before"] = each["not_before"].isoformat() if each["not_before"] else None
    return values


def _plain(kind: Any, rows: Iterable[Model]) -> list[Any]:
    names = [field.name for field in fields(kind)]
    return [kind(**{name: getattr(row, name) for name in names}) for row in rows]
