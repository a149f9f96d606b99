"""What agents call: claim a transaction, hand in its result (docs/reference/card-protocol.md)."""

from typing import Any, cast

from django.conf import settings
from django.utils import translation
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.access.guards import Open, record_refusal
from apps.access.http import GuardedRequest
from apps.audit.actors import Actor
from apps.audit.terms import Action
from apps.cards.fetches import fetch_transaction
from apps.cards.models import CardTransaction
from apps.cards.serializers import ClaimSerializer, RemovalSerializer, ResultSerializer
from apps.cards.services.answering import Result, accept_result
from apps.cards.services.claiming import claim_transaction
from apps.cards.services.removing import note_removal
from apps.cards.terms import Purpose
from apps.core import clock
from apps.core.addresses import client_address
from apps.core.errors import Refusal


class AgentView(APIView):
    """Open to every agent; the proof is in the body. Refusals speak the language of the transaction."""

    policy = Open()
    card_transaction: CardTransaction

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.card_transaction = fetch_transaction(kwargs["transaction_id"])
        translation.activate(self.card_transaction.language)
        request._request.actor = self.actor()  # type: ignore[attr-defined]

    def actor(self) -> Actor:
        """Whoever asked for the card, at the workstation that answers."""
        asked, http = self.card_transaction, self.request._request
        return Actor(
            person=asked.person_id,
            role=asked.role,
            session=asked.session_id,
            institution=asked.institution_id,
            workstation=asked.workstation_id,
            ip=client_address(http),
            request_id=http.id,  # type: ignore[attr-defined]
        )

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Refusal):
            known = getattr(self, "card_transaction", None)
            record_refusal(
                cast(GuardedRequest, self.request._request),
                exc,
                action=_ACTIONS.get(known.purpose if known else "", Action.USE_CARD),
                service=known.service if known else "",
            )
        response = super().handle_exception(exc)
        response["Content-Language"] = translation.get_language() or ""
        if isinstance(exc, Refusal) and exc.way_on:
            # The agent's page shows a person what to do, as our own pages do.
            response.data["detail"] = {**response.data["detail"], "way_on": str(exc.way_on)}
        return response


_ACTIONS: dict[str, Action] = {
    Purpose.LOGIN: Action.LOG_IN,
    Purpose.READ_CARD: Action.READ_CARD,
    Purpose.STEP_UP: Action.STEP_UP,
    Purpose.CHECK: Action.CHECK_COMPONENTS,
}


class ClaimView(AgentView):
    @extend_schema(request=ClaimSerializer, responses={200: dict}, operation_id="claim_transaction")
    def post(self, request: Request, transaction_id: str) -> Response:
        body = ClaimSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        job = claim_transaction(card_transaction=self.card_transaction, **body.validated_data)
        return Response(job)


class ResultView(AgentView):
    @extend_schema(request=ResultSerializer, responses={200: dict}, operation_id="accept_result")
    def post(self, request: Request, transaction_id: str) -> Response:
        body = ResultSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        code = accept_result(
            card_transaction=self.card_transaction,
            result=Result(**body.validated_data),
            by=request._request.actor,  # type: ignore[attr-defined]
        )
        answer = {"return_url": return_url(self.card_transaction, code)}
        return Response(answer | fast_authentication(self.card_transaction))


class RemovalView(APIView):
    """The login card was pulled. Open to every agent; the proof is in the body."""

    policy = Open()

    @extend_schema(request=RemovalSerializer, responses={204: None}, operation_id="note_removal")
    def post(self, request: Request) -> Response:
        body = RemovalSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        note_removal(**body.validated_data, by=cast(GuardedRequest, request._request).actor)
        return Response(status=204)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Refusal):
            record_refusal(
                cast(GuardedRequest, self.request._request), exc, action=Action.REMOVE_CARD
            )
        return super().handle_exception(exc)


def fast_authentication(card_transaction: CardTransaction) -> dict[str, int]:
    """How many seconds the workstation's fast authentication is good for; absent without one."""
    until = card_transaction.fast_until
    return {"fast_for": int((until - clock.now()).total_seconds())} if until else {}


def return_url(card_transaction: CardTransaction, code: str) -> str:
    return f"{settings.ORIGIN}/cards/{card_transaction.id}/return?code={code}"
