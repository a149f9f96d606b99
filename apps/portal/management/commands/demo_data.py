"""`manage.py demo_data`: people, cards, institutions, sites and slots to try the platform with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.accounts.terms import CardKind
from apps.portal.demo import loading
from apps.portal.demo.cards import serial_of, write_nhi_card, write_pki_card
from apps.portal.demo.emergency.loading import load_emergency
from apps.portal.demo.insurance import load_insurance
from apps.portal.demo.people import CITIZENS, PEOPLE, PIN
from apps.portal.demo.pki import NAMES, load_authority
from apps.portal.demo.records import load_records
from apps.portal.demo.texts import load_texts
from apps.portal.demo.waiting import load_drafted_campaign, load_waiting_lists


class Command(BaseCommand):
    help = "Loads the demo's data and writes its virtual cards; again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo data belongs on a demo server only (ANKANG_DEMO=1).")
        with transaction.atomic():
            loading.load_institutions()
            loading.load_people()
            loading.load_doses()
            campaign = loading.load_campaign()
            loading.load_sites(campaign)
            load_waiting_lists(campaign)
            load_drafted_campaign()
            loading.register_passwords()
            load_insurance()
            load_records()
            load_emergency()
            load_texts()
            for kind in NAMES:
                authority = load_authority(settings.DEMO_CA_DIR, CardKind(kind))
                loading.trust_authority(kind, NAMES[kind], authority.pem)
        self.write_cards()
        self.publish_lists()
        self.print_cards()

    def write_cards(self) -> None:
        for person in PEOPLE:
            write_pki_card(
                settings.VIRTUAL_CARDS,
                settings.DEMO_CA_DIR,
                card_id=person.card_id,
                card_kind=person.card_kind,
                holder=person.name,
                national_id=person.national_id,
                profession=person.profession,
                note=person.note,
            )
        for number, citizen in enumerate(CITIZENS, start=1):
            write_nhi_card(settings.VIRTUAL_CARDS, citizen, number=number)

    def publish_lists(self) -> None:
        """After the cards: the lists name the certificates of some."""
        for kind, name in NAMES.items():
            revoked = [
                serial_of(settings.VIRTUAL_CARDS, each.card_id)
                for each in PEOPLE
                if each.revoked and each.card_kind == kind
            ]
            authority = load_authority(settings.DEMO_CA_DIR, CardKind(kind))
            file = settings.DEMO_CA_DIR / f"{kind.lower()}.crl"
            loading.publish_list(name, authority, file, revoked=revoked)

    def print_cards(self) -> None:
        rows = [(each.card_id, each.card_kind.value, each.name, PIN, each.note) for each in PEOPLE]
        rows += [(each.card_id, "NHI", each.name, "-", each.note) for each in CITIZENS]
        for card_id, kind, name, pin, note in rows:
            self.stdout.write(f"{card_id:<20}{kind:<13}PIN {pin:<8}{name}  {note}")
