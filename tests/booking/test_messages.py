"""Notices and reminders go out once each, whatever happens to the worker (C12)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import F

from apps.booking.models import Booking, Offer
from apps.booking.providers import FileSender, SenderError
from apps.booking.services.messages import MOST_ATTEMPTS, OF_OFFERS, send_waiting, write_reminders
from apps.booking.tasks import remind, send_messages
from apps.booking.terms import BookingState, OfferState, Topic, WaitingState
from apps.core import clock
from apps.core.models import OutboxMessage
from tests.support.booking import make_booking, make_campaign, make_entry, make_site, make_slot

pytestmark = pytest.mark.django_db


class Recorder:
    """A sender that keeps what it was asked to send."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    def send(self, *, key: str, phone: str, text: str) -> None:
        self.sent.append((key, phone, text))


@pytest.fixture
def booking() -> Booking:
    return make_booking(make_slot(make_site(make_campaign()), days=1))


def tell(booking: Booking, topic: Topic, revision: int = 1) -> OutboxMessage:
    payload = {"booking": str(booking.pk), "revision": revision}
    return OutboxMessage.objects.create(topic=topic, payload=payload)


OF_BOOKINGS = set(Topic) - OF_OFFERS - {Topic.REMINDER, Topic.WAITING_JOINED}


@pytest.mark.parametrize("topic", sorted(OF_BOOKINGS))
def test_each_notice_names_time_site_and_number(booking, topic) -> None:
    tell(booking, topic)
    recorder = Recorder()
    assert send_waiting(sender=recorder) == 1
    ((_, phone, text),) = recorder.sent
    assert phone == booking.phone
    for part in ("10:00~11:00", "培靈醫院-AZ", booking.full_number):
        assert part in text
    assert booking.name not in text
    assert booking.masked_id not in text
    assert send_waiting(sender=recorder) == 0


@pytest.mark.parametrize("topic", sorted(OF_OFFERS))
def test_each_notice_of_an_offer_names_the_place(booking, topic) -> None:
    entry = make_entry(booking.slot.site)
    ends = clock.now() + timedelta(hours=1)
    offer = Offer.objects.create(entry=entry, slot=booking.slot, expires_at=ends)
    OutboxMessage.objects.create(topic=topic, payload={"offer": str(offer.pk)})
    recorder = Recorder()
    assert send_waiting(sender=recorder) == 1
    ((_, phone, text),) = recorder.sent
    assert phone == entry.phone
    assert "10:00~11:00" in text
    assert "培靈醫院-AZ" in text
    assert entry.name not in text


def test_an_answered_offer_and_an_ended_entry_are_not_told_of(booking) -> None:
    entry = make_entry(booking.slot.site, state=WaitingState.LEFT)
    offer = Offer.objects.create(
        entry=entry, slot=booking.slot, state=OfferState.DECLINED, expires_at=clock.now()
    )
    topics = {Topic.PLACE_OFFERED: {"offer": offer.pk}, Topic.WAITING_JOINED: {"entry": entry.pk}}
    for topic, payload in topics.items():
        payload = {name: str(pk) for name, pk in payload.items()}
        OutboxMessage.objects.create(topic=topic, payload=payload)
    assert send_waiting(sender=Recorder()) == 0
    assert not OutboxMessage.objects.filter(sent_at=None).exists()


def test_a_notice_that_was_overtaken_is_not_sent(booking) -> None:
    tell(booking, Topic.BOOKING_MADE)
    Booking.objects.update(revision=2)
    tell(booking, Topic.BOOKING_CHANGED, revision=2)
    recorder = Recorder()
    assert send_waiting(sender=recorder) == 1
    assert "變更" in recorder.sent[0][2]
    assert not OutboxMessage.objects.filter(sent_at=None).exists()


def test_bookings_of_tomorrow_are_reminded_once(booking) -> None:
    make_booking(make_slot(booking.slot.site, days=2))
    make_booking(booking.slot, state=BookingState.CANCELLED)
    recorder = Recorder()
    for _ in range(3):
        write_reminders()
        send_waiting(sender=recorder)
    ((_, phone, text),) = recorder.sent
    assert phone == booking.phone
    assert "健保卡" in text


def test_who_cancelled_or_moved_meanwhile_is_not_reminded(booking) -> None:
    write_reminders()
    Booking.objects.update(slot=make_slot(booking.slot.site, days=3))
    assert send_waiting(sender=Recorder()) == 0


def test_a_message_that_fails_waits_and_holds_up_nobody(booking) -> None:
    class Picky(Recorder):
        def send(self, *, key: str, phone: str, text: str) -> None:
            if key == bad:
                raise SenderError
            super().send(key=key, phone=phone, text=text)

    bad = str(tell(booking, Topic.BOOKING_MADE).pk)
    tell(booking, Topic.BOOKING_CHANGED)
    picky = Picky()
    assert send_waiting(sender=picky) == 1
    (waiting,) = OutboxMessage.objects.filter(sent_at=None)
    assert (str(waiting.pk), waiting.attempts) == (bad, 1)
    bad = ""
    assert send_waiting(sender=picky) == 1


def test_a_message_is_not_tried_for_ever(booking) -> None:
    tell(booking, Topic.BOOKING_MADE)
    OutboxMessage.objects.update(attempts=MOST_ATTEMPTS)
    assert send_waiting(sender=Recorder()) == 0


def test_a_worker_killed_after_sending_leaves_one_message(booking, tmp_path: Path) -> None:
    class Killed(FileSender):
        def send(self, *, key: str, phone: str, text: str) -> None:
            super().send(key=key, phone=phone, text=text)
            raise KeyboardInterrupt

    tell(booking, Topic.BOOKING_MADE)
    with pytest.raises(KeyboardInterrupt):
        send_waiting(sender=Killed(tmp_path))
    assert OutboxMessage.objects.filter(sent_at=None).count() == 1
    assert send_waiting(sender=FileSender(tmp_path)) == 1
    (file,) = tmp_path.iterdir()
    assert file.read_text().startswith(f"{booking.phone}\n")


def test_a_folder_that_cannot_be_written_is_a_failure_to_send(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    with pytest.raises(SenderError):
        FileSender(taken).send(key="a", phone="0912345678", text="x")


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_share_the_work() -> None:
    slot = make_slot(make_site(make_campaign()), capacity=30)
    for _ in range(30):
        tell(make_booking(slot), Topic.BOOKING_MADE)
    recorder = Recorder()

    def work(_: int) -> int:
        try:
            return send_waiting(sender=recorder)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 30
    assert set(Counter(key for key, _, _ in recorder.sent).values()) == {1}


def test_tasks_send_through_the_chosen_sender(booking, settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    settings.MESSAGE_SENDER = ""
    remind()
    send_messages()
    assert OutboxMessage.objects.filter(sent_at=None).count() == 1
    settings.MESSAGE_SENDER = "apps.booking.providers.FileSender"
    send_messages()
    assert len(list((tmp_path / "messages").iterdir())) == 1
    Booking.objects.update(revision=F("revision") + 1)
    send_messages()
    assert len(list((tmp_path / "messages").iterdir())) == 1
