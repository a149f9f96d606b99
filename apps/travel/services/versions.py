"""Versions of the alert: drafted as a copy, edited, published by a second operator, withdrawn."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Model
from django.utils.translation import gettext_lazy as _

from apps.audit.actors import Actor
from apps.audit.changes import remove_record, save_record
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import Denied, Invalid, NotFound, Refusal
from apps.travel.models import AlertLink, AlertRule, AlertText, RuleChange, RuleSet
from apps.travel.rules import as_content, compile_rules
from apps.travel.terms import RulesState

Part = AlertRule | AlertText | AlertLink
PARTS: tuple[type[Part], ...] = (AlertRule, AlertText, AlertLink)
UNTOLD = {"id", "rules"}  # of a part: what is no wording and no rule


class OwnRules(Denied):
    code = "TCH-FOUR-EYES"
    message = _("A second operator must publish what you drafted or changed.")
    way_on = _("Please ask a colleague to look at the preview and to publish.")


class RulesFixed(Refusal):
    code = "TCH-FIXED"
    message = _("This version is not a draft; it can no longer be changed or published.")
    way_on = _("Please draft a new version from it.")


class LastRules(Refusal):
    code = "TCH-LAST"
    message = _("Without this version none would be in force, and nobody could query.")
    way_on = _("Please publish another version first.")


def draft_rules(*, rules: UUID, note: str, by: Actor) -> RuleSet:
    """A new version that says what `rules` says, to be edited. Raises NotFound.

    A draft from an older version is the way back to it.
    """
    with transaction.atomic():
        source = _hold(rules)
        latest: int = RuleSet.objects.aggregate(latest=Max("version"))["latest"]
        draft = RuleSet.objects.create(version=latest + 1, note=note.strip(), made_by_id=by.person)
        for kind in PARTS:
            kind.objects.bulk_create(
                _copy(part, draft) for part in kind.objects.filter(rules=source)
            )
        record_change(
            _about(Action.DRAFT_RULES, draft, note=f"from version {source.version}", by=by)
        )
    return draft


def publish_rules(*, rules: UUID, by: Actor) -> None:
    """Puts a draft in force from its first day on. Raises NotFound, RulesFixed and OwnRules."""
    with transaction.atomic():
        held = _hold(rules)
        if held.state != RulesState.DRAFT:
            raise RulesFixed(reason="rules_not_a_draft")
        changed_by = RuleChange.objects.filter(rules=held).values_list("changed_by", flat=True)
        if by.person in {held.made_by_id, *changed_by}:
            raise OwnRules(reason="own_rules")
        held.state, held.published_at = RulesState.PUBLISHED, clock.now()
        held.published_by_id, held.content = by.person, as_content(compile_rules(held))
        held.save(update_fields=["state", "published_at", "published_by", "content"])
        record_change(_about(Action.PUBLISH_RULES, held, by=by))


def withdraw_rules(*, rules: UUID, reason: str, by: Actor) -> None:
    """Takes a version back, at once; the one before it counts again, and a draft is dropped.

    Raises NotFound, Invalid without a reason, and LastRules.
    """
    if not reason.strip():
        raise Invalid(_("Please give a reason."), code="TCH-REASON")
    with transaction.atomic():
        held = _hold(rules)
        others = RuleSet.objects.in_force(clock.today()).exclude(pk=rules)
        if held.state == RulesState.PUBLISHED and not others.exists():
            raise LastRules(reason="last_rules_in_force")
        RuleSet.objects.filter(pk=rules).update(state=RulesState.WITHDRAWN)
        record_change(_about(Action.WITHDRAW_RULES, held, note=reason.strip(), by=by))


def save_part(*, part: Part | RuleSet, by: Actor) -> None:
    """Stores a part of a draft, with its event and who changed what from what to what.

    Raises RulesFixed.
    """
    with transaction.atomic():
        rules = _hold_draft(part)
        stored = type(part)._base_manager.filter(pk=part.pk).first()
        save_record(record=part, by=by)
        _keep_history(rules, part, _values(stored), _values(part), by=by)


def remove_part(*, part: Part, by: Actor) -> None:
    """Takes a part out of a draft, with its event and history. Raises RulesFixed."""
    with transaction.atomic():
        rules = _hold_draft(part)
        _keep_history(rules, part, _values(part), {}, by=by)
        remove_record(record=part, by=by)


def _keep_history(
    rules: RuleSet, part: Model, old: dict[str, str], new: dict[str, str], *, by: Actor
) -> None:
    name = f"{part._meta.verbose_name} {part}"[:120]
    RuleChange.objects.bulk_create(
        RuleChange(
            rules=rules,
            part=name,
            field=field,
            old=old.get(field, ""),
            new=new.get(field, ""),
            changed_by_id=by.a_person,
        )
        for field in old.keys() | new.keys()
        if old.get(field, "") != new.get(field, "")
    )


def _values(part: Model | None) -> dict[str, str]:
    if part is None:
        return {}
    return {
        field.name: "" if (value := getattr(part, field.attname)) is None else str(value)
        for field in part._meta.concrete_fields
        if field.editable and field.name not in UNTOLD
    }


def _copy(part: Any, draft: RuleSet) -> Any:
    values = {
        field.attname: getattr(part, field.attname)
        for field in part._meta.concrete_fields
        if field.name not in UNTOLD
    }
    return type(part)(rules=draft, **values)


def _hold(rules: UUID) -> RuleSet:
    """Locks the version; two operators at once do not decide over the same draft."""
    found = RuleSet.objects.select_for_update().filter(pk=rules).first()
    if found is None:
        raise NotFound(reason="no_such_rules")
    return found


def _hold_draft(part: Part | RuleSet) -> RuleSet:
    rules = _hold(part.pk if isinstance(part, RuleSet) else part.rules_id)
    if rules.state != RulesState.DRAFT:
        raise RulesFixed(reason="rules_not_a_draft")
    return rules


def _about(action: Action, rules: RuleSet, *, note: str = "", by: Actor) -> dict[str, Any]:
    return event(
        action,
        by=by,
        object_type="travel.ruleset",
        object_id=str(rules.pk),
        policy_version=str(rules.version),
        detail={"note": note} if note else {},
    )
