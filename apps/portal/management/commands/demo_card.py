"""`manage.py demo_card`: one more PKI card of the demo's own authority, for any name and number."""

import re
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.terms import INSTITUTION_CARDS, CardKind
from apps.identities.numbers import InvalidNumber, check_national_id
from apps.portal.demo.cards import write_pki_card
from apps.portal.demo.people import PIN
from apps.portal.demo.pki import NAMES


class Command(BaseCommand):
    help = "Writes a virtual card with a certificate of the demo authority into the cards' folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("card_id", help="name of the card file, e.g. hpc-lin")
        parser.add_argument("--kind", choices=[kind.value for kind in NAMES], default="HPC")
        parser.add_argument("--holder", required=True)
        parser.add_argument(
            "--national-id", required=True, help="of an institution or government card: its code"
        )
        parser.add_argument("--profession", default="", help="code of the register, D: pharmacist")
        parser.add_argument("--pin", default=PIN, help="6 to 8 digits")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo cards belong to a demo server only (ANKANG_DEMO=1).")
        if not re.fullmatch(r"[a-z0-9-]{1,40}", options["card_id"]):
            raise CommandError("A card id has small letters, digits and hyphens.")
        if not re.fullmatch(r"[0-9]{6,8}", options["pin"]):
            raise CommandError("A PIN has 6 to 8 digits.")
        number = _number_of(CardKind(options["kind"]), options["national_id"])
        written = write_pki_card(
            settings.VIRTUAL_CARDS,
            settings.DEMO_CA_DIR,
            card_id=options["card_id"],
            card_kind=CardKind(options["kind"]),
            holder=options["holder"],
            national_id=number,
            profession=options["profession"],
            pin=options["pin"],
        )
        if not written:
            raise CommandError(f"There is already a card {options['card_id']}.")
        self.stdout.write(f"{settings.VIRTUAL_CARDS / options['card_id']}.json")


def _number_of(card_kind: CardKind, number: str) -> str:
    """What the certificate's serialNumber holds. Raises CommandError."""
    if card_kind in INSTITUTION_CARDS:
        if not re.fullmatch(r"[0-9A-Z]{10}", number):
            raise CommandError("The code of an institution has 10 positions.")
        return number
    try:
        return check_national_id(number)
    except InvalidNumber as error:
        raise CommandError(str(error)) from error
