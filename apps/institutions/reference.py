"""Taiwan's cities and districts by postal code."""

import json
from pathlib import Path

from apps.institutions.models import District

FILE = Path(__file__).parent / "data" / "districts.json"


def load() -> None:
    cities: dict[str, dict[str, str]] = json.loads(FILE.read_text())
    places = [
        (code, city, name) for city, districts in cities.items() for code, name in districts.items()
    ]
    if District.objects.count() == len(places):
        return
    District.objects.bulk_create(
        [
            District(code=code, city=city, name=name, position=position)
            for position, (code, city, name) in enumerate(places)
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["city", "name", "position"],
    )
