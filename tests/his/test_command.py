"""The command line for vendors, and the small tools in the manual's roles (FEATURES G6)."""

import json

import pytest

from agent.__main__ import main
from agent.his.functions import FUNCTIONS
from agent.options import OptionsFile
from tests.agent.waiting import wait_until
from tests.his.conftest import His


@pytest.fixture
def run(his: His, monkeypatch, capsys):
    """Runs a command on the running agent; exit status, standard output, standard error."""
    settings = his.workstation.agent.settings
    monkeypatch.setenv("ANKANG_AGENT_HOME", str(settings.home))
    monkeypatch.setenv("AGENT_PORT", str(settings.port))
    monkeypatch.setenv("ANKANG_VIRTUAL_CARDS", str(settings.virtual_cards))

    def _run(*arguments: str) -> tuple[int, str, str]:
        status = main(list(arguments))
        return status, *capsys.readouterr()

    return _run


def test_without_a_name_it_lists_the_functions(run) -> None:
    status, printed, _ = run("his")
    assert status == 0
    assert [line.split()[1] for line in printed.splitlines()] == [each.name for each in FUNCTIONS]


def test_a_call_prints_fields_and_positions(inserted: His, run) -> None:
    status, printed, _ = run("his", "hisGetBasicData")
    assert status == 0
    assert "1.1 hisGetBasicData: 0" in printed
    assert "name: 王小明" in printed
    assert "1-64" in printed


def test_a_call_takes_arguments_and_prints_json(inserted: His, run) -> None:
    status, printed, _ = run("his", "hisGetSeqNumber256N1", "cTreatItem=01", "--json")
    assert (status, json.loads(printed)["length"]) == (0, 316)
    status, printed, _ = run("his", "hisGetSeqNumber256N1")
    assert status == 1
    assert "field: cTreatItem" in printed
    status, printed, _ = run("his", "hisGetCardStatus", "CardType=2")
    assert (status, printed.splitlines()[0]) == (0, "1.15 hisGetCardStatus: 2")


def test_what_cannot_be_called_is_told(his: His, run) -> None:
    assert run("his", "hisGetNothing")[0::2] == (2, run("his", "hisGetNothing")[2])
    assert "his_function_unknown" in run("his", "hisGetNothing")[2]
    assert "name=value" in run("his", "hisGetBasicData", "x")[2]


def test_an_agent_that_does_not_run_is_9240(run, monkeypatch) -> None:
    monkeypatch.setenv("AGENT_PORT", "9")
    status, _, told = run("his", "hisGetBasicData")
    assert status == 2
    assert told.startswith("9240 ")


def test_without_a_token_the_home_is_wrong(run, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("ANKANG_AGENT_HOME", str(tmp_path / "elsewhere"))
    status, _, told = run("his", "hisGetBasicData")
    assert (status, "his.token" in told) == (2, True)


@pytest.mark.parametrize(("part", "status"), [("reader", 0), ("sam", 0), ("nhi", 1), ("hpc", 1)])
def test_reset_restarts_a_part(run, part, status) -> None:
    assert run("reset", part)[0] == status


def test_remote_and_local_switch_csremote(his: His, run) -> None:
    options = OptionsFile(his.workstation.agent.settings.home)
    assert run("remote")[:2] == (0, "CSREMOTE=ENABLE\n")
    assert options.read().csremote
    assert run("local")[0] == 0
    assert not options.read().csremote
    options.path.write_text("HPCFASTAUTH=ENABLE\n")
    status, _, told = run("remote")
    assert (status, "HPCFASTAUTH" in told) == (2, True)


def test_the_reader_of_a_kind_of_card_is_chosen(his: His, run) -> None:
    tray = his.workstation.tray
    tray.insert(reader=0, card="nhi-wang")
    tray.insert(reader=1, card="nhi-new")
    assert run("reader-type")[1] == "nhi: -\nhpc: -\n"
    assert run("reader-type", "nhi", tray.readers()[1].name)[0] == 0
    his.call("hisGetBasicData")
    assert tray.readers()[1].commands > tray.readers()[0].commands


def test_end_ends_the_agent(his: His, run, monkeypatch) -> None:
    from agent.web import his as web

    ended = []
    monkeypatch.setattr(web.signal, "raise_signal", ended.append)
    assert run("end")[:2] == (0, "ended\n")
    wait_until(lambda: ended == [web.signal.SIGTERM], "the signal is raised after the answer")
    assert his.http.post("/end", json={}, headers={"Authorization": ""}).status_code == 401


def test_the_openapi_document_has_every_function(his: His, run) -> None:
    served = his.http.get("/his/openapi.json", headers={"Authorization": ""}).json()
    assert json.loads(run("his", "--openapi")[1]) == served
    assert set(served["paths"]) == {f"/his/{each.name}" for each in FUNCTIONS}
    number = served["paths"]["/his/hisGetSeqNumber256N1"]["post"]
    schema = number["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["cTreatItem"]
    answer = number["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["properties"]["length"]["example"] == 316
