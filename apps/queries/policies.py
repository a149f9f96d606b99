"""Whether a query may go on."""

from apps.access.policies import Decision
from apps.access.terms import ProofRecency
from apps.audit.actors import Actor
from apps.queries.models import Query


def is_proved(query: Query, *, decision: Decision, by: Actor) -> bool:
    """Whether the card proof is there that the service's rule asks for (FEATURES B7).

    EACH: a proof made after the question was asked. All others: what decide() said.
    """
    if query.proved_at is not None:
        return True
    if query.service.recency == ProofRecency.EACH:
        return by.card_proof_at is not None and by.card_proof_at > query.asked_at
    return decision.permit
