"""Keys of the tests, made here: no key of any installation is needed."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

# 32 bytes each, easy to recognise.
LOOKUP = {"k1": bytes(range(32)), "k2": bytes(range(32, 64))}
SEAL = {"k1": bytes(range(64, 96)), "k2": bytes(range(96, 128))}

UseKeys = Callable[..., None]


@pytest.fixture
def use_keys(settings, tmp_path: Path) -> UseKeys:
    """`use_keys("k1", "k2", current="k2")` lets the process hold these keys."""

    def use(*names: str, current: str) -> None:
        path = tmp_path / f"{'-'.join(names)}-{current}.json"
        keys = {
            name: {"lookup": encode(LOOKUP[name]), "seal": encode(SEAL[name])} for name in names
        }
        path.write_text(json.dumps({"current": current, "keys": keys}))
        settings.IDENTITY_KEYS = str(path)

    return use


@pytest.fixture
def first_key(use_keys: UseKeys) -> None:
    use_keys("k1", current="k1")


def encode(secret: bytes) -> str:
    return base64.b64encode(secret).decode()
