"""A drafted change in words: what each column says now and what it is to say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import DurationField, Field, ForeignKey, Model
from django.utils.dateparse import parse_date, parse_datetime, parse_duration
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from apps.access.models import Proposal
from apps.access.services.proposals import columns_of, model_of, set_values
from apps.access.terms import ProposalDeed

NOTHING = "—"
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Line:
    """One column of the record."""

    name: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Effect:
    """Something that the change would do, as a number."""

    name: str
    label: str | Promise
    count: int | str


Preview = Callable[[Model, Model], list[Effect]]
_previews: dict[str, Preview] = {}
# Lists of codes whose words stand elsewhere: by `model.column`.
_words: dict[str, dict[str, Any]] = {}
# Columns whose meaning depends on the record: from its id to their labels.
Labels = Callable[[str], dict[str, str]]
_labels: dict[str, Labels] = {}
# What an empty list means where it does not mean "no restriction".
_empty: dict[str, dict[str, str | Promise]] = {}


def previews(
    subject: str,
    words: dict[str, Any] | None = None,
    empty: dict[str, str | Promise] | None = None,
    labels: Labels | None = None,
) -> Callable[[Preview], Preview]:
    """Registers what a change of a kind of record does, counted: `preview(before, after)`."""

    def register(preview: Preview) -> Preview:
        _previews[subject] = preview
        _words[subject] = words or {}
        _empty[subject] = empty or {}
        if labels is not None:
            _labels[subject] = labels
        return preview

    return register


def describe_lines(proposal: Proposal) -> list[Line]:
    """Every column that changes, in the order of the record."""
    named = _labels[proposal.subject](proposal.object_id) if proposal.subject in _labels else {}
    return [
        Line(
            field.attname,
            capfirst(named.get(field.name, str(field.verbose_name))),
            _in_words(field, proposal, proposal.before),
            _in_words(field, proposal, proposal.values),
        )
        for field in columns_of(model_of(proposal))
        if field.attname in proposal.before or field.attname in proposal.values
    ]


def _in_words(field: "Field[Any, Any]", proposal: Proposal, values: dict[str, Any]) -> str:
    value, subject = values.get(field.attname), proposal.subject
    if value == [] and (meaning := _empty.get(subject, {}).get(field.name)):
        return str(meaning)
    return in_words(field, value, _words.get(subject, {}).get(field.name))


def describe_effects(proposal: Proposal) -> list[Effect]:
    """What publishing would do now; nothing for texts, which speak for themselves."""
    preview = _previews.get(proposal.subject)
    if preview is None or proposal.deed != ProposalDeed.CHANGE:
        return []
    stored = model_of(proposal)._base_manager.filter(pk=proposal.object_id).first()
    again = model_of(proposal)._base_manager.filter(pk=proposal.object_id).first()
    if stored is None or again is None:
        return []
    return preview(stored, set_values(again, proposal.values))


def in_words(field: "Field[Any, Any]", value: Any, words: Any = None) -> str:
    """As an operator reads it: yes and no, labels instead of codes, dates as they are written."""
    if value in (None, "", []):
        return NOTHING if not isinstance(field, ArrayField) else str(_("no restriction"))
    if isinstance(value, bool):
        return pgettext("rule", "yes") if value else pgettext("rule", "no")
    if isinstance(value, list):
        named = (str(words(each).label) if words else str(each) for each in value)
        return pgettext("between the parts of a list", ", ").join(named)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, ForeignKey):
        found = field.related_model._base_manager.filter(pk=value).first()
        return str(found or value)
    if isinstance(value, str) and (said := _day(field, value) or _length(field, value)):
        return said
    return str(value)


def _length(field: "Field[Any, Any]", value: str) -> str:
    length = parse_duration(value) if isinstance(field, DurationField) else None
    return "" if length is None else str(_("%(hours)s hours") % {"hours": f"{length / HOUR:g}"})


def _day(field: "Field[Any, Any]", value: str) -> str:
    kind = field.get_internal_type()
    if kind == "DateField" and (day := parse_date(value)):
        return date_format(day)
    if kind == "DateTimeField" and (moment := parse_datetime(value)):
        return date_format(localtime(moment), "DATETIME_FORMAT")
    return ""
