"""The watch over readers and service: what changes behind the agent's back."""

import threading
import time

import pytest

from agent.cards.errors import CardRemoved, ReaderBusy, ReaderGone, ServiceStopped
from agent.cards.nhi import read_card
from agent.readers.pcsc import backend as pcsc_backend
from agent.readers.pcsc.backend import PcscReaders
from agent.readers.pcsc.watch import ASLEEP_AFTER, Watch
from agent.readers.pcsc.winscard import Winscard
from tests.agent.card_folder import nhi_card
from tests.agent.waiting import wait_until
from tests.pcsc.conftest import Rack
from tests.pcsc.daemon import PORTS
from tests.pcsc.other_programs import another_program


def test_whoever_waits_is_woken_by_insertion_and_removal(rack: Rack) -> None:
    before = rack.backend.snapshot()
    timer = threading.Timer(0.2, lambda: rack.insert(nhi_card(), seen=False))
    timer.start()
    began = time.monotonic()
    inserted = rack.backend.wait_for_change(before, timeout=10)
    assert time.monotonic() - began < 5
    assert inserted != before
    timer.join()
    rack.pull()
    assert rack.backend.snapshot() == before


def test_closing_wakes_whoever_waits(rack: Rack) -> None:
    threading.Timer(0.2, rack.backend.close).start()
    began = time.monotonic()
    rack.backend.wait_for_change(rack.backend.snapshot(), timeout=10)
    assert time.monotonic() - began < 5


def test_a_quick_swap_between_two_looks_is_noticed(rack: Rack) -> None:
    rack.insert(nhi_card())
    first = rack.reader().insertion
    rack.inside().pull()
    wait_until(lambda: rack.reader().insertion != first, "the old card is gone")
    rack.insert(nhi_card(), seen=False)
    wait_until(lambda: rack.reader().insertion not in {None, first}, "the new one is another")


def test_a_restart_of_the_service_is_survived_and_renews_the_insertion(rack: Rack) -> None:
    rack.insert(nhi_card())
    before = rack.reader().insertion
    reader = rack.reader()
    rack.daemon.stop()
    try:
        wait_until(lambda: rack.backend.service == "stopped", "the end of the service is seen")
        assert rack.backend.readers() == []
        with pytest.raises(ServiceStopped), reader.connect():
            raise AssertionError("there is nothing to connect to")
    finally:
        rack.clear()
        rack.daemon.start()
    wait_until(lambda: len(rack.backend.readers()) == 2 * len(PORTS), "the readers are back")
    assert rack.backend.service == "running"
    rack.insert(nhi_card())
    assert rack.reader().insertion not in {None, before}
    with rack.reader().connect() as connection:
        assert read_card(connection).national_id == "A123456789"


def test_a_restart_on_request_takes_every_reader_and_card_up_anew(rack: Rack) -> None:
    """csSoftwareReset and csResetFsim: a new connection to the service, without touching it."""
    rack.insert(nhi_card())
    before, daemon = rack.reader().insertion, rack.daemon.process
    rack.backend.restart()
    assert rack.daemon.process is daemon
    assert rack.backend.service == "running"
    assert len(rack.backend.readers()) == 2 * len(PORTS)
    wait_until(lambda: rack.reader().insertion not in {None, before}, "the card counts as new")
    with rack.reader().connect() as connection:
        assert read_card(connection).national_id == "A123456789"


def test_a_restart_on_request_while_the_service_is_away_does_not_keep_it_away(rack: Rack) -> None:
    rack.daemon.stop()
    try:
        wait_until(lambda: rack.backend.service == "stopped", "the end of the service is seen")
        rack.backend.restart()
        assert rack.backend.readers() == []
    finally:
        rack.daemon.start()
    wait_until(lambda: len(rack.backend.readers()) == 2 * len(PORTS), "the readers are back")
    rack.insert(nhi_card())
    with rack.reader().connect() as connection:
        assert read_card(connection).name == "王小明"


def test_restarts_beside_each_other_and_beside_a_reading_end_well(rack: Rack) -> None:
    """Two pages, or a page and a HIS program, may ask at once."""
    rack.insert(nhi_card())
    asking = [threading.Thread(target=rack.backend.restart) for _ in range(3)]
    for each in asking:
        each.start()
    for each in asking:
        each.join(30)
    assert not any(each.is_alive() for each in asking)
    wait_until(lambda: len(rack.backend.readers()) == 2 * len(PORTS), "the readers are back")
    wait_until(lambda: rack.reader().insertion is not None, "the card is seen")
    with rack.reader().connect() as connection:
        assert read_card(connection).national_id == "A123456789"


def test_a_service_that_ends_during_the_work_is_told(rack: Rack) -> None:
    rack.insert(nhi_card())
    try:
        with rack.reader().connect() as connection:
            rack.daemon.stop()
            with pytest.raises((ServiceStopped, CardRemoved)):
                read_card(connection)
    finally:
        rack.clear()
        rack.daemon.start()


def test_an_agent_started_without_the_service_finds_it_later(rack: Rack) -> None:
    rack.daemon.stop()
    late = PcscReaders()
    try:
        assert late.service == "stopped"
        rack.daemon.start()
        wait_until(lambda: late.service == "running", "the service is found")
        wait_until(lambda: len(late.readers()) == 2 * len(PORTS), "its readers are found")
    finally:
        late.close()
        if rack.daemon.process is None:
            rack.daemon.start()


@pytest.mark.parametrize("exclusive", [True, False], ids=["exclusive", "transaction"])
def test_a_card_that_another_program_keeps_is_busy_and_free_afterwards(
    rack: Rack, exclusive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pcsc_backend, "BUSY_AFTER", 0.3)
    rack.insert(nhi_card())
    with another_program(rack, exclusive=exclusive):
        with pytest.raises(ReaderBusy), rack.reader().connect():
            raise AssertionError("two programs had the card")
        assert rack.reader().insertion is not None  # seen without connecting
    monkeypatch.setattr(pcsc_backend, "BUSY_AFTER", 5.0)
    with rack.reader().connect() as connection:
        assert read_card(connection).name == "王小明"


def test_two_pages_of_the_agent_take_turns(rack: Rack, monkeypatch: pytest.MonkeyPatch) -> None:
    rack.insert(nhi_card())
    monkeypatch.setattr(pcsc_backend, "BUSY_AFTER", 0.2)
    with rack.reader().connect(), pytest.raises(ReaderBusy), rack.reader().connect():
        raise AssertionError("two pages had the card")


def test_the_card_is_left_as_it_was_for_the_his(rack: Rack) -> None:
    card = rack.insert(nhi_card())
    orders = 0
    for _ in range(3):
        with rack.reader().connect() as connection:
            read_card(connection)
        orders = orders or card.orders
    assert card.orders == orders  # neither reset nor switched off between the readings


def test_waking_from_sleep_makes_every_card_a_new_insertion(rack: Rack) -> None:
    rack.insert(nhi_card())
    asleep = 0.0

    def clock() -> float:
        return time.monotonic() + asleep

    watch = Watch(Winscard(), clock=clock)
    second = PcscReaders(watch=watch)
    try:
        wait_until(lambda: any(second.snapshot()), "the card is seen")
        before = next(filter(None, second.snapshot()))
        asleep = ASLEEP_AFTER + 2
        wait_until(lambda: any((now or 0) > before for now in second.snapshot()), "renewed")
    finally:
        second.close()


def test_a_reader_that_left_is_no_reader() -> None:
    """Unplugging cannot be staged with vpcd: the service's answers are played instead."""

    class Unplugged(Winscard):
        names = ("A", "B")

        def establish(self) -> int:
            return 1

        def release(self, context: int) -> None:
            pass

        cancel = release

        def reader_names(self, context: int) -> list[str]:
            return list(self.names)

        def status_change(
            self, context: int, known: object, *, seconds: float
        ) -> list[tuple[str, int, bytes]]:
            if seconds:
                time.sleep(0.01)
                raise ReaderGone
            return [(name, 0x10020, b"\x3b") for name in self.names]

        def connect(self, context: int, reader: str) -> tuple[int, int]:
            raise ReaderGone

    api = Unplugged()
    readers = PcscReaders(api)
    try:
        gone = readers.readers()[0]
        with pytest.raises(ReaderGone), gone.connect():
            raise AssertionError("an unplugged reader was connected")
        api.names = ("B",)
        wait_until(lambda: len(readers.readers()) == 1, "the reader is gone from the list")
        assert readers.readers()[0].index == 1
        with pytest.raises(ReaderGone), gone.connect():
            raise AssertionError("an unplugged reader was connected")
        before = max(filter(None, readers.snapshot()))
        api.names = ("A", "B")
        wait_until(lambda: len(readers.readers()) == 2, "the reader is back in the list")
        back = readers.readers()[0]
        assert (back.name, back.index) == ("A", 0)
        assert (back.insertion or 0) > before
    finally:
        readers.close()
