"""The folder of card files: what is a card, what is not, and that one cannot break another."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.cards.errors import PinWrong
from agent.cards.kinds import CardKind
from agent.cards.pin import Pin
from agent.cards.piv import PivSession
from agent.readers.virtual.card_files import CardFile, CardFolder, NhiContent, parse_card
from agent.readers.virtual.tray import NoSuchCard, NoSuchReader, VirtualTray
from tests.agent.card_folder import CITIZEN_PROFILE, nhi_card, pki_card, write_card
from tests.agent.pki import Issued


def test_a_folder_lists_its_cards_and_new_files_at_once(cards: Path) -> None:
    folder = CardFolder(cards)
    assert set(folder.cards()) == {"hpc-chen", "citizen-lin", "nhi-wang", "nhi-new"}
    write_card(cards, "nhi-lee", nhi_card(holder="李大華"))
    assert folder.cards()["nhi-lee"].holder == "李大華"
    (cards / "nhi-lee.json").unlink()
    assert "nhi-lee" not in folder.cards()


def test_a_missing_folder_is_an_empty_one(tmp_path: Path) -> None:
    assert CardFolder(tmp_path / "nowhere").cards() == {}


@pytest.mark.parametrize(
    ("profile", "hex_of_name"),
    [
        ({"name": "王小明", "padding": "space"}, "a4fda470a9fa" + "20" * 14),
        ({"name": "堃喆"}, "fb69fb46" + "00" * 16),
        ({"name": "碁", "encoding": "cp950"}, "f9d6" + "00" * 18),
    ],
)
def test_a_profile_is_written_in_the_first_code_page_that_can(
    tmp_path: Path, profile: dict[str, str], hex_of_name: str
) -> None:
    write_card(tmp_path, "card", nhi_card(profile=CITIZEN_PROFILE | profile))
    content = CardFolder(tmp_path).cards()["card"].content
    assert isinstance(content, NhiContent)
    assert content.profile[12:32].hex() == hex_of_name


def test_without_mark_and_phone_the_card_does_not_answer_them(tmp_path: Path) -> None:
    write_card(tmp_path, "plain", nhi_card())
    write_card(tmp_path, "marked", nhi_card(cancelled=True, emergency_phone="0223456789"))
    cards = CardFolder(tmp_path).cards()
    plain, marked = cards["plain"].content, cards["marked"].content
    assert isinstance(plain, NhiContent)
    assert isinstance(marked, NhiContent)
    assert plain.card_data is None
    assert marked.card_data == b"20223456789    "


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda card: card.update(kind="PASSPORT"), "kind"),
        (lambda card: card.update(kind=["NHI"]), "kind"),
        (lambda card: card.pop("profile"), "profile"),
        (lambda card: card.update(profile_hex="00"), "profile"),
        (lambda card: card.update(profile=None), "profile"),
        (lambda card: card.update(generation=3), "generation"),
        (lambda card: card.update(cancelled="no"), "cancelled"),
        (lambda card: card.update(emergency_phone="0" * 15), "emergency_phone"),
        (lambda card: card.update(faults={"explode": True}), "faults"),
        (lambda card: card.update(faults={"mute": 1}), "faults"),
        (lambda card: card.update(holder=7), "holder"),
        (lambda card: card["profile"].update(name="王" * 11), "name"),
        (lambda card: card["profile"].update(name="堃", encoding="cp950"), "name"),
        (lambda card: card["profile"].update(encoding="utf-8"), "encoding"),
        (lambda card: card["profile"].update(padding="dots"), "padding"),
        (lambda card: card["profile"].update(birth_date="0340101"), "birth_date"),
        (lambda card: card["profile"].update(issued_on="1911-12-31"), "issued_on"),
        (lambda card: card["profile"].update(national_id="A1"), "national_id"),
        (lambda card: card["profile"].update(sex="男"), "sex"),
    ],
)
def test_a_broken_nhi_card_file_says_what_is_wrong_and_breaks_no_other(
    tmp_path: Path, change: Change, says: str
) -> None:
    broken = nhi_card(profile=dict(CITIZEN_PROFILE))
    change(broken)
    write_card(tmp_path, "broken", broken)
    write_card(tmp_path, "sound", nhi_card())
    folder = CardFolder(tmp_path)
    assert set(folder.cards()) == {"sound"}
    (found,) = folder.broken()
    assert found.id == "broken"
    assert says in found.problem


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"pin": "12345"}, "pin"),
        ({"pin": 123456}, "pin"),
        ({"tries": 16}, "tries"),
        ({"certificate": "none"}, "certificate"),
        ({"private_key": "none"}, "private_key"),
    ],
)
def test_a_broken_pki_card_file_says_what_is_wrong(
    tmp_path: Path, ca: Issued, citizen: Issued, changes: dict[str, Any], says: str
) -> None:
    write_card(tmp_path, "broken", pki_card(citizen, ca, holder="林") | changes)
    (found,) = CardFolder(tmp_path).broken()
    assert says in found.problem


def test_a_key_of_another_certificate_is_refused(
    tmp_path: Path, ca: Issued, citizen: Issued, pharmacist: Issued
) -> None:
    card = pki_card(citizen, ca, holder="林") | {"private_key": pharmacist.key_pem}
    write_card(tmp_path, "broken", card)
    assert "belong" in CardFolder(tmp_path).broken()[0].problem


def test_files_that_are_no_cards_are_named(tmp_path: Path) -> None:
    (tmp_path / "text.json").write_text("hello")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "two words.json").write_text("{}")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "huge.json").write_text(" " * (256 * 1024 + 1))
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "notes.txt").write_text("not looked at")
    folder = CardFolder(tmp_path)
    assert folder.cards() == {}
    assert {card.id for card in folder.broken()} == {
        "text", "list", "two words", "bytes", "huge", "folder",
    }  # fmt: skip


def test_a_pin_and_a_key_do_not_show_in_a_repr(cards: Path) -> None:
    card = CardFolder(cards).cards()["hpc-chen"]
    assert isinstance(card, CardFile)
    assert card.pin is not None
    assert card.pin not in repr(card)


def test_a_card_moves_between_readers_and_replaces_what_was_there(cards: Path) -> None:
    tray = VirtualTray(CardFolder(cards), readers=2)
    tray.insert(reader=0, card="nhi-wang")
    tray.insert(reader=1, card="hpc-chen")
    tray.insert(reader=1, card="nhi-wang")
    assert [reader.card_file and reader.card_file.id for reader in tray.readers()] == [
        None,
        "nhi-wang",
    ]
    assert tray.snapshot() == (None, 3)
    for reader in (-1, 2):
        with pytest.raises(NoSuchReader):
            tray.insert(reader=reader, card="nhi-wang")
    with pytest.raises(NoSuchCard):
        tray.insert(reader=0, card="../hpc-chen")


def test_wrong_tries_outlive_the_insertion_but_not_a_changed_file(
    cards: Path, ca: Issued, citizen: Issued
) -> None:
    tray = VirtualTray(CardFolder(cards), readers=1)

    def tries() -> int | None:
        with tray.readers()[0].connect() as connection:
            return PivSession(connection).tries_left()

    tray.insert(reader=0, card="citizen-lin")
    with tray.readers()[0].connect() as connection, pytest.raises(PinWrong):
        PivSession(connection).verify(Pin(bytearray(b"000000")))
    tray.remove(reader=0)
    tray.insert(reader=0, card="citizen-lin")
    assert tries() == 2
    write_card(cards, "citizen-lin", pki_card(citizen, ca, holder="林") | {"kind": "CITIZEN"})
    tray.insert(reader=0, card="citizen-lin")
    assert tries() == 3


PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "virtual-cards.md"
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_reference_page_is_a_card(
    example: str, ca: Issued, citizen: Issued
) -> None:
    card = json.loads(example)
    if "private_key" in card:  # the page shortens keys and certificates
        real = pki_card(citizen, ca, holder="")
        card |= {name: real[name] for name in ("certificate", "private_key")}
    assert parse_card("example", json.dumps(card).encode()).kind == card["kind"]


def test_the_reference_page_has_an_example_of_every_kind() -> None:
    assert {json.loads(example)["kind"] for example in EXAMPLES} == set(CardKind)
