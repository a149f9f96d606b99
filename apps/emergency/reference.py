"""The switches of the tabs, with their first positions; from then on they are the operators' data."""

from apps.access.terms import Profession
from apps.emergency.models import TabSwitch
from apps.emergency.registry import all_tabs

# Ours: what a pharmacist does not need to check a prescription.
PHYSICIANS_ONLY = {"dental", "discharges"}


def load() -> None:
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
