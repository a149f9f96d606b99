"""Writes virtual cards into the agent's folder (format: docs/reference/virtual-cards.md)."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from apps.accounts.terms import CardKind
from apps.core import clock
from apps.portal.demo.people import PIN, DemoCitizen
from apps.portal.demo.pki import issue_certificate, key_pem, load_authority

RSA_BITS = 2048  # what HPC and citizen certificates in Taiwan carry


def write_pki_card(
    folder: Path,
    authorities: Path,
    *,
    card_id: str,
    card_kind: CardKind,
    holder: str,
    national_id: str,
    profession: str = "",
    note: str = "",
    pin: str = PIN,
) -> bool:
    """Makes a card with a certificate of the demo authority; an existing file is left alone."""
    if _exists(folder, card_id):
        return False
    authority = load_authority(authorities, card_kind)
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    certificate = issue_certificate(
        authority, holder=holder, national_id=national_id, profession=profession, key=key
    )
    body = {
        "kind": card_kind,
        "holder": holder,
        "note": note,
        "pin": pin,
        "tries": 3,
        "certificate": certificate.public_bytes(Encoding.PEM).decode(),
        "private_key": key_pem(key),
    }
    return _write(folder, card_id, body)


def serial_of(folder: Path, card_id: str) -> int:
    """The serial number of the certificate on a card that was written."""
    body = json.loads((folder / f"{card_id}.json").read_text())
    return x509.load_pem_x509_certificate(body["certificate"].encode()).serial_number


def write_nhi_card(folder: Path, citizen: DemoCitizen, *, number: int) -> bool:
    if _exists(folder, citizen.card_id):
        return False
    today = clock.today()
    body: dict[str, Any] = {
        "kind": CardKind.NHI,
        "holder": citizen.name,
        "note": citizen.note,
        "generation": citizen.generation,
        "profile": {
            "card_number": f"0000{number:08d}",
            "name": citizen.name,
            "national_id": citizen.national_id,
            "birth_date": date(today.year - citizen.years, 1, 15).isoformat(),
            "sex": citizen.sex,
            "issued_on": date(today.year - 2, 6, 1).isoformat(),
            "padding": "space" if number % 2 else "nul",
        },
        "cancelled": citizen.cancelled,
        "emergency_phone": "0227001234",
    }
    return _write(folder, citizen.card_id, body)


def _exists(folder: Path, card_id: str) -> bool:
    return (folder / f"{card_id}.json").exists()


def _write(folder: Path, card_id: str, body: dict[str, Any]) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(body, ensure_ascii=False, indent=1)
    (folder / f"{card_id}.json").write_text(text + "\n")
    return True
