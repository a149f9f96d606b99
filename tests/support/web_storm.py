"""A storm on the real web server, whose workers are killed while they book (issue 5)."""

import os
import random
import signal
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
from django.conf import settings
from django.db import connection

from apps.accounts.sessions import SessionStore
from apps.booking.models import Slot
from apps.cards.models import Reading
from apps.cards.readings import seal_reading
from apps.core import clock
from apps.identities.models import Identity
from tests.support.booking import READING, make_campaign, make_site, make_slot
from tests.support.web_server import PATIENCE, WebServer, own_host
from tests.support.world import Pharmacy, session_columns

CSRF = "c" * 32
CLIENTS = 6


@dataclass
class Web(WebServer):
    """Its workers can be killed."""

    killed: int = 0

    def kill_one(self, chance: random.Random) -> None:
        """SIGKILL, in the middle of whatever it does; another one comes. Killed too often at once, the
        server gives up as a whole, and whoever watches over it starts it again.
        """
        if workers := self.workers():
            os.kill(chance.choice(workers), signal.SIGKILL)
            self.killed += 1
        time.sleep(0.2)
        if self.process.poll() is not None:
            self.start()


@contextmanager
def serve(log: Path) -> Iterator[Web]:
    """On the test database, as the application's role."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    env = {**os.environ, "DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}"))}
    web = Web(log, env)
    web.start()
    try:
        yield web
    finally:
        web.stop()


class WebStorm:
    """People whose cards one pharmacist has read, each to be booked by the form."""

    def __init__(self, *, people: int, slots: int, places: int) -> None:
        pharmacy = Pharmacy()
        store = SessionStore()
        session = store.open(
            **session_columns(
                pharmacy.pharmacist,
                institution_id=pharmacy.institution.pk,
                institution_code=pharmacy.institution.code,
                institution_name=pharmacy.institution.name,
                workstation_id=pharmacy.workstation.pk,
            )
        )
        self.cookies = {
            settings.SESSION_COOKIE_NAME: store.session_key or "",
            settings.CSRF_COOKIE_NAME: CSRF,
        }
        self.site = make_site(make_campaign())
        self.slots = [make_slot(self.site, hour=9 + n, capacity=places) for n in range(slots)]
        self.readings = [self._read(session.id, pharmacy) for _ in range(people)]

    def _read(self, session: uuid.UUID, pharmacy: Pharmacy) -> Reading:
        patient = Identity.objects.create()
        reading = Reading(patient=patient, session_id=session, workstation=pharmacy.workstation)
        seal_reading(reading, READING).save()
        return reading

    def blow(self, web: Web) -> dict[Any, Any]:
        """Who got the redirect to a booking (patient), and of which slot."""
        chance = random.Random(5)
        answers: dict[Any, Any] = {}
        with ThreadPoolExecutor(CLIENTS) as pool:
            jobs = [
                (reading, pool.submit(self._book, web, reading, chance.choice(self.slots)))
                for reading in self.readings
            ]
            for number, (reading, job) in enumerate(jobs):
                booked = job.result()
                if booked:
                    answers[reading.patient_id] = booked
                if number % 15 == 7:
                    web.kill_one(chance)
        return answers

    def _book(self, web: Web, reading: Reading, slot: Slot) -> uuid.UUID | None:
        """The slot, when the server said that it is booked; a killed worker says nothing."""
        try:
            answer = httpx.post(
                f"{web.origin}/booking/{reading.pk}/",
                data=self._form(slot),
                cookies=self.cookies,
                headers=own_host() | {"Origin": settings.ORIGIN},
                trust_env=False,
                timeout=PATIENCE,
            )
        except httpx.TransportError:
            return None
        assert answer.status_code in {303, 409}, answer.text[-2000:]
        return slot.pk if answer.status_code == 303 else None

    def _form(self, slot: Slot) -> dict[str, str]:
        district = self.site.institution.district
        assert district is not None
        place = {
            "city": district.city,
            "district": district.code,
            "site": str(self.site.pk),
            "date": clock.day_of(slot.begins_at).isoformat(),
        }
        return place | {
            "offered": "|".join(place.values()),
            "slot": str(slot.pk),
            "phone": "0912345678",
            "consent": "on",
            "key": str(uuid.uuid4()),
            "csrfmiddlewaretoken": CSRF,
        }
