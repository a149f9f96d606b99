"""What signs visits and prescriptions: keys outside the database, in the file of settings.HIS_KEYS.

{"current": "k1", "keys": {"k1": {"visit": "<base64>", "prescription": "<base64>"}}}, 32 bytes each:
the seed of an Ed25519 key, and a key for HMAC-SHA256. To rotate, add a key and make it current; the
old ones stay in the file as long as their signatures are to be verified. ANKANG_HIS_KEYS names it.
"""

from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from apps.core.keyfiles import KeyFile, KeyRing

LONGEST_KEY_ID = 8


@dataclass(frozen=True)
class Key:
    """One generation. `id` has at most 8 letters and digits: it stands in each signature."""

    id: str
    visit: Ed25519PrivateKey = field(repr=False)
    prescription: bytes = field(repr=False)

    @classmethod
    def of_seed(cls, name: str, seed: bytes, prescription: bytes) -> Self:
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed), prescription)

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.visit.public_key().public_bytes_raw()


FILE = KeyFile(
    what="The keys of visits",
    described_in="apps/visits/keys.py",
    parts=("visit", "prescription"),
    make=Key.of_seed,
    accepts=lambda name: 0 < len(name) <= LONGEST_KEY_ID and name.isascii() and name.isalnum(),
)


def key_ring() -> KeyRing[Key]:
    """The keys of this process; ImproperlyConfigured when the file is missing or wrong."""
    return FILE.read(settings.HIS_KEYS)
