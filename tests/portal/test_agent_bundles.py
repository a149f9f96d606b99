"""Bundles of the agent on the downloads page: checked, offered, and believed by agents (FEATURES B13)."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.test import Client

from agent.update import MANIFEST, SIGNATURE, check_bundle, opened
from apps.portal.models import Download
from apps.portal.terms import Shelf
from apps.workstations.releases import newest_version
from deploy.agent.bundle import sign_bundle

pytestmark = pytest.mark.django_db
KEY = Ed25519PrivateKey.generate()
PUBLIC = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()


@pytest.fixture(autouse=True)
def _release_key(settings: Any) -> None:
    settings.AGENT_RELEASE_KEY = PUBLIC


def make_bundle(folder: Path, version: str = "0.2.0", *, key: Ed25519PrivateKey = KEY) -> Path:
    folder.mkdir()
    (folder / f"ankang_agent-{version}-py3-none-any.whl").write_bytes(b"wheel " + version.encode())
    (folder / f"ankang-agent-{version}-linux-x86_64").write_bytes(b"program")
    (folder / f"ankang-agent-{version}-win32-amd64.exe").write_bytes(b"program for Windows")
    sign_bundle(folder, key, version=version)
    return folder


def offered() -> dict[str, Download]:
    return {each.file_name: each for each in Download.objects.filter(shelf=Shelf.COMPONENT)}


def test_a_bundle_and_its_single_files_are_offered_with_version_size_and_checksum(
    tmp_path: Path, events: Any
) -> None:
    call_command("publish_agent_bundle", make_bundle(tmp_path / "bundle"))
    assert set(offered()) == {
        "ankang-agent-bundle-0.2.0.zip",
        "ankang-agent-0.2.0-linux-x86_64",
        "ankang-agent-0.2.0-win32-amd64.exe",
    }
    for page in ("/downloads/", "/card-component/"):
        html = Client().get(page).content.decode()
        assert PUBLIC in html
        for each in offered().values():
            assert each.version == "0.2.0"
            assert each.sha256 == hashlib.sha256(each.content).hexdigest()
            assert each.sha256 in html
            assert f'href="/downloads/{each.pk}/"' in html
    assert [each["action"] for each in events()] == ["add_record"] * 3
    assert newest_version() == "0.2.0"


@pytest.mark.parametrize(("demo", "way_on"), [(True, "不需安裝"), (False, 'href="/contact/"')])
def test_without_a_bundle_both_pages_say_what_is_missing_and_who_does_what(
    tmp_path: Path, settings: Any, demo: bool, way_on: str
) -> None:
    settings.DEMO = demo
    for page in ("/downloads/", "/card-component/"):
        html = Client().get(page).content.decode()
        assert 'data-component="none"' in html
        assert way_on in html
        assert "publish_agent_bundle" in html
    call_command("publish_agent_bundle", make_bundle(tmp_path / "bundle"))
    for page in ("/downloads/", "/card-component/"):
        assert 'data-component="none"' not in Client().get(page).content.decode()


def test_what_is_downloaded_is_what_an_agent_accepts(tmp_path: Path) -> None:
    call_command("publish_agent_bundle", make_bundle(tmp_path / "bundle"))
    whole = offered()["ankang-agent-bundle-0.2.0.zip"]
    path = tmp_path / whole.file_name
    path.write_bytes(Client().get(f"/downloads/{whole.pk}/").content)
    with opened(path) as folder:
        assert check_bundle(folder, key=KEY.public_key(), present="0.1.0").version == "0.2.0"


def test_the_same_again_changes_nothing_and_a_newer_one_takes_its_place(
    tmp_path: Path, events: Any
) -> None:
    call_command("publish_agent_bundle", make_bundle(tmp_path / "bundle"))
    before = {each.pk for each in offered().values()}
    call_command("publish_agent_bundle", tmp_path / "bundle")
    assert {each.pk for each in offered().values()} == before
    assert len(events()) == 3
    call_command("publish_agent_bundle", make_bundle(tmp_path / "newer", "0.10.0"))
    assert {each.version for each in offered().values()} == {"0.10.0"}
    assert newest_version() == "0.10.0"
    with pytest.raises(CommandError, match="newer version"):
        call_command("publish_agent_bundle", tmp_path / "bundle")
    assert {each.version for each in offered().values()} == {"0.10.0"}


def test_what_operators_put_on_the_shelf_themselves_stays(tmp_path: Path) -> None:
    Download.objects.create(shelf=Shelf.COMPONENT, name="驅動程式", address="https://example.org/")
    call_command("publish_agent_bundle", make_bundle(tmp_path / "bundle"))
    assert Download.objects.filter(name="驅動程式").exists()


def change_file(folder: Path) -> None:
    next(folder.glob("*.whl")).write_bytes(b"another")


CHANGES: dict[str, Callable[[Path], object]] = {
    "a changed file": change_file,
    "a missing file": lambda folder: next(folder.glob("*.whl")).unlink(),
    "a file that is not named": lambda folder: (folder / "extra").write_bytes(b""),
    "a changed manifest": lambda folder: (folder / MANIFEST).write_bytes(b"{}"),
    "no signature": lambda folder: (folder / SIGNATURE).unlink(),
    "signed by somebody else": lambda folder: sign_bundle(
        folder, Ed25519PrivateKey.generate(), version="0.2.0"
    ),
    "no version": lambda folder: sign_bundle(folder, KEY, version="new"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_25_anything_else_than_what_was_released_is_not_offered(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    change(make_bundle(tmp_path / "bundle"))
    with pytest.raises(CommandError):
        call_command("publish_agent_bundle", tmp_path / "bundle")
    assert not offered()


def test_25_without_a_release_key_nothing_is_offered(tmp_path: Path, settings: Any) -> None:
    settings.AGENT_RELEASE_KEY = ""
    with pytest.raises(CommandError, match="release key"):
        call_command("publish_agent_bundle", make_bundle(tmp_path / "bundle"))
