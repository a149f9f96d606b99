"""An institution's program: it gets a token as an agent does, and reads answers as a client would."""

import re
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.test import Client

from apps.access.models import Entitlement
from tests.support.cards import FakeAgent

JSON = "application/fhir+json"


class Program:
    def __init__(self, entitlement: Entitlement) -> None:
        self.entitlement = entitlement
        self.institution = entitlement.institution
        self.agent = FakeAgent()
        self.workstation = self.agent.enrol(self.institution)
        self.client = Client()
        self._token = ""

    def nonce(self) -> str:
        return self.client.post("/fhir/nonce").json()["nonce"]

    def ask_token(self, **changes: Any) -> Any:
        claims = {"origin": settings.ORIGIN, "step": "fhir"}
        if "nonce" not in changes:
            claims["nonce"] = self.nonce()
        body = {"agent": self.agent.sign(claims | changes)}
        return self.client.post("/fhir/token", body, content_type="application/json")

    @property
    def token(self) -> str:
        self._token = self._token or self.ask_token().json()["access_token"]
        return self._token

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, query: Any = None, **headers: str) -> Any:
        return self.client.get(f"/fhir/{path}", query, headers=self.headers | headers)

    def search(self, path: str, data: dict[str, str]) -> Any:
        return self.client.post(
            f"/fhir/{path}/_search",
            data="&".join(f"{k}={v.replace('|', '%7C')}" for k, v in data.items()),
            content_type="application/x-www-form-urlencoded",
            headers=self.headers,
        )

    def follow(self, bundle: dict[str, Any]) -> Any:
        """The next page, by the link that the server gave."""
        link = next(each["url"] for each in bundle["link"] if each["relation"] == "next")
        parts = urlsplit(link)
        assert link.startswith(f"{settings.ORIGIN}/fhir/")
        return self.get(parts.path.removeprefix("/fhir/"), parse_qsl(parts.query))


def valid(answer: Any, status: int = 200) -> dict[str, Any]:
    """The answer's content; R4's models accept every part of it."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == f"{JSON}; charset=utf-8"
    content = answer.json()
    kind = content["resourceType"]
    module = import_module(f"fhirclient.models.{kind.lower()}")
    again = getattr(module, kind)(content).as_json()
    assert again.keys() == content.keys()
    return content


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """An OperationOutcome with our code."""
    content = valid(answer, status)
    assert content["resourceType"] == "OperationOutcome"
    (issue,) = content["issue"]
    assert issue["details"]["coding"][0]["code"] == code
    return issue


def resources(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle.get("entry", [])]


def has_national_id(text: str) -> bool:
    return bool(re.search(r"[A-Z][12][0-9]{8}", text))
