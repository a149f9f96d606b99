"""Four eyes over rules and texts: one operator drafts a change, another publishes it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Field, Model
from django.utils.translation import gettext_lazy as _

from apps.access.models import Proposal
from apps.access.services.unified import OwnDraft
from apps.access.terms import ProposalDeed, ProposalState
from apps.audit.actors import Actor
from apps.audit.changes import remove_record, save_record
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import Denied, Invalid, NotFound, Refusal


class WaitsAlready(Refusal):
    code = "ACC-WAITS"
    message = _("A change of this record waits to be published already.")
    way_on = _("Please have it published or withdraw it first.")


class ChangedSince(Refusal):
    code = "ACC-SINCE"
    message = _(
        "The record was changed or removed since this was drafted, so it cannot be published."
    )
    way_on = _("Please withdraw it and draft the change anew.")


def propose_change(*, record: Model, by: Actor) -> Proposal | None:
    """Keeps what a validated, unsaved record is to be; None when nothing is different.

    Raises WaitsAlready.
    """
    stored = _stored(record)
    if stored is None:
        return _keep(ProposalDeed.ADD, record, {}, column_values(record), by=by)
    now, then = column_values(stored), column_values(record)
    changed = [name for name in then if then[name] != now[name]]
    if not changed:
        return None
    return _keep(
        ProposalDeed.CHANGE,
        stored,
        {name: now[name] for name in changed},
        {name: then[name] for name in changed},
        by=by,
    )


def propose_removal(*, record: Model, by: Actor) -> Proposal:
    """Keeps that a record is to be removed. Raises WaitsAlready."""
    return _keep(ProposalDeed.REMOVE, record, column_values(record), {}, by=by)


def publish_change(*, proposal: UUID, by: Actor) -> None:
    """Makes it true, as a whole.

    Raises OwnDraft for whoever drafted it, NotFound when it waits no more, ChangedSince, and Invalid
    when the record would no longer be valid.
    """
    with transaction.atomic():
        held = _hold(proposal)
        if held.made_by_id == by.person:
            raise OwnDraft(reason="maker_is_checker")
        record = _as_proposed(held)
        if held.deed == ProposalDeed.REMOVE:
            remove_record(record=record, by=by)
        else:
            save_record(record=record, by=by)
        Proposal.objects.filter(pk=held.pk).update(
            state=ProposalState.PUBLISHED, published_by_id=by.person, published_at=clock.now()
        )
        record_change(_about(Action.PUBLISH_CHANGE, held, by=by))


def publish_at_once(*, record: Model, by: Actor) -> Proposal:
    """A new record that cannot wait: it holds now, and stands in the review list until another operator
    confirms it or somebody withdraws it.

    Only for kinds of records whose model says `may_be_urgent`; what may be urgent about them, their
    own service says. Raises Denied, and Invalid for a record that is not valid or not new.
    """
    if not getattr(record, "may_be_urgent", False):
        raise Denied(reason="not_for_this_kind_of_record")
    with transaction.atomic():
        if _stored(record) is not None:
            raise Invalid(reason="urgent_change_of_what_is_there")
        _validate(record)
        made = _keep(
            ProposalDeed.ADD,
            record,
            {},
            column_values(record),
            state=ProposalState.URGENT,
            by=by,
        )
        save_record(record=record, by=by)
    return made


def confirm_change(*, proposal: UUID, by: Actor) -> None:
    """The second pair of eyes on what holds already. Raises OwnDraft, and NotFound when it waits no more."""
    with transaction.atomic():
        held = _hold(proposal, ProposalState.URGENT)
        if held.made_by_id == by.person:
            raise OwnDraft(reason="maker_is_checker")
        Proposal.objects.filter(pk=held.pk).update(
            state=ProposalState.PUBLISHED, published_by_id=by.person, published_at=clock.now()
        )
        record_change(_about(Action.CONFIRM_CHANGE, held, by=by))


def take_back_change(*, proposal: UUID, by: Actor) -> None:
    """Removes what was published at once and is not confirmed; also whoever made it may. Raises NotFound."""
    with transaction.atomic():
        held = _hold(proposal, ProposalState.URGENT)
        stored = model_of(held)._base_manager.filter(pk=held.object_id).first()
        if stored is not None:
            remove_record(record=stored, by=by)
        Proposal.objects.filter(pk=held.pk).update(state=ProposalState.WITHDRAWN)
        record_change(_about(Action.WITHDRAW_CHANGE, held, by=by))


def withdraw_change(*, proposal: UUID, by: Actor) -> None:
    """Takes a draft back; also the one who drafted it may. Raises NotFound."""
    with transaction.atomic():
        held = _hold(proposal)
        Proposal.objects.filter(pk=held.pk).update(state=ProposalState.WITHDRAWN)
        record_change(_about(Action.WITHDRAW_CHANGE, held, by=by))


def model_of(proposal: Proposal) -> type[Model]:
    found: type[Model] = apps.get_model(proposal.subject)
    return found


def columns_of(model: type[Model]) -> "list[Field[Any, Any]]":
    """What a change may be about: not the key, nor what the program writes there (`editable=False`).

    A job that moves its own mark meanwhile overtakes nobody, and no draft puts the mark back.
    """
    return [
        field
        for field in model._meta.concrete_fields
        if field.editable and not field.primary_key and not getattr(field, "auto_now", False)
    ]


def column_values(record: Model) -> dict[str, Any]:
    """By column, as they will come back from JSON: dates and ids are text there."""
    return {field.attname: _plain(field, record) for field in columns_of(type(record))}


def set_values(record: Model, values: dict[str, Any]) -> Model:
    """The record with these columns, unsaved."""
    for field in columns_of(type(record)):
        if field.attname in values:
            setattr(record, field.attname, field.to_python(values[field.attname]))
    return record


def _plain(field: "Field[Any, Any]", record: Model) -> Any:
    value = getattr(record, field.attname)
    if value is None or isinstance(value, bool | int | str | list):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()  # typed in Taiwan or read from the table: the same
    return field.value_to_string(record)


def _stored(record: Model) -> Model | None:
    return type(record)._base_manager.filter(pk=record.pk).first()


def _keep(
    deed: ProposalDeed,
    record: Model,
    before: dict[str, Any],
    values: dict[str, Any],
    *,
    state: ProposalState = ProposalState.DRAFT,
    by: Actor,
) -> Proposal:
    try:
        with transaction.atomic():
            made = Proposal.objects.create(
                subject=record._meta.label_lower,
                object_id=str(record.pk),
                name=str(record)[:200],
                deed=deed,
                before=before,
                values=values,
                state=state,
                made_by_id=by.a_person,
            )
            record_change(_about(_KEPT[state], made, by=by))
    except IntegrityError as error:  # one_waiting_proposal_per_record
        raise WaitsAlready from error
    return made


_KEPT = {
    ProposalState.DRAFT: Action.DRAFT_CHANGE,
    ProposalState.URGENT: Action.PUBLISH_AT_ONCE,
}


def _hold(proposal: UUID, state: ProposalState = ProposalState.DRAFT) -> Proposal:
    held = Proposal.objects.select_for_update().filter(pk=proposal, state=state).first()
    if held is None:
        raise NotFound(_("This draft is no longer waiting."), code="ACC-STATE")
    return held


def _as_proposed(held: Proposal) -> Model:
    """The record of the table with the proposed values; what was drafted over must still be so."""
    model = model_of(held)
    stored = model._base_manager.select_for_update().filter(pk=held.object_id).first()
    if held.deed == ProposalDeed.ADD:
        record = set_values(stored or model(pk=held.object_id), held.values)
    elif stored is None:
        raise ChangedSince(reason="record_gone")
    else:
        now = column_values(stored)
        if any(now.get(name) != value for name, value in held.before.items()):
            raise ChangedSince(reason="record_changed")
        record = set_values(stored, held.values)
    if held.deed != ProposalDeed.REMOVE:
        _validate(record)
    return record


def _validate(record: Model) -> None:
    try:
        record.full_clean()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), code="ACC-SINCE") from error


def _about(action: Action, proposal: Proposal, *, by: Actor) -> dict[str, object]:
    names = sorted({*proposal.before, *proposal.values})
    return event(
        action,
        by=by,
        object_type=proposal.subject,
        object_id=proposal.object_id,
        detail={"state": proposal.deed, "fields": ",".join(names)},
    )
