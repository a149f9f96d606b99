"""Revocation lists: taken whole or not at all, and never trusted for longer than allowed (threat 9)."""

import http.server
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.management import CommandError, call_command
from django.test import Client

from apps.accounts.terms import CardKind
from apps.cards.models import RevocationList, RevokedCertificate, TrustAnchor
from apps.cards.services.revoking import update_list, update_revocations, watch_issuer
from apps.core import clock
from tests.support.cards import FakeAgent, PkiCard, refusal_code, start_log_in
from tests.support.certificates import DAY, Issuer, ec_key
from tests.support.logins import NATIONAL_ID, make_person_with
from tests.support.world import BY, make_institution, make_member

pytestmark = pytest.mark.django_db


class Authority:
    """An authority whose cards count only with a revocation list, published as a file."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "hpc.crl"
        self.issuer = Issuer.root()
        TrustAnchor.objects.create(
            card_kind=CardKind.HPC, name="醫事人員", certificate=self.issuer.pem
        )
        self.list = watch_issuer(
            name="醫事人員", certificate=self.issuer.pem, address=str(self.file)
        )
        self.card = self.issuer.leaf(NATIONAL_ID)
        make_member(make_institution(), make_person_with(NATIONAL_ID))

    def publish(self, *cards: PkiCard, **options: Any) -> str:
        """Writes a list that revokes these cards and lets the server fetch it: what was wrong."""
        serials = [card.chain[0].serial_number for card in cards]
        self.file.write_bytes(self.issuer.revocation_list(serials, **options))
        return self.update()

    def update(self) -> str:
        self.list.refresh_from_db()
        return update_list(revocation_list=self.list, by=BY)

    def try_card(self) -> str:
        """The code of the refusal, "" when the card is believed."""
        agent = FakeAgent()
        answer = agent.result(agent.claim(start_log_in(Client(), "HPC")).json(), card=self.card)
        return "" if answer.status_code == 200 else refusal_code(answer)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_09_a_card_that_is_not_on_the_list_counts(authority, events) -> None:
    other = authority.issuer.leaf("B121234562")
    assert authority.publish(other) == ""
    assert authority.try_card() == ""
    (event,) = [event for event in events() if event["action"] == "update_revocations"]
    assert event["result_count"] == 1


def test_09_a_revoked_card_is_refused(authority) -> None:
    authority.publish(authority.card)
    assert authority.try_card() == "CARD-CERT-REVOKED"


def test_09_without_any_list_yet_the_card_is_refused(authority) -> None:
    assert authority.try_card() == "CARD-CRL-STALE"


def test_09_no_list_at_all_is_allowed_only_where_the_data_says_so(authority) -> None:
    RevocationList.objects.all().delete()
    assert authority.try_card() == "CARD-CRL-STALE"
    TrustAnchor.objects.update(needs_list=False)
    assert authority.try_card() == ""


@pytest.mark.parametrize(
    ("age", "code"),
    [
        (timedelta(hours=23), ""),
        (timedelta(days=1, hours=23), ""),  # due, within the grace
        (timedelta(days=2, hours=1), "CARD-CRL-STALE"),
    ],
)
def test_09_a_list_counts_until_due_and_for_its_grace(authority, age, code) -> None:
    authority.publish()
    RevocationList.objects.update(
        made_at=clock.now() - age, due_at=clock.now() - age + DAY, grace=DAY
    )
    assert authority.try_card() == code


def test_09_a_list_that_names_a_late_date_still_ages(authority) -> None:
    """An authority that promises its next list in a year is asked every week all the same."""
    authority.publish(due_at=clock.now() + 365 * DAY)
    RevocationList.objects.update(made_at=clock.now() - 9 * DAY, max_age=7 * DAY, grace=DAY)
    assert authority.try_card() == "CARD-CRL-STALE"


def test_09_revoked_counts_also_on_a_stale_list(authority) -> None:
    authority.publish(authority.card)
    RevocationList.objects.update(due_at=clock.now() - 9 * DAY)
    assert authority.try_card() == "CARD-CERT-REVOKED"


BAD_LISTS = {
    "list_signature_invalid": {"signed_by": ec_key()},
    "list_out_of_date": {
        "made_at": clock.now() - 3 * DAY,
        "due_at": clock.now() - DAY,
    },
    "list_of_the_future": {"made_at": clock.now() + DAY},
    "list_is_partial": {"extension": x509.DeltaCRLIndicator(1)},
}


@pytest.mark.parametrize(("problem", "options"), BAD_LISTS.items(), ids=BAD_LISTS.keys())
def test_09_a_bad_list_changes_nothing(authority, problem, options) -> None:
    """The card revoked before stays revoked, and the problem is told to the operators."""
    authority.publish(authority.card)
    before = RevocationList.objects.get()
    assert authority.publish(**options) == problem
    after = RevocationList.objects.get()
    assert (after.made_at, after.size) == (before.made_at, 1)
    assert after.last_problem == problem
    assert authority.try_card() == "CARD-CERT-REVOKED"


def test_09_a_list_for_authorities_only_is_partial(authority) -> None:
    point = x509.IssuingDistributionPoint(
        full_name=None,
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=True,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
    assert authority.publish(extension=point) == "list_is_partial"


def test_09_an_older_list_played_again_unrevokes_nobody(authority) -> None:
    authority.publish(made_at=clock.now() - timedelta(hours=2))
    old = authority.file.read_bytes()
    authority.publish(authority.card)
    authority.file.write_bytes(old)
    assert authority.update() == "list_older_than_the_last"
    assert authority.try_card() == "CARD-CERT-REVOKED"


def test_09_the_list_of_another_issuer_is_refused(authority) -> None:
    authority.file.write_bytes(Issuer.root("別處").revocation_list())
    assert authority.update() == "list_of_another_issuer"


@pytest.mark.parametrize("body", [b"", b"<html>404</html>", b"-----BEGIN X509 CRL-----"])
def test_09_something_that_is_no_list_is_refused(authority, body) -> None:
    authority.file.write_bytes(body)
    assert authority.update() == "list_unreadable"


def test_a_missing_file_is_told(authority) -> None:
    assert authority.update() == "list_file_missing"


def test_a_list_in_pem_serves_as_well(authority) -> None:
    der = authority.issuer.revocation_list([authority.card.chain[0].serial_number])
    pem = x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)
    authority.file.write_bytes(pem)
    assert authority.update() == ""
    assert authority.try_card() == "CARD-CERT-REVOKED"


def test_a_new_list_takes_the_place_of_the_old_one(authority) -> None:
    """What is no longer named counts again (a card on hold); other issuers' rows stay."""
    RevokedCertificate.objects.create(issuer="other", serial="1", revoked_at=clock.now())
    authority.publish(authority.card, made_at=clock.now() - timedelta(hours=1))
    other = authority.issuer.leaf("B121234562")
    authority.publish(other)
    assert authority.try_card() == ""
    assert RevokedCertificate.objects.count() == 2


def test_a_list_of_many_is_taken_in_few_statements(
    authority, django_assert_max_num_queries
) -> None:
    authority.file.write_bytes(authority.issuer.revocation_list(range(1, 5001)))
    with django_assert_max_num_queries(15):
        assert authority.update() == ""
    assert RevocationList.objects.get().size == RevokedCertificate.objects.count() == 5000


def test_a_revoked_intermediate_takes_its_cards_along(authority, tmp_path: Path) -> None:
    between = authority.issuer.below()
    card = between.leaf(NATIONAL_ID)
    authority.card = PkiCard(card.kind, card.key, [*card.chain, between.certificate])
    file = tmp_path / "between.crl"
    file.write_bytes(between.revocation_list())
    watched = watch_issuer(name="中繼", certificate=between.pem, address=str(file))
    update_list(revocation_list=watched, by=BY)
    authority.publish()
    assert authority.try_card() == ""
    revoked = authority.issuer.revocation_list([between.certificate.serial_number])
    authority.file.write_bytes(revoked)
    authority.update()
    assert authority.try_card() == "CARD-CERT-REVOKED"


class Publisher(http.server.BaseHTTPRequestHandler):
    """Answers with what the test put there."""

    body, status = b"", 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *args: object) -> None:
        return None


@pytest.fixture
def web() -> Iterator[str]:
    """The address of a web server that publishes `Publisher.body`."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Publisher) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hpc.crl"
        server.shutdown()
        thread.join()


def test_lists_are_fetched_from_the_web(authority, web, monkeypatch) -> None:
    RevocationList.objects.update(address=web)
    serial = authority.card.chain[0].serial_number
    monkeypatch.setattr(Publisher, "body", authority.issuer.revocation_list([serial]))
    assert update_revocations(by=BY) == {"醫事人員": ""}
    assert authority.try_card() == "CARD-CERT-REVOKED"


@pytest.mark.parametrize(
    ("address", "status"), [(None, 404), (None, 500), ("http://127.0.0.1:1/", 200)]
)
def test_09_an_authority_that_does_not_answer_keeps_nobody_waiting(
    authority, web, monkeypatch, address, status
) -> None:
    authority.publish()
    RevocationList.objects.update(address=address or web)
    monkeypatch.setattr(Publisher, "status", status)
    assert update_revocations(by=BY) == {"醫事人員": "list_address_does_not_answer"}
    assert authority.try_card() == ""  # the list that was there goes on counting


def test_a_list_without_end_is_cut_off(authority, web, monkeypatch) -> None:
    RevocationList.objects.update(address=web)
    monkeypatch.setattr("apps.cards.providers.LARGEST_LIST", 1000)
    monkeypatch.setattr(Publisher, "body", b"x" * 2000)
    assert update_revocations(by=BY) == {"醫事人員": "list_too_large"}


def test_the_command_tells_which_list_failed(authority, capsys) -> None:
    with pytest.raises(CommandError):
        call_command("update_revocation_lists")
    assert "醫事人員: list_file_missing" in capsys.readouterr().out
    authority.publish()
    call_command("update_revocation_lists")
    assert "醫事人員: ok" in capsys.readouterr().out
