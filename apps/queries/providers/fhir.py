"""An outside FHIR R4 server: time-outs, repeats with jitter, circuit breaker, pages.

Searches are sent as POST [type]/_search (R4, 3.1.0.1.1): a patient's number stands in the body, never
in an address that proxies and servers log.
"""

import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from apps.queries.providers import SourceFailed
from apps.queries.providers.breaker import Breaker

TIMEOUT = httpx.Timeout(5, connect=2)
TRIES = 3
FIRST_WAIT = 0.2  # seconds; the longest wait doubles with each try, the wait itself is random
DEADLINE = 12.0  # seconds for one question with all its pages and repeats
MOST_PAGES = 20
LARGEST_BODY = 8 * 1024 * 1024  # bytes
PASSING = frozenset({408, 429, 502, 503, 504})  # another try may help
FHIR_JSON = "application/fhir+json"


class _Passing(Exception):
    """A fault that another try may get over; `reason` for the log."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Found:
    """The resources of a search. `complete` is False when the server said, or showed, that there is more."""

    resources: list[dict[str, Any]]
    complete: bool


@dataclass(frozen=True)
class FhirServer:
    """`address` is the base of the server's API; `token` a bearer token, where it wants one."""

    address: str
    token: str = field(default="", repr=False)
    timeout: httpx.Timeout = field(default_factory=lambda: TIMEOUT, repr=False)
    breaker: Breaker = field(default_factory=Breaker, repr=False)

    def search(self, resource: str, parameters: Mapping[str, str]) -> Found:
        """All resources of this type that fit. Raises SourceFailed."""
        with self.breaker.guarding(), self._client() as client:
            return _Search(self, client, resource).run(parameters)

    def _client(self) -> httpx.Client:
        headers = {"Accept": FHIR_JSON}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        # No redirects: a number must not follow one to somewhere else.
        return httpx.Client(timeout=self.timeout, headers=headers, trust_env=False)


class _Search:
    """One question: its deadline, its pages."""

    def __init__(self, server: FhirServer, client: httpx.Client, resource: str) -> None:
        self._client, self._resource = client, resource
        self._base = server.address.rstrip("/") + "/"
        self._ends = time.monotonic() + DEADLINE

    def run(self, parameters: Mapping[str, str]) -> Found:
        request = self._client.build_request(
            "POST", urljoin(self._base, f"{self._resource}/_search"), data=dict(parameters)
        )
        found: list[dict[str, Any]] = []
        complete = True
        for _page in range(MOST_PAGES):
            bundle = self._fetch(request)
            found += self._resources(bundle)
            complete = complete and not _is_warned(bundle)
            following = _next_of(bundle)
            if not following:
                return Found(found, complete)
            address = urljoin(self._base, following)
            if not self._is_ours(address):
                return Found(found, complete=False)
            request = self._client.build_request("GET", address)
        return Found(found, complete=False)

    def _fetch(self, request: httpx.Request) -> dict[str, Any]:
        """One page, tried again while another try may help and there is time."""
        for attempt in range(1, TRIES + 1):
            try:
                return self._send(request)
            except _Passing as fault:
                # Full jitter: many clients that failed together do not come back together.
                wait = random.uniform(0, FIRST_WAIT * 2**attempt)  # noqa: S311
                if attempt == TRIES or time.monotonic() + wait > self._ends:
                    raise SourceFailed(fault.reason) from fault
                time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def _send(self, request: httpx.Request) -> dict[str, Any]:
        body = bytearray()
        try:
            answer = self._client.send(request, stream=True)
            try:
                _check_status(answer.status_code)
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > LARGEST_BODY:
                        raise SourceFailed("answer_too_large")
            finally:
                answer.close()
        except httpx.TimeoutException as error:
            raise _Passing("time_out") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _Passing("no_connection") from error
        return _read_bundle(bytes(body))

    def _resources(self, bundle: dict[str, Any]) -> list[dict[str, Any]]:
        resources = [entry.get("resource") for entry in bundle.get("entry", [])]
        return [
            each
            for each in resources
            if isinstance(each, dict) and each.get("resourceType") == self._resource
        ]

    def _is_ours(self, address: str) -> bool:
        """A link to another place is not followed: the token and the question stay with this server."""
        wanted, given = urlsplit(self._base), urlsplit(address)
        return (wanted.scheme, wanted.netloc) == (given.scheme, given.netloc)


def _check_status(status: int) -> None:
    if status in PASSING:
        raise _Passing(f"http_{status}")
    if status != 200:
        raise SourceFailed(f"http_{status}")


def _read_bundle(body: bytes) -> dict[str, Any]:
    try:
        bundle = json.loads(body)
    except ValueError as error:
        raise SourceFailed("not_json") from error
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise SourceFailed("not_a_bundle")
    if not all(isinstance(entry, dict) for entry in bundle.get("entry", [])):
        raise SourceFailed("not_a_bundle")
    return bundle


def _is_warned(bundle: dict[str, Any]) -> bool:
    """R4, 3.1.1.5: an OperationOutcome among the entries tells what the search could not do."""
    outcomes = [
        entry.get("resource") or {}
        for entry in bundle.get("entry", [])
        if (entry.get("search") or {}).get("mode") == "outcome"
    ]
    severities = {issue.get("severity") for each in outcomes for issue in each.get("issue", [])}
    return bool(severities & {"fatal", "error", "warning"})


def _next_of(bundle: dict[str, Any]) -> str:
    links = bundle.get("link", [])
    found = [each.get("url") for each in links if each.get("relation") == "next"]
    return str(found[0]) if found and found[0] else ""
