"""Offers a bundle of the agent on the downloads page."""

import hashlib

from django.db import transaction

from apps.audit.actors import Actor
from apps.audit.changes import remove_record, save_record
from apps.portal.agent_bundles import AgentBundle
from apps.portal.models import Download
from apps.portal.terms import Shelf
from apps.workstations.releases import note_release, numbers_of

PREFIX = "ankang-agent-"  # of the names of files that came out of bundles


class OlderThanPublished(Exception):
    """A newer version is on the page: agents would refuse this one."""


def publish_agent_bundle(*, bundle: AgentBundle, by: Actor) -> list[Download]:
    """Puts the bundle, and each single file of it, on the page in place of the version before.

    The same bundle again changes nothing. Agents hear of the version at their next authentication.
    Raises OlderThanPublished.
    """
    offered = _downloads(bundle)
    with transaction.atomic():
        earlier = list(
            Download.objects.select_for_update(of=("self",)).filter(
                shelf=Shelf.COMPONENT, file_name__startswith=PREFIX
            )
        )
        newest = max((each.version for each in earlier), key=numbers_of, default="")
        if numbers_of(newest) > numbers_of(bundle.version):
            raise OlderThanPublished
        known = {(each.file_name, each.sha256): each for each in earlier}
        kept = [known.pop((each.file_name, each.sha256), each) for each in offered]
        for each in known.values():
            remove_record(record=each, by=by)
        for each in kept:
            if each._state.adding:
                save_record(record=each, by=by)
        note_release(version=bundle.version)
    return kept


def _downloads(bundle: AgentBundle) -> list[Download]:
    whole = _download(
        f"{PREFIX}bundle-{bundle.version}.zip",
        bundle.packed(),
        bundle.version,
        "讀卡元件離線安裝包",
        "Offline bundle of the card component",
    )
    programs = [
        _download(
            name,
            bundle.files[name],
            bundle.version,
            f"讀卡元件單一執行檔（{system}）",
            f"Card component as one file ({system})",
        )
        for system, name in sorted(bundle.programs.items())
    ]
    return [whole, *programs]


def _download(name: str, content: bytes, version: str, chinese: str, english: str) -> Download:
    return Download(
        shelf=Shelf.COMPONENT,
        name=chinese,
        name_en=english,
        version=version,
        file_name=name,
        content=content,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
