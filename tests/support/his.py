"""A workstation of a pharmacy that calls `/his/v1/`, and insured people."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.institutions.models import Institution
from apps.visits.models import InsuranceStatus
from tests.support.cards import NHI_CARD, FakeAgent
from tests.support.world import make_institution


def make_status(national_id: str = NHI_CARD["national_id"], **fields: Any) -> InsuranceStatus:
    """An insured person with six visits left."""
    patient = identify(kind=IdentifierKind.NATIONAL_ID, value=national_id)
    return InsuranceStatus.objects.create(patient_id=patient, **{"visits_left": 6} | fields)


@dataclass
class HisWorkstation:
    """An enrolled agent that knows only docs/reference/his.md."""

    institution: Institution = field(default_factory=make_institution)
    agent: FakeAgent = field(default_factory=FakeAgent)

    def __post_init__(self) -> None:
        self.workstation = self.agent.enrol(self.institution)

    def post(self, call: str, payload: dict[str, Any], **changes: Any) -> Any:
        signed = {"origin": settings.ORIGIN, "step": "his", "call": call} | payload
        body = {"agent": self.agent.sign(signed), "version": "0.1.0", "demo": True} | changes
        return self.agent.client.post(f"/his/v1/{call}", body, content_type="application/json")

    def challenge(self) -> str:
        return self.post("challenges", {}).json()["challenge"]

    def call(self, call: str, **payload: Any) -> Any:
        """With a fresh challenge, for the card of tests.support.cards."""
        challenge = payload.pop("challenge", None)
        if challenge is None:
            challenge = self.challenge()
        whole = {"challenge": challenge, "card": NHI_CARD, "function": "1.53"} | payload
        return self.post(call, whole)

    def visit(self, **payload: Any) -> Any:
        wish = {"treat_item": "01", "newborn": "", "make_up": "1", "request": str(uuid.uuid4())}
        return self.call("visits", **wish | payload)
