"""`manage.py publish_agent_bundle FOLDER`: a signed bundle of the agent, onto the downloads page."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.audit.actors import Actor
from apps.portal.agent_bundles import BundleRefused, read_bundle
from apps.portal.releasing import OlderThanPublished, publish_agent_bundle


class Command(BaseCommand):
    help = "Checks a bundle of the agent against the release key and offers it for download."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="what `make agent-bundle` made")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            bundle = read_bundle(options["folder"], release_key=settings.AGENT_RELEASE_KEY)
            offered = publish_agent_bundle(bundle=bundle, by=Actor.system("publish_agent_bundle"))
        except BundleRefused as error:
            raise CommandError(str(error)) from error
        except OlderThanPublished as error:
            raise CommandError("A newer version is published already.") from error
        for each in offered:
            self.stdout.write(f"{each.version} {each.file_name} {each.size} {each.sha256}")
