"""Messages of the outbox that were changed past the application contradict the sealed log."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Value
from django.db.models.expressions import RawSQL

from apps.booking.models import Booking, Offer, Slot, WaitingEntry
from apps.booking.services.messages import write_reminders
from apps.booking.services.queue import expire_offers
from apps.core import clock
from apps.core.models import OutboxMessage
from apps.oversight.models import RetentionRule
from apps.oversight.services.replaying_messages import compare_messages
from tests.support.booking import make_booking, make_slot
from tests.support.counter import Counter, reading_of
from tests.support.site import SiteDesk
from tests.support.world import in_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter() -> Counter:
    """With a booking that was made and changed."""
    made = Counter()
    made.book(made.open_form())
    path = f"/booking/bookings/{Booking.objects.get().pk}/change/"
    form = made.browser.get(path).context["form"]
    values = {name: form[name].value() for name in form.fields} | {"phone": "0987654321"}
    assert made.browser.post(path, values).status_code == 303
    return made


def said() -> list[str]:
    """About what is in the tables of this test; the log also knows of others."""
    here = {
        str(pk)
        for model in (Booking, Offer, WaitingEntry)
        for pk in model.objects.values_list("pk", flat=True)
    }
    return [
        f"{each.messages} {each.topic} for {each.events}"
        for each in compare_messages()
        if each.about in here
    ]


def messages(topic: str) -> Any:
    return OutboxMessage.objects.filter(topic=topic)


class TestWhatTheServicesDidAgrees:
    def test_booked_changed_cancelled_and_reminded(self, counter) -> None:
        write_reminders()
        booking = Booking.objects.get()
        path = f"/booking/bookings/{booking.pk}/cancel/"
        counter.browser.post(path, {"revision": booking.revision})
        assert {each.topic for each in OutboxMessage.objects.all()} >= {
            "booking_made",
            "booking_changed",
            "booking_cancelled",
        }
        assert said() == []

    def test_waited_offered_expired(self) -> None:
        counter = Counter()
        counter.second.delete()
        Slot.objects.filter(pk=counter.first.pk).update(capacity=1)
        make_booking(counter.first, institution=counter.institution)
        where = f"/booking/{reading_of(counter.read_card())}/waiting/join/"
        counter.browser.post(where, counter.fill(counter.browser.get(where)))
        taken = Booking.objects.get()
        counter.browser.post(f"/booking/bookings/{taken.pk}/cancel/", {"revision": taken.revision})
        Offer.objects.update(expires_at=clock.now() - timedelta(seconds=1))
        assert expire_offers() == 1
        topics = set(OutboxMessage.objects.values_list("topic", flat=True))
        assert topics == {"waiting_joined", "place_offered", "offer_expired", "booking_cancelled"}
        assert said() == []

    @pytest.mark.parametrize("deed", ["move", "cancel"])
    def test_a_whole_day_moved_or_called_off(self, deed) -> None:
        desk = SiteDesk()
        slot = make_slot(desk.site)
        for _ in range(2):
            make_booking(slot)
        to = in_days(8).isoformat()
        desk.post("day", deed, day=in_days(1).isoformat(), to=to, sure="on")
        assert OutboxMessage.objects.filter(topic__startswith="day_").count() == 2
        assert said() == []

    def test_the_command(self, counter, capsys) -> None:
        RetentionRule.objects.filter(pk="sent_messages").update(days=0)
        call_command("compare_messages")
        assert "Every message is as the access log says" in capsys.readouterr().out


class TestAsTheOwnerOfTheTables:
    def test_a_message_taken_out(self, counter) -> None:
        messages("booking_changed").delete()
        assert said() == ["0 booking_changed for 1"]
        pk = Booking.objects.get().pk
        with pytest.raises(CommandError, match=f"0 messages booking_changed about {pk}"):
            call_command("compare_messages")

    def test_a_message_put_in(self, counter) -> None:
        payload = {"booking": str(Booking.objects.get().pk), "revision": 3}
        OutboxMessage.objects.create(topic="booking_cancelled", payload=payload)
        assert said() == ["1 booking_cancelled for 0"]

    def test_a_message_of_another_topic(self, counter) -> None:
        messages("booking_changed").update(topic="booking_cancelled")
        assert said() == ["1 booking_cancelled for 0", "0 booking_changed for 1"]

    def test_a_message_about_another_booking(self, counter) -> None:
        other = make_booking(counter.second)
        payload = {"booking": str(other.pk), "revision": 2}
        messages("booking_changed").update(payload=payload)
        assert sorted(said()) == ["0 booking_changed for 1", "1 booking_changed for 0"]

    @pytest.mark.parametrize("revision", ["1", "7", '"x"', "-2", "99999999999999"])
    def test_an_overtaken_revision_which_is_never_sent(self, counter, revision) -> None:
        messages("booking_changed").update(
            payload=RawSQL("jsonb_set(payload, '{revision}', %s::jsonb)", [revision])
        )
        assert said() == ["1 booking_changed for 1"]
        with pytest.raises(CommandError, match="of another revision than the log says"):
            call_command("compare_messages")

    def test_a_message_moved_out_of_sight(self, counter) -> None:
        messages("booking_changed").update(created_at=clock.now() - timedelta(days=400))
        assert said() == ["0 booking_changed for 1"]

    def test_a_payload_that_names_nothing(self, counter) -> None:
        messages("booking_changed").update(
            payload=Value({}, OutboxMessage._meta.get_field("payload"))
        )
        assert "0 booking_changed for 1" in said()


def test_what_retention_removed_is_not_missed(counter, time_machine) -> None:
    """Sent, kept for as long as the rule says, removed: the events of that time ask for nothing."""
    days = RetentionRule.objects.get(pk="sent_messages").days
    OutboxMessage.objects.all().delete()
    assert said() != []
    time_machine.move_to(clock.now() + timedelta(days=days))
    assert said() == []
