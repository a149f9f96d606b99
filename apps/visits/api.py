"""What agents call for a HIS: `/his/v1/…` (docs/reference/his.md)."""

from typing import Any, ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.access.guards import Open, record_refusal
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import Refusal
from apps.visits.cards import PresentedCard
from apps.visits.models import InsuranceStatus, Visit
from apps.visits.moments import roc_year, write_day, write_moment
from apps.visits.refusals import FieldInvalid
from apps.visits.serializers import (
    CardCallSerializer,
    ChallengeSerializer,
    IdentifierCallSerializer,
    IdentifierSerializer,
    InsuranceCallSerializer,
    RegisterSerializer,
    SignedCallSerializer,
    TakeBackCallSerializer,
    TakenBackSerializer,
    VisitCallSerializer,
    VisitSerializer,
)
from apps.visits.services import (
    Wish,
    check_insurance,
    find_visit_identifier,
    note_reading,
    open_visit,
    password_set,
    read_register,
    take_back_visit,
)
from apps.visits.terms import MAKE_UP, NEWBORN, SERVICE
from apps.visits.workstations import CHALLENGE_SECONDS, ProvenCall, believe_call, make_challenge


class HisView(APIView):
    """Open to every agent; the proof is in the body: an enrolled workstation signs each call."""

    policy = Open()
    action: ClassVar[Action] = Action.READ_REGISTER
    call: ClassVar[str]
    fresh: ClassVar[bool] = True
    shape: ClassVar[type[serializers.Serializer] | None] = None

    def post(self, request: Request) -> Response:
        body = SignedCallSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        http = cast(GuardedRequest, request._request)
        proven = believe_call(
            **body.validated_data, call=self.call, by=http.actor, fresh=self.fresh
        )
        http.actor = proven.by
        return Response(self.answer(proven, self._fields(proven.payload)))

    def answer(self, proven: ProvenCall, fields: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def card(self, fields: dict[str, Any]) -> PresentedCard:
        """The card of the call; from now on a refusal's event names its holder."""
        card = PresentedCard.of_claims(fields["card"])
        cast(GuardedRequest, self.request._request).patient = card.patient
        return card

    def _fields(self, payload: dict[str, Any]) -> dict[str, Any]:
        if self.shape is None:
            return {}
        fields = self.shape(data=payload)
        if not fields.is_valid():
            raise FieldInvalid(detail={"fields": fields.errors})
        return cast(dict[str, Any], fields.validated_data)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Refusal):
            http = cast(GuardedRequest, self.request._request)
            http.actor = getattr(exc, "actor", http.actor)
            record_refusal(http, exc, action=self.action, service=SERVICE)
        return super().handle_exception(exc)


def documented(name: str, answer: type[serializers.Serializer] | None) -> Any:
    return extend_schema(
        request=SignedCallSerializer,
        responses={200: answer or dict},
        operation_id=name,
        tags=["his"],
    )


@extend_schema(tags=["his"])
class ChallengeView(HisView):
    call, fresh = "challenges", False

    @documented("draw_challenge", ChallengeSerializer)
    def post(self, request: Request) -> Response:
        return super().post(request)

    def answer(self, proven: ProvenCall, fields: dict[str, Any]) -> dict[str, Any]:
        return {
            "challenge": make_challenge(proven.workstation),
            "expires_in": CHALLENGE_SECONDS,
            "institution_code": proven.place.institution_code,
            "module_code": proven.place.module_code,
        }


class ReadingView(HisView):
    action, call, shape = Action.READ_CARD, "readings", CardCallSerializer

    @documented("note_reading", None)
    def post(self, request: Request) -> Response:
        return super().post(request)

    def answer(self, proven: ProvenCall, fields: dict[str, Any]) -> dict[str, Any]:
        note_reading(card=self.card(fields), function=fields["function"], by=proven.by)
        return {}


class RegisterView(HisView):
    call, shape = "registers", CardCallSerializer

    @documented("read_register", RegisterSerializer)
    def post(self, request: Request) -> Response:
        return super().post(request)

    def answer(self, proven: ProvenCall, fields: dict[str, Any]) -> dict[str, Any]:
        status = read_register(card=self.card(fields), function=fields["function"], by=proven.by)
        # Only 1.36 asks for the password; its answer is kept as a flag.
        asked = fields["function"] == "1.36"
        return _register(status) | {"password_set": password_set(status=status) if asked else None}


class InsuranceView(HisView):
    action, call, shape = Action.CHECK_INSURANCE, "insurance-checks", InsuranceCallSerializer

    @documented("check_insurance", None)
    def post(self, request: Request) -> Response:
        return super().post(request)

    def answer(self, proven: ProvenCall, fields: dict[str, Any]) -> dict[str, Any]:
        check_insurance(card=self.card(fields), function=fields["function"], by=proven.by)
        return {}


class VisitView(HisView):
    action, call, shape = Action.OPEN_VISIT, "visits", VisitCallSerializer

    @documented("open_visit", VisitSerializer)
    def post(self, request: Request) -> Response:
        return super().post(request)

    def answer(self, proven: ProvenCall, fields: dict[str, Any]) -> dict[str, Any]:
        visit = open_visit(
            card=self.card(fields),
            wish=Wish(
                treat_item=fields["treat_item"],
                newborn=NEWBORN[fields["newborn"]],
                make_up=MAKE_UP[fields["make_up"]],
                request=fields["request"],
            ),
            place=proven.place,
            function=fields["function"],
            by=proven.by,
        )
        return _visit(visit, proven)


class IdentifierView(HisView):
    action, call = Action.FIND_VISIT_IDENTIFIER, "visit-identifiers"
    shape = IdentifierCallSerializer

    @documented("find_visit_identifier", IdentifierSerializer)
    def post(self, request: Request) -> Response:
        return super().post(request)

    def answer(self, proven: ProvenCall, fields: dict[str, Any]) -> dict[str, Any]:
        identifier = find_visit_identifier(
            card=self.card(fields),
            visited_at=fields["visited_at"],
            place=proven.place,
            function=fields["function"],
            by=proven.by,
        )
        return {"identifier": identifier}


class TakingBackView(HisView):
    action, call, shape = Action.TAKE_BACK_VISIT, "visits-taken-back", TakeBackCallSerializer

    @documented("take_back_visit", TakenBackSerializer)
    def post(self, request: Request) -> Response:
        return super().post(request)

    def answer(self, proven: ProvenCall, fields: dict[str, Any]) -> dict[str, Any]:
        visit = take_back_visit(
            card=self.card(fields),
            visited_at=fields["visited_at"],
            place=proven.place,
            function=fields["function"],
            by=proven.by,
        )
        return {"visited_at": write_moment(visit.visited_at), "sequence": visit.sequence}


def _register(status: InsuranceStatus) -> dict[str, Any]:
    year = roc_year(clock.now())
    return {
        "insurer": status.insurer,
        "identity_mark": status.identity_mark,
        "valid_until": write_day(status.card_valid_until),
        "visits_left": status.visits_left,
        "newborn_birth_date": write_day(status.newborn_born_on),
        "newborn_mark": status.newborn_mark,
        "last_year": f"{status.number_year or year:03d}",
        "last_sequence": f"{status.last_number:04d}",
    }


def _visit(visit: Visit, proven: ProvenCall) -> dict[str, Any]:
    return {
        "visited_at": write_moment(visit.visited_at),
        "sequence": visit.sequence,
        "institution_code": proven.place.institution_code,
        "signature": visit.signature,
        "module_code": visit.module_code,
        "same_day": "Y" if visit.same_day else "N",
        "identifier": visit.identifier,
    }
