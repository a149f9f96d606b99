"""`manage.py load_reference`: what every installation needs before its first use."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import transaction


class Command(BaseCommand):
    help = "Loads the reference data of every app that has a `reference` module; again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            for config in apps.get_app_configs():
                name = f"{config.name}.reference"
                if config.name.startswith("apps.") and find_spec(name):
                    import_module(name).load()
