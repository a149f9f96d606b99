"""Writes card files as docs/reference/virtual-cards.md describes them."""

import json
from pathlib import Path
from typing import Any

from tests.agent.pki import Issued

CITIZEN_PROFILE = {
    "card_number": "000012345678",
    "name": "王小明",
    "national_id": "A123456789",
    "birth_date": "1945-01-01",
    "sex": "M",
    "issued_on": "2025-01-01",
}
PIN = "246810"


def write_card(folder: Path, card_id: str, content: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{card_id}.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def nhi_card(**changes: Any) -> dict[str, Any]:
    card: dict[str, Any] = {"kind": "NHI", "holder": "王小明", "profile": CITIZEN_PROFILE}
    return {name: value for name, value in (card | changes).items() if value is not None}


def pki_card(issued: Issued, ca: Issued, *, holder: str, kind: str = "HPC") -> dict[str, Any]:
    return {
        "kind": kind,
        "holder": holder,
        "note": "藥師",
        "pin": PIN,
        "tries": 3,
        "certificate": issued.certificate_pem + ca.certificate_pem,
        "private_key": issued.key_pem,
    }
