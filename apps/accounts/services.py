"""What changes about people, their cards and their sessions."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Credential, Person, Session
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


def find_holder(*, card_kind: CardKind, issuer: str, serial: str, identity: UUID) -> Person | None:
    """The person whom a validated certificate names, or None when nobody here is known by it.

    The certificate's own number comes first (a blocked card must not come back through the national
    ID); a first use is remembered. Raises CardBlocked.
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


def note_card_removed(*, session: UUID, by: Actor) -> None:
    """The card that proved this session was pulled. Repeats are harmless."""
    with transaction.atomic():
        noted = Session.objects.filter(id=session, card_removed_at=None).update(
            card_removed_at=clock.now()
        )
        if noted:
            record_change(event(Action.REMOVE_CARD, by=by))


def _about(
    action: Action, credential: Credential, *, result_count: int | None = None, by: Actor
) -> dict[str, object]:
    return event(
        action,
        by=by,
        object_type="credential",
        object_id=str(credential.pk),
        result_count=result_count,
        detail={"person": str(credential.person_id)},
    )
