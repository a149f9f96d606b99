"""What changes about people, their cards and their sessions."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Credential, LostCard, Person, Session
from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind, CredentialState, SessionRole
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import Denied
from apps.identities.models import Identity


class CardBlocked(Denied):
    code = "CARD-BLOCKED"
    message = _("This card was reported lost and is blocked.")
    way_on = _("If you have found it again, please ask the help desk to release it.")


def find_holder(
    *, card_kind: CardKind, issuer: str, serial: str, issued_at: datetime | None, identity: UUID
) -> Person | None:
    """The person whom a validated certificate names, or None when nobody here is known by it.

    The certificate's own number comes first (a blocked card must not come back through the national
    ID); a first use is remembered. A card that was never seen here is the lost one, unless it was
    issued after the loss was reported. Raises CardBlocked.
    """
    credential = (
        Credential.objects.select_related("person").filter(issuer=issuer, serial=serial).first()
    )
    if credential is not None:
        if credential.state == CredentialState.BLOCKED:
            raise CardBlocked(reason="card_blocked")
        return credential.person
    person = Person.objects.filter(identity_id=identity).first()
    if person is not None:
        lost = LostCard.objects.open_for(person, [card_kind]).first()
        if lost and (issued_at is None or issued_at <= lost.reported_at):
            raise CardBlocked(reason="card_reported_lost")
        with transaction.atomic():
            Credential.objects.get_or_create(
                issuer=issuer, serial=serial, defaults={"person": person, "card_kind": card_kind}
            )
    return person


def service_account(*, institution: UUID, name: str) -> Person:
    """The one account that an institution's own cards log in to, made at their first use."""
    found = Person.objects.filter(institution_id=institution).first()
    if found is not None:
        return found
    with transaction.atomic():
        account, _created = Person.objects.get_or_create(
            institution_id=institution,
            defaults={"identity": Identity.objects.create(), "name": name, "is_service": True},
        )
    return account


def open_session(
    store: SessionStore,
    *,
    person: Person,
    role: SessionRole,
    institution: tuple[UUID, str, str] | None,
    workstation: UUID | None,
    card: dict[str, object],
) -> Session:
    """Opens the session of `person` under a new key.

    `institution` is (id, code, name); `card` holds card_kind, card_issuer, card_serial, profession,
    card_expires_at, card_proof_at, card_removed_at.
    """
    institution_id, code, name = institution or (None, "", "")
    return store.open(
        person=person,
        role=role,
        institution_id=institution_id,
        institution_code=code,
        institution_name=name,
        workstation_id=workstation,
        **card,
    )


def renew_session(store: SessionStore, *, card: dict[str, object]) -> None:
    """The same session under a new key, proved by `card` as in `open_session`."""
    store.renew(**card)


def block_credential(*, credential: Credential, by: Actor) -> int:
    """Blocks a lost card at once and ends every session opened with it; the number of these.

    Blocking again changes nothing.
    """
    with transaction.atomic():
        blocked = (
            Credential.objects.filter(pk=credential.pk)
            .exclude(state=CredentialState.BLOCKED)
            .update(state=CredentialState.BLOCKED, blocked_at=clock.now())
        )
        sessions = Session.objects.of_card(credential.issuer, credential.serial)
        ended, _by_model = sessions.delete()
        if blocked:
            record_change(_about(Action.BLOCK_CARD, credential, result_count=ended, by=by))
    return ended


def release_credential(*, credential: Credential, by: Actor) -> None:
    """A card that was found again counts again. Only operators do this."""
    with transaction.atomic():
        released = Credential.objects.filter(
            pk=credential.pk, state=CredentialState.BLOCKED
        ).update(state=CredentialState.ACTIVE, blocked_at=None)
        if released:
            record_change(_about(Action.RELEASE_CARD, credential, by=by))


def report_lost_cards(*, person: Person, card_kinds: Collection[CardKind], by: Actor) -> int:
    """Blocks a person's cards of these kinds, also those that never logged in here (FEATURES A13).

    What was issued until now is refused; a card issued later works. The number of sessions ended.
    """
    with transaction.atomic():
        known = Credential.objects.filter(person=person, card_kind__in=card_kinds)
        ended = sum(block_credential(credential=card, by=by) for card in known)
        for kind in card_kinds:
            lost, _created = LostCard.objects.update_or_create(
                person=person,
                card_kind=kind,
                released_at=None,
                defaults={"reported_at": clock.now()},
            )
            record_change(_about(Action.BLOCK_CARD, lost, by=by))
    return ended


def release_lost_card(*, lost: LostCard, by: Actor) -> None:
    """The card was found before it was ever used here. Only operators do this."""
    with transaction.atomic():
        released = LostCard.objects.filter(pk=lost.pk, released_at=None).update(
            released_at=clock.now()
        )
        if released:
            record_change(_about(Action.RELEASE_CARD, lost, by=by))


def note_card_removed(*, session: UUID, by: Actor) -> None:
    """The card that proved this session was pulled. Repeats are harmless."""
    with transaction.atomic():
        noted = Session.objects.filter(id=session, card_removed_at=None).update(
            card_removed_at=clock.now()
        )
        if noted:
            record_change(event(Action.REMOVE_CARD, by=by))


def _about(
    action: Action, card: Credential | LostCard, *, result_count: int | None = None, by: Actor
) -> dict[str, object]:
    return event(
        action,
        by=by,
        object_type="credential" if isinstance(card, Credential) else "lost_card",
        object_id=str(card.pk),
        result_count=result_count,
        detail={"person": str(card.person_id)},
    )
