"""Each refusal of the HIS interface has a code of its own that a help desk can look up."""

import json
from pathlib import Path

import pytest
from django.utils import translation

from apps.core.errors import Refusal
from apps.visits import refusals

ALL = [
    value
    for value in vars(refusals).values()
    if isinstance(value, type)
    and issubclass(value, Refusal)
    and value.__module__ == refusals.__name__
]
EXPLAINED = {
    row["code"] for row in json.loads(Path("apps/portal/data/refusal_codes.json").read_text())
}
each = pytest.mark.parametrize("refusal", ALL, ids=lambda refusal: refusal.__name__)


@each
def test_it_is_explained_and_speaks_both_languages(refusal) -> None:
    assert refusal.code in EXPLAINED
    for text in (refusal.message, refusal.way_on):
        with translation.override("en"):
            english = str(text)
        with translation.override("zh-hant"):
            assert str(text) not in {"", english}


def test_no_two_share_a_code() -> None:
    codes = [refusal.code for refusal in ALL]
    assert sorted(codes) == sorted(set(codes))
