"""What agents call to write to a visit: diagnoses, fees, prescriptions (docs/reference/his.md)."""

from typing import Any, cast

from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.visits.api import HisView, documented
from apps.visits.orders import Order
from apps.visits.professionals import Professional, identify_professional
from apps.visits.serializers import (
    PrescriptionCallSerializer,
    PrescriptionSerializer,
    TreatmentCallSerializer,
    TreatmentSerializer,
)
from apps.visits.services import Diagnoses, Target, write_prescriptions, write_treatment
from apps.visits.terms import MAKE_UP
from apps.visits.workstations import ProvenCall


class WritingView(HisView):
    def professional(self, proven: ProvenCall, fields: dict[str, Any]) -> Professional:
        """Whose card it is; from now on the events name them."""
        found = identify_professional(chain=fields["hpc"], place=proven.place)
        cast(GuardedRequest, self.request._request).actor = found.acting(proven.by)
        return found


class TreatmentView(WritingView):
    action, call, shape = Action.WRITE_TREATMENT, "treatments", TreatmentCallSerializer

    @documented("write_treatment", TreatmentSerializer)
    def post(self, request: Request) -> Response:
        return super().post(request)

    def answer(self, proven: ProvenCall, fields: dict[str, Any]) -> dict[str, Any]:
        card, by, diagnoses = self.card(fields), proven.by, None
        if "diagnoses" in fields:
            professional = self.professional(proven, fields)
            by = professional.acting(by)
            diagnoses = Diagnoses(MAKE_UP[fields["make_up"]], fields["diagnoses"], professional)
        treatment = write_treatment(
            card=card,
            target=_target(fields),
            diagnoses=diagnoses,
            fees=fields.get("fees"),
            place=proven.place,
            function=fields["function"],
            by=by,
        )
        doctor_id = diagnoses.professional.national_id if diagnoses else ""
        return {"doctor_id": doctor_id, "revision": treatment.revision}


class PrescriptionView(WritingView):
    action, call, shape = Action.WRITE_PRESCRIPTIONS, "prescriptions", PrescriptionCallSerializer

    @documented("write_prescriptions", PrescriptionSerializer)
    def post(self, request: Request) -> Response:
        return super().post(request)

    def answer(self, proven: ProvenCall, fields: dict[str, Any]) -> dict[str, Any]:
        card = self.card(fields)
        orders = [Order.parse(line) for line in fields["orders"]]
        professional = self.professional(proven, fields)
        signatures = write_prescriptions(
            card=card,
            target=_target(fields),
            orders=orders,
            professional=professional,
            place=proven.place,
            function=fields["function"],
            by=professional.acting(proven.by),
        )
        return {"signatures": signatures}


def _target(fields: dict[str, Any]) -> Target:
    return Target(
        visited_at=fields["visited_at"],
        national_id=fields["national_id"].upper(),
        birth_date=fields["birth_date"],
    )
