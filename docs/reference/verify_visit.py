"""Verify a visit's 256 characters: python verify_visit.py PUBLIC_KEY SIGNATURE (needs `cryptography`)."""

import base64
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

key, signed = base64.b64decode(sys.argv[1]), base64.b64decode(sys.argv[2])
Ed25519PublicKey.from_public_bytes(key).verify(
    signed[128:], signed[:128]
)  # raises when it is forged
start = 0
for name, width in {"magic": 4, "key": 8, "visited_at": 13, "sequence": 4, "institution": 10,
                    "module": 12, "same_day": 1, "treat_item": 2, "identifier": 20}.items():  # fmt: skip
    sys.stdout.write(f"{name}: {signed[start : start + width].decode()}\n")
    start += width
