"""The keys of identities: outside the database and apart from SECRET_KEY (DESIGN section 5).

The file of settings.IDENTITY_KEYS (apps/core/keyfiles.py), its parts `lookup` and `seal`:
{"current": "k1", "keys": {"k1": {"lookup": "<base64>", "seal": "<base64>"}}}
To rotate: add the new key everywhere, then make it current everywhere, rotate every identifier,
then remove the old one.
"""

from dataclasses import dataclass, field

from django.conf import settings

from apps.core.keyfiles import KeyFile, KeyRing

LONGEST_KEY_ID = 16


@dataclass(frozen=True)
class Key:
    """One generation: `lookup` for HMAC-SHA256, `seal` for AES-256-GCM-SIV."""

    id: str
    lookup: bytes = field(repr=False)
    seal: bytes = field(repr=False)


FILE = KeyFile(
    what="The identity keys",
    described_in="apps/identities/keys.py",
    parts=("lookup", "seal"),
    make=Key,
    accepts=lambda name: 0 < len(name) <= LONGEST_KEY_ID,
)


def key_ring() -> KeyRing[Key]:
    """The keys of this process; ImproperlyConfigured when the file is missing or wrong."""
    return FILE.read(settings.IDENTITY_KEYS)
