"""What changes about people and their credentials."""

from uuid import UUID

from django.db import transaction

from apps.accounts.models import Credential, Person, Session
from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind, CredentialState, SessionRole
from apps.core.errors import Denied


def find_holder(*, card_kind: CardKind, issuer: str, serial: str, identity: UUID) -> Person | None:
    """The person whom a validated certificate names, or None when nobody here is known by it.

    The certificate's own number comes first (a blocked card must not come back through the national
    ID); a first use is remembered. Raises Denied for a blocked card.
    """
    credential = (
        Credential.objects.select_related("person").filter(issuer=issuer, serial=serial).first()
    )
    if credential is not None:
        if credential.state == CredentialState.BLOCKED:
            raise Denied(code="CARD-BLOCKED", reason="card_blocked")
        return credential.person
    person = Person.objects.filter(identity_id=identity).first()
    if person is not None:
        with transaction.atomic():
            Credential.objects.get_or_create(
                issuer=issuer, serial=serial, defaults={"person": person, "card_kind": card_kind}
            )
    return person


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
    card_proof_at.
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
