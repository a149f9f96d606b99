"""`ankang-agent fhir-token`: a token for the institution's own programs, by the workstation's key."""

from pathlib import Path

import pytest

from agent.__main__ import main
from agent.servers import ServerList
from tests.agent.fake_server import FakeServer


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANKANG_AGENT_HOME", str(tmp_path))
    return tmp_path


def test_the_token_is_printed(server: FakeServer, home: Path, capsys) -> None:
    ServerList(home).trust(server.origin)
    assert main(["fhir-token"]) == 0
    assert capsys.readouterr().out == "t.o.k.e.n\n"


def test_a_refusal_is_told_with_its_code(server: FakeServer, home: Path, capsys) -> None:
    ServerList(home).trust(server.origin)
    details = {
        "coding": [{"code": "FHIR-ENROL"}],
        "text": "Only programs at an enrolled workstation.",
    }
    outcome = {"resourceType": "OperationOutcome", "issue": [{"details": details}]}
    server.refusal = (403, outcome)
    assert main(["fhir-token"]) == 2
    assert capsys.readouterr().err.startswith("FHIR-ENROL Only programs")


@pytest.mark.parametrize("answer", [{}, {"resourceType": "OperationOutcome"}, {"code": 7}])
def test_an_answer_that_nobody_understands(server: FakeServer, home: Path, capsys, answer) -> None:
    ServerList(home).trust(server.origin)
    server.refusal = (403, answer)
    assert main(["fhir-token"]) == 2
    assert "gave no token" in capsys.readouterr().err


def test_no_server_and_none_that_answers(home: Path, capsys) -> None:
    assert main(["fhir-token"]) == 2
    assert "trust" in capsys.readouterr().err
    ServerList(home).trust("http://localhost:9")
    assert main(["fhir-token"]) == 2
    assert "gave no token" in capsys.readouterr().err
