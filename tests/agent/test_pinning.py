"""Towards an https server: its certificate, and the key its security module names."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from agent.modules import SecurityModule
from agent.pinning import pin_of
from agent.settings import Settings
from agent.web.app import build_agent, build_app
from tests.agent.browser import Browser, code_of
from tests.agent.conftest import Workstation
from tests.agent.fake_server import FakeServer
from tests.agent.running import listening, serving

OTHER_PIN = "sha256/" + "A" * 43 + "="


@dataclass(frozen=True)
class Certified:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
        certificate.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        key.write_bytes(pem)
        return certificate, key


def certify(name: str, issuer: Certified | None = None, *, days: int = 0) -> Certified:
    """A CA without `issuer`, else a server's certificate for localhost; valid a month from in `days`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by = issuer.key if issuer else key
    now = datetime.now(UTC) + timedelta(days=days)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False
        )
    )
    if issuer:
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        builder = builder.add_extension(names, critical=False)
    return Certified(builder.sign(by, hashes.SHA256()), key)


@dataclass
class Secured:
    workstation: Workstation
    pin: str

    def enrolled_with(self, *pins: str) -> None:
        module = SecurityModule(
            self.workstation.server.origin, "5901012345", "健全藥局", "M1", pins
        )
        self.workstation.agent.modules.save(module)

    def read(self) -> Any:
        self.workstation.browser.insert("nhi-wang")
        transaction = self.workstation.server.start(cards=["NHI"], reading=True)
        return self.workstation.browser.open_card(transaction)


@pytest.fixture
def secured(tmp_path: Path, cards: Path, request: pytest.FixtureRequest) -> Iterator[Secured]:
    """An agent that trusts the CA of an https server, whose certificate begins in `param` days."""
    ca = certify("Test CA")
    certified = certify("localhost", ca, days=getattr(request, "param", 0))
    ca_file, _ = ca.write(tmp_path, "ca")
    certificate, key = certified.write(tmp_path, "server")
    fake = FakeServer()
    with listening() as (bound, port), listening() as (agents, agent_port):
        fake.origin = f"https://localhost:{port}"
        settings = Settings(tmp_path / "home", agent_port, cards, 2, ca_file=ca_file)
        agent = build_agent(settings)
        agent.servers.trust(fake.origin)
        browser = Browser(settings.origin)
        with (
            browser.http,
            serving(fake.app(), bound, ssl_certfile=certificate, ssl_keyfile=key),
            serving(build_app(agent), agents),
        ):
            workstation = Workstation(agent, browser, fake, cards)
            yield Secured(workstation, pin_of(certified.certificate))


def test_a_server_with_the_pinned_key_is_served(secured: Secured) -> None:
    secured.enrolled_with(OTHER_PIN, secured.pin)
    assert secured.read().status_code == 303


def test_23_another_key_is_refused_before_anything_is_sent(secured: Secured) -> None:
    secured.enrolled_with(OTHER_PIN)
    page = secured.read()
    assert (page.status_code, code_of(page)) == (502, "server_untrusted")
    assert secured.workstation.server.requests == 0
    assert "並通知客服" in page.text


@pytest.mark.parametrize("secured", [-60, 60], indirect=True, ids=["run out", "not yet"])
def test_a_certificate_of_another_time_points_to_the_clock(secured: Secured) -> None:
    """A computer whose clock is years behind sees every certificate so: no proxy is to blame."""
    page = secured.read()
    assert (page.status_code, code_of(page)) == (502, "server_date")
    assert "時區" in page.text
    assert secured.workstation.server.requests == 0


def test_a_pin_learnt_later_holds_for_the_next_request(secured: Secured) -> None:
    assert secured.read().status_code == 303
    secured.enrolled_with(OTHER_PIN)
    assert code_of(secured.read()) == "server_untrusted"


def test_an_unknown_authority_is_refused_even_with_the_right_pin(
    secured: Secured, tmp_path: Path
) -> None:
    secured.enrolled_with(secured.pin)
    origin = secured.workstation.server.origin
    with listening() as (bound, port):
        settings = Settings(tmp_path / "other", port, secured.workstation.cards, 2)
        agent = build_agent(settings)
        agent.servers.trust(origin)
        agent.modules.save(SecurityModule(origin, "5901012345", "健全藥局", "M1", (secured.pin,)))
        browser = Browser(settings.origin)
        with browser.http, serving(build_app(agent), bound):
            browser.insert("nhi-wang")
            transaction = secured.workstation.server.start(cards=["NHI"], reading=True)
            assert code_of(browser.open_card(transaction)) == "server_untrusted"
    assert secured.workstation.server.requests == 0


@pytest.mark.parametrize("right", [True, False])
def test_the_token_of_a_module_is_shown_to_the_pinned_server_only(
    secured: Secured, right: bool
) -> None:
    server = secured.workstation.server
    server.enrolment_answer = {
        "institution_code": "5901012345",
        "institution_name": "健全藥局",
        "module_code": "M1",
    }
    content = {
        "format": "ankang-sam/1",
        "origin": server.origin,
        "token": "one-time-token",
        "pins": [secured.pin if right else OTHER_PIN],
        **server.enrolment_answer,
    }
    browser = secured.workstation.browser
    answer = browser.http.post(
        "/modules",
        files={"module": ("5901012345M1.SAM", json.dumps(content).encode())},
        headers={"Origin": browser.origin},
    )
    page = browser.follow(answer)
    assert (page.status_code, code_of(page)) == ((200, "") if right else (502, "server_untrusted"))
    assert len(server.enrolments) == int(right)
