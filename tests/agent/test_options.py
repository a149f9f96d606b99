"""`csdll.ini`: the manual's names, defaults and effects (manual 4; FEATURES B12)."""

from pathlib import Path

import pytest

from agent.options import Options, OptionsConflict, OptionsFile

DEFAULTS = {"HPCFASTAUTH": False, "CSWATCH": False, "CSREMOTE": False, "CLSCSFSIM": True}


def written(home: Path, text: str | bytes) -> OptionsFile:
    (home / "csdll.ini").write_bytes(text if isinstance(text, bytes) else text.encode())
    return OptionsFile(home)


def test_the_defaults_are_the_manuals(tmp_path: Path) -> None:
    options = OptionsFile(tmp_path / "none").read()
    assert {name: getattr(options, name.lower()) for name in DEFAULTS} == DEFAULTS


@pytest.mark.parametrize("name", DEFAULTS)
@pytest.mark.parametrize("enabled", [True, False])
def test_each_is_read_from_the_file(tmp_path: Path, name: str, enabled: bool) -> None:
    file = written(tmp_path, f"{name}={'ENABLE' if enabled else 'DISABLE'}\n")
    assert getattr(file.read(), name.lower()) is enabled
    assert not file.mistakes()


@pytest.mark.parametrize(
    "text",
    [
        "[CSDLL]\nHPCFASTAUTH=ENABLE\n",
        "\ufeffHPCFASTAUTH=ENABLE",
        "; 註解 HPCFASTAUTH=DISABLE\r\n hpcfastauth = enable \r\n",
        "HPCFASTAUTH=DISABLE\nHPCFASTAUTH=ENABLE",
        "; 醫師卡快速認證\nHPCFASTAUTH=ENABLE".encode("cp950"),
    ],
    ids=["section", "byte order mark", "comment, spaces, CRLF", "twice: the last", "cp950"],
)
def test_however_an_editor_left_it(tmp_path: Path, text: str | bytes) -> None:
    assert written(tmp_path, text).read().hpcfastauth


@pytest.mark.parametrize("value", ["", "1", "TRUE", "ENABLED", "啟用"])
def test_a_value_that_cannot_be_meant_leaves_the_default(tmp_path: Path, value: str) -> None:
    file = written(tmp_path, f"HPCFASTAUTH={value}\nCLSCSFSIM={value}\n")
    assert file.read() == Options()
    assert file.mistakes() == [f"HPCFASTAUTH={value}", f"CLSCSFSIM={value}"]


def test_saving_keeps_what_it_does_not_know(tmp_path: Path) -> None:
    file = written(tmp_path, "[COM]\nPORT=COMX1\n; 櫃檯一\nCSWATCH=DISABLE\n")
    file.save(Options(cswatch=True, reader_nhi="讀卡機 A"))
    lines = file.path.read_text("utf-8").splitlines()
    assert lines[:4] == ["[COM]", "PORT=COMX1", "; 櫃檯一", "CSWATCH=ENABLE"]
    assert sorted(lines[4:]) == [
        "CLSCSFSIM=ENABLE",
        "CSREMOTE=DISABLE",
        "HPCFASTAUTH=DISABLE",
        "READER_HPC=",
        "READER_NHI=讀卡機 A",
    ]
    assert file.read() == Options(cswatch=True, reader_nhi="讀卡機 A")


def test_saving_twice_is_the_same_file(tmp_path: Path) -> None:
    file = OptionsFile(tmp_path)
    file.save(Options(hpcfastauth=True))
    first = file.path.read_bytes()
    file.save(Options(hpcfastauth=True))
    assert file.path.read_bytes() == first


def test_fast_authentication_and_remote_mode_are_never_saved_together(tmp_path: Path) -> None:
    file = OptionsFile(tmp_path)
    with pytest.raises(OptionsConflict):
        file.save(Options(hpcfastauth=True, csremote=True))
    assert not file.path.exists()


@pytest.mark.parametrize(
    ("hpcfastauth", "csremote", "remote_session", "allowed"),
    [
        (False, False, False, False),
        (True, False, False, True),
        (True, False, True, False),  # within a remote session
        (True, True, False, False),  # both, by an editor: the safer one counts
        (True, True, True, False),
        (False, True, True, False),
    ],
)
def test_fast_authentication_never_works_in_remote_mode(
    hpcfastauth: bool, csremote: bool, remote_session: bool, allowed: bool
) -> None:
    options = Options(hpcfastauth=hpcfastauth, csremote=csremote)
    assert options.allows_fast_authentication(remote_session=remote_session) is allowed
