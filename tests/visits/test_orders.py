"""An order of 61 characters: what the agent writes the server reads, and nothing else passes (G3)."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.his.buffers import ORDER
from apps.visits.orders import LENGTH, Order
from apps.visits.refusals import FieldInvalid

CAPITALS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PRINTABLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
ORDERS = st.fixed_dictionaries(
    {
        "visited_at": st.just("1151124093000"),
        "kind": st.sampled_from("1234"),
        "code": st.text(CAPITALS, min_size=1, max_size=12),
        "part": st.text(CAPITALS, max_size=6),
        "usage": st.text(PRINTABLE, min_size=1, max_size=18),
        "days": st.integers(1, 99),
        "total": st.decimals(Decimal("0.1"), Decimal("99999.9"), places=1).map(str),
        "delivery": st.sampled_from(["01", "02", "03"]),
    }
)


@settings(deadline=None)
@given(written=ORDERS)
def test_what_the_agent_writes_the_server_reads(written) -> None:
    line = ORDER.pack(written).decode("ascii")
    order = Order.parse(line)
    assert len(line) == LENGTH
    assert order.line == line
    for name in ("visited_at", "kind", "code", "part", "usage", "days", "delivery"):
        assert getattr(order, name) == written[name], name
    assert order.total == Decimal(written["total"])


@settings(deadline=None)
@given(line=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=LENGTH + 2))
def test_any_other_text_is_refused_by_field_or_means_what_it_says(line) -> None:
    order = None
    with contextlib.suppress(FieldInvalid):
        order = Order.parse(line)
    assert order is None or (order.line == line and order.total > 0)


@settings(deadline=None)
@given(written=ORDERS, place=st.integers(0, LENGTH - 1), character=st.sampled_from("王\0\n\x7f"))
def test_no_character_beyond_print_passes_at_any_place(written, place, character) -> None:
    line = ORDER.pack(written).decode("ascii")
    with pytest.raises(FieldInvalid):
        Order.parse(line[:place] + character + line[place + 1 :])
