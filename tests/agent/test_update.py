"""The agent's wheel, and bundles: what is signed is installed, anything else is not (threat 25)."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent import __version__
from agent.__main__ import main
from agent.frozen import program_name
from agent.update import (
    MANIFEST,
    RELEASE_KEY,
    SIGNATURE,
    UpdateRefused,
    check_bundle,
    exchange_program,
    install,
    opened,
)
from deploy.agent.bundle import build_wheel, make_key, sign_bundle

KEY = Ed25519PrivateKey.generate()
NEWER = "9.0"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "ankang_agent-9.0-py3-none-any.whl").write_bytes(b"wheel")
    (folder / "httpx-1.0-py3-none-any.whl").write_bytes(b"another")
    sign_bundle(folder, KEY, version=NEWER)
    return folder


def test_a_signed_bundle_is_installed_without_a_network(bundle: Path) -> None:
    commands: list[list[str]] = []
    checked = check_bundle(bundle, key=KEY.public_key())
    install(checked, run=lambda command: commands.append(list(command)) or 0)
    (command,) = commands
    assert command[0] == sys.executable
    assert "--no-index" in command
    assert command[-1] == "ankang-agent==9.0"


def test_a_failed_installation_is_said(bundle: Path) -> None:
    with pytest.raises(UpdateRefused, match="present version stays"):
        install(check_bundle(bundle, key=KEY.public_key()), run=lambda command: 1)


def change_wheel(folder: Path) -> None:
    (folder / "ankang_agent-9.0-py3-none-any.whl").write_bytes(b"whee1")


def change_manifest(folder: Path) -> None:
    manifest = folder / MANIFEST
    manifest.write_text(manifest.read_text().replace("9.0", "9.1"))


def point_elsewhere(folder: Path) -> None:
    name = "httpx-1.0-py3-none-any.whl"
    (folder.parent / "outside").write_bytes(b"another")
    (folder / name).unlink()
    (folder / name).symlink_to(folder.parent / "outside")


def climb(folder: Path) -> None:
    """A name that leaves the folder, signed all the same."""
    told = json.loads((folder / MANIFEST).read_text())
    told["files"]["../outside"] = {"sha256": "", "size": 0}
    resign(folder, told)


def resign(folder: Path, told: object) -> None:
    import base64

    manifest = json.dumps(told).encode()
    (folder / MANIFEST).write_bytes(manifest)
    (folder / SIGNATURE).write_text(base64.b64encode(KEY.sign(manifest)).decode())


CHANGES: dict[str, Callable[[Path], object]] = {
    "a changed wheel": change_wheel,
    "a changed manifest": change_manifest,
    "no signature": lambda folder: (folder / SIGNATURE).unlink(),
    "an empty signature": lambda folder: (folder / SIGNATURE).write_text(""),
    "signed by somebody else": lambda folder: sign_bundle(
        folder, Ed25519PrivateKey.generate(), version=NEWER
    ),
    "a missing file": lambda folder: (folder / "httpx-1.0-py3-none-any.whl").unlink(),
    "a file that is not named": lambda folder: (folder / "extra.whl").write_bytes(b"x"),
    "a link to elsewhere": point_elsewhere,
    "a name that leaves the folder": climb,
    "another kind of manifest": lambda folder: resign(folder, {"format": "x", "version": NEWER}),
    "an older version": lambda folder: sign_bundle(folder, KEY, version="0.0.9"),
    "the present version": lambda folder: sign_bundle(folder, KEY, version=__version__),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_25_anything_else_than_what_was_released_is_refused(
    bundle: Path, change: Callable[[Path], object]
) -> None:
    change(bundle)
    with pytest.raises(UpdateRefused):
        check_bundle(bundle, key=KEY.public_key())


def zipped(folder: Path, **extra: bytes) -> Path:
    path = folder.with_suffix(".zip")
    with ZipFile(path, "w") as packed:
        for each in folder.iterdir():
            packed.write(each, each.name)
        for name, content in extra.items():
            packed.writestr(name, content)
    return path


def test_a_bundle_is_taken_as_it_was_downloaded(bundle: Path) -> None:
    with opened(zipped(bundle)) as folder:
        assert check_bundle(folder, key=KEY.public_key()).version == NEWER
    assert not folder.exists()
    with opened(bundle) as folder:
        assert folder == bundle


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/outside", "folder/file", "folder/", ".hidden"]
)
def test_25_a_zip_file_with_other_names_than_plain_ones_is_refused(bundle: Path, name: str) -> None:
    with pytest.raises(UpdateRefused, match="plain files"), opened(zipped(bundle, **{name: b"x"})):
        raise AssertionError("it was unpacked")
    assert not (bundle.parent / "outside").exists()


def test_25_what_is_no_bundle_or_too_large_a_one_is_refused(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (bundle / MANIFEST, bundle / "missing.zip"):
        with pytest.raises(UpdateRefused, match="neither"), opened(path):
            raise AssertionError("it was unpacked")
    monkeypatch.setattr("agent.update.LARGEST_BUNDLE", 10)
    with pytest.raises(UpdateRefused, match="too large"), opened(zipped(bundle)):
        raise AssertionError("it was unpacked")


def test_the_single_file_is_exchanged_in_one_step(bundle: Path) -> None:
    program = bundle.parent / "ankang-agent"
    program.write_bytes(b"old")
    with pytest.raises(UpdateRefused, match="other computers"):
        exchange_program(check_bundle(bundle, key=KEY.public_key()), program)
    assert program.read_bytes() == b"old"
    (bundle / program_name(NEWER)).write_bytes(b"new")
    sign_bundle(bundle, KEY, version=NEWER)
    exchange_program(check_bundle(bundle, key=KEY.public_key()), program)
    assert program.read_bytes() == b"new"
    assert program.stat().st_mode & 0o111
    assert {path.name for path in bundle.parent.iterdir()} == {"ankang-agent", "bundle"}


def test_25_by_command_nothing_happens_without_a_release_key(
    bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ANKANG_AGENT_HOME", str(tmp_path))
    assert main(["update", str(bundle), "--check"]) == 2
    public = make_key(tmp_path / "private")
    (tmp_path / RELEASE_KEY).write_text(public)
    assert main(["update", str(bundle), "--check"]) == 2
    assert (tmp_path / "private").stat().st_mode & 0o077 == 0
    assert "release key" in capsys.readouterr().err


def test_the_wheel_has_an_entry_point_pages_and_both_languages(tmp_path: Path) -> None:
    """Built without a network, and started out of the wheel itself."""
    wheel = build_wheel(tmp_path)
    with ZipFile(wheel) as packed:
        names = set(packed.namelist())
        (entry,) = [name for name in names if name.endswith("entry_points.txt")]
        assert "ankang-agent = agent.__main__:main" in packed.read(entry).decode()
        packed.extractall(tmp_path / "installed")
    assert {"agent/templates/console.html", "agent/static/agent.css"} <= names
    assert {"agent/locale/zh_Hant/LC_MESSAGES/agent.mo", "agent/signers/issuers.json"} <= names
    assert not [name for name in names if name.startswith(("apps/", "config/", "tests/"))]
    environ = os.environ | {"PYTHONPATH": str(tmp_path / "installed")}
    started = subprocess.run(
        [sys.executable, "-m", "agent", "--version"],
        cwd=tmp_path / "installed",
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert started.stdout.strip() == __version__
