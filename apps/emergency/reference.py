"""The switches of the tabs and the texts, as they are at first; from then on they are the operators' data."""

import json
from pathlib import Path

from apps.access.terms import Profession
from apps.emergency.models import EmergencyText, TabSwitch
from apps.emergency.registry import all_tabs

# Ours: what a pharmacist does not need to check a prescription.
PHYSICIANS_ONLY = {"dental", "discharges"}


TEXTS = Path(__file__).parent / "data" / "texts.json"


def load() -> None:
    EmergencyText.objects.bulk_create(
        [EmergencyText(**each) for each in json.loads(TEXTS.read_text("utf-8"))],
        update_conflicts=True,  # where a text stands, the pages say; its words stay the operators'
        unique_fields=["code"],
        update_fields=["place", "position", "tabs"],
    )
    TabSwitch.objects.bulk_create(
        [
            TabSwitch(
                tab=tab.name,
                professions=[Profession.PHYSICIAN] if tab.name in PHYSICIANS_ONLY else [],
            )
            for tab in all_tabs()
        ],
        ignore_conflicts=True,
    )
