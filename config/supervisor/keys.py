"""The secrets of an installation on one machine, made at its first start.

They lie in files that only their owner can read: `secrets.json` (what becomes environment variables),
`identity-keys.json` (the keys of national IDs, apart from SECRET_KEY: DESIGN 5) and `his-keys.json` (what
visits and prescriptions are signed with).
"""

import base64
import json
import os
import secrets
from pathlib import Path

from config.supervisor.places import Places

KEY_BYTES = 32


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def write_private(path: Path, content: str) -> None:
    """Write `content` whole or not at all, readable by the owner only from the first byte."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    draft.replace(path)


def ensure_secrets(places: Places) -> dict[str, str]:
    """The secrets by name; whichever is missing is made, none is ever replaced."""
    known: dict[str, str] = {}
    if places.secrets.exists():
        known = json.loads(places.secrets.read_text())
    wanted = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "REDIS_PASSWORD": secrets.token_urlsafe(32),
        "ANKANG_SEALING_KEY": _random_key(),
        "ANKANG_WITNESS_KEY": _random_key(),
    }
    complete = wanted | known
    if complete != known:
        write_private(places.secrets, json.dumps(complete, indent=2) + "\n")
    return complete


def ensure_identity_keys(places: Places) -> Path:
    """The file of the keys for looking up and sealing identifiers; made once, never replaced."""
    if not places.identity_keys.exists():
        ring = {"current": "k1", "keys": {"k1": {"lookup": _random_key(), "seal": _random_key()}}}
        write_private(places.identity_keys, json.dumps(ring, indent=2) + "\n")
    return places.identity_keys


def ensure_his_keys(places: Places) -> Path:
    """The file of the keys that sign visits and prescriptions; made once, never replaced."""
    if not places.his_keys.exists():
        ring = {
            "current": "k1",
            "keys": {"k1": {"visit": _random_key(), "prescription": _random_key()}},
        }
        write_private(places.his_keys, json.dumps(ring, indent=2) + "\n")
    return places.his_keys
