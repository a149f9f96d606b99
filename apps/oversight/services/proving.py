"""The proof bundle of an event, handed out to whoever may see the event."""

from typing import Any

from django.db import connection

from apps.audit.actors import Actor
from apps.audit.merkle import InvalidProof
from apps.audit.models import Event
from apps.audit.proofs import NotProvable, make_proof
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.audit.tiles import LogDamaged
from apps.oversight.refusals import NotSealedYet, SealBroken


def take_proof(*, of: Event, purpose: str = "", by: Actor) -> dict[str, Any]:
    """The bundle (docs/reference/audit-proof.md); that it was taken is an event about the same patient.

    Raises NotSealedYet in the seconds before the sealer has come by, and SealBroken when the event
    is not what was sealed.
    """
    bundle = _bundle(of.id)
    record(
        event(
            Action.TAKE_PROOF,
            by=by,
            patient=of.patient,
            purpose=purpose,
            object_type="event",
            object_id=str(of.id),
        )
    )
    return bundle


def _bundle(number: int) -> dict[str, Any]:
    connection.ensure_connection()
    assert connection.connection is not None
    try:
        return make_proof(connection.connection, number=number)
    except NotProvable as error:
        raise NotSealedYet(reason="event_not_sealed") from error
    except (InvalidProof, LogDamaged) as error:
        raise SealBroken(reason="event_differs_from_seal") from error
