"""NHI cards of both generations behind a real pcscd."""

from typing import Any

import pytest

from agent.cards.errors import CardRemoved
from agent.cards.nhi import read_card
from tests.agent.card_folder import CITIZEN_PROFILE, nhi_card
from tests.pcsc.conftest import Rack


@pytest.mark.parametrize("byte_wise", [False, True], ids=["T=1", "T=0"])
@pytest.mark.parametrize("generation", [1, 2])
def test_both_generations_are_read_over_both_protocols(
    rack: Rack, generation: int, byte_wise: bool
) -> None:
    card = rack.insert(
        nhi_card(generation=generation, cancelled=True, emergency_phone="0912345678"),
        byte_wise=byte_wise,
    )
    with rack.reader().connect() as connection:
        reading = read_card(connection)
    assert reading.as_json() == CITIZEN_PROFILE | {
        "cancelled": True,
        "emergency_phone": "0912345678",
    }
    fetched = [command for command in card.commands if command[1] == 0xC0]
    assert bool(fetched) is byte_wise


def test_a_failed_first_read_of_a_cold_card_is_repeated(rack: Rack) -> None:
    rack.insert(nhi_card(generation=2, faults={"cold_read": True}))
    with rack.reader().connect() as connection:
        assert read_card(connection).national_id == "A123456789"


@pytest.mark.parametrize("padding", ["nul", "space"])
@pytest.mark.parametrize("name", ["王小明", "陳喆堃", "林犇煊", "吳峯碁"])
def test_names_outside_the_common_code_page_arrive_whole(
    rack: Rack, name: str, padding: str
) -> None:
    profile = CITIZEN_PROFILE | {"name": name, "padding": padding}
    rack.insert(nhi_card(profile=profile))
    with rack.reader().connect() as connection:
        assert read_card(connection).name == name


@pytest.mark.parametrize("commands", range(3))
def test_a_card_pulled_at_any_command_is_a_removal(rack: Rack, commands: int) -> None:
    rack.insert(nhi_card(faults={"pulled_after": commands}))
    with pytest.raises(CardRemoved), rack.reader().connect() as connection:
        read_card(connection)


def test_two_readers_serve_two_cards_at_once(rack: Rack) -> None:
    other: dict[str, Any] = CITIZEN_PROFILE | {"national_id": "B223456789"}
    rack.insert(nhi_card(), "ONE")
    rack.insert(nhi_card(profile=other), "TWO")
    with rack.reader("ONE").connect() as one, rack.reader("TWO").connect() as two:
        assert read_card(one).national_id == "A123456789"
        assert read_card(two).national_id == "B223456789"


def test_a_swap_in_one_reader_is_another_insertion_and_another_card(rack: Rack) -> None:
    other = CITIZEN_PROFILE | {"national_id": "B223456789"}
    rack.insert(nhi_card())
    first = rack.reader().insertion
    rack.pull()
    rack.insert(nhi_card(profile=other))
    assert rack.reader().insertion not in {None, first}
    with rack.reader().connect() as connection:
        assert read_card(connection).national_id == "B223456789"
