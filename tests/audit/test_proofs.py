"""A proof is checked by a program that knows nothing of ours, and a forged one proves nothing."""

import base64
import copy
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from apps.audit.merkle import InvalidProof
from apps.audit.notes import ED25519, Checkpoint, Signer, split
from apps.audit.proofs import NotProvable, make_proof, places_of
from apps.audit.witness import Witness
from tests.audit.sealed import LOG_SIGNER, WITNESS_SIGNER

pytestmark = pytest.mark.django_db

PROGRAM = Path(__file__).parents[2] / "docs" / "reference" / "verify_proof.py"
LOG_KEY, WITNESS_KEY = str(LOG_SIGNER.verifier), str(WITNESS_SIGNER.verifier)


@pytest.fixture(scope="module")
def outsider():
    """The outsider's program as a module, for thousands of forgeries in one process."""
    spec = importlib.util.spec_from_file_location("verify_proof", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def sealed(log):
    """300 events, cosigned, and one more with everything in it: event 301."""
    log.connect("ankang_app").execute(
        "SELECT audit.append(jsonb_build_object('action', 'log_in', 'result_count', n)) "
        "FROM generate_series(1, 300) AS n"
    )
    log.sealer(batch=90).seal()
    log.append(
        reason="王大明說：\u201c急診\u201d\n\\\u007f\u2028\U0001f600",
        ip="2001:db8::1",
        card_proof_at="2026-11-21T07:00:00.120+08:00",
        detail={"note": 'a "quote"', "dose": 2},
    )
    while log.sealer().seal():
        pass
    Witness(
        log.connect("ankang_witness"),
        signer=WITNESS_SIGNER,
        log=LOG_SIGNER.verifier,
        memory=log.memory,
    ).look()
    return log


def bundle_of(log, number):
    return make_proof(log.reuse("ankang_app"), number=number)


def run(tmp_path, text, *keys):
    file = tmp_path / "proof.json"
    file.write_text(text, encoding="utf-8")
    keys = keys or ("--log-key", LOG_KEY, "--witness-key", WITNESS_KEY)
    return subprocess.run(
        [sys.executable, "-I", str(PROGRAM), str(file), *keys],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8"},
        check=False,
    )


def test_the_outsiders_program_proves_an_event(sealed, tmp_path):
    done = run(tmp_path, json.dumps(bundle_of(sealed, 301)))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Proven: index 300 of 301 entries in the log ankang/1." in done.stdout
    assert "Witnessed by ankang-witness" in done.stdout
    assert "急診" in done.stdout


def test_it_says_when_it_is_not_proven(sealed, tmp_path):
    bundle = bundle_of(sealed, 301)
    bundle["event"]["reason"] = "another"
    done = run(tmp_path, json.dumps(bundle))
    assert done.returncode == 1
    assert done.stderr == "NOT PROVEN: the event is not the one that was sealed\n"
    assert done.stdout == ""


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "[" * 100_000, '{"event": NaN', "\u0000"])
def test_rubbish_is_not_proven(text, tmp_path):
    done = run(tmp_path, text)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("NOT PROVEN: ")
    assert "Traceback" not in done.stderr


def test_a_name_that_stands_twice_is_refused(sealed, tmp_path):
    text = json.dumps(bundle_of(sealed, 301))
    twice = text.replace('"action":', '"action": "log_out", "action":', 1)
    assert "stands twice" in run(tmp_path, twice).stderr


def test_the_wrong_keys_prove_nothing(sealed, tmp_path):
    text = json.dumps(bundle_of(sealed, 5))
    stranger = str(Signer("ankang", bytes(32)).verifier)
    for keys in (
        ("--log-key", stranger),
        ("--log-key", WITNESS_KEY),
        ("--log-key", LOG_KEY[:-4]),
        ("--log-key", "nonsense"),
        ("--log-key", LOG_KEY, "--witness-key", LOG_KEY),
    ):
        assert run(tmp_path, text, *keys).returncode == 1


def test_every_event_is_proven_wherever_it_lies(sealed, outsider):
    for number in (1, 2, 90, 91, 255, 256, 257, 300, 301):
        bundle = json.loads(json.dumps(bundle_of(sealed, number)))
        assert bundle["index"] == number - 1
        assert outsider.verify(bundle, LOG_KEY, WITNESS_KEY)


def test_the_places_of_a_page_of_events_are_found_at_once(sealed):
    sealed.append(2)
    numbers = [1, 90, 91, 180, 181, 256, 257, 300, 301, 303]
    found = places_of(sealed.reuse("ankang_app"), numbers)
    assert found == {number: (1, number - 1) for number in numbers if number != 303}


def test_an_event_of_a_closed_shard_is_proven_in_the_tree_that_took_it(sealed, outsider):
    left = sealed.append()
    sealer = sealed.sealer()
    sealer.open_shard(current=1, reason="restored")
    sealer.seal()
    bundle = bundle_of(sealed, left)
    assert bundle["event"]["shard"] == 1
    assert "in the log ankang/2." in outsider.verify(bundle, LOG_KEY)[-1]


def test_there_is_no_proof_of_what_is_not_sealed(sealed):
    with pytest.raises(NotProvable, match="no event 999"):
        bundle_of(sealed, 999)
    with pytest.raises(NotProvable, match="not sealed yet"):
        bundle_of(sealed, sealed.append())


def test_no_proof_of_a_changed_event_is_handed_out(sealed):
    sealed.tamper("UPDATE audit.event SET reason = 'another' WHERE id = 7")
    with pytest.raises(InvalidProof):
        bundle_of(sealed, 7)


def forged_bundles(true):
    """Everything in the bundle, changed in every way that somebody might try."""
    for name in true:
        yield {key: value for key, value in true.items() if key != name}
        for value in (None, 0, -1, 1, True, 1.5, "", "x", [], [[]], {}, {"a": "b"}, true["salt"]):
            if value != true[name] or type(value) is not type(true[name]):
                yield true | {name: value}
    yield true | {"more": 1}
    for part, value in true["event"].items():
        yield true | {"event": {k: v for k, v in true["event"].items() if k != part}}
        for other in (f"{value} ", f" {value}", "", None, True, 1.5, [value], {"x": value}, 7):
            if other != value:
                yield true | {"event": true["event"] | {part: other}}
    for name in ("x", "Action", "action ", "a-b", "\u0430ction"):
        yield true | {"event": true["event"] | {name: "more"}}
    yield from ({**true, "index": index} for index in range(-3, 400) if index != true["index"])
    for place in range(len(true["salt"])):
        flipped = "0" if true["salt"][place] != "0" else "1"
        yield true | {"salt": true["salt"][:place] + flipped + true["salt"][place + 1 :]}
    yield from forged_paths(true)
    yield from forged_notes(true)


def forged_paths(true):
    path = true["path"]
    for place, text in enumerate(path):
        raw = base64.b64decode(text)
        for byte in range(32):
            changed = bytearray(raw)
            changed[byte] ^= 1 << (byte % 8)
            text = base64.b64encode(bytes(changed)).decode()
            yield true | {"path": [*path[:place], text, *path[place + 1 :]]}
        for other in ("", "====", None, 7, base64.b64encode(raw[:31]).decode(), text + "\n"):
            yield true | {"path": [*path[:place], other, *path[place + 1 :]]}
        yield true | {"path": path[:place] + path[place + 1 :]}
        yield true | {"path": [*path[: place + 1], *path[place:]]}
    yield true | {"path": path[::-1]}
    yield true | {"path": path * 20}


def forged_notes(true):
    note = true["checkpoint"]
    for place in range(len(note)):
        yield true | {"checkpoint": note[:place] + note[place + 1 :]}
        if note[place] != "x":
            yield true | {"checkpoint": note[:place] + "x" + note[place + 1 :]}
        yield true | {"checkpoint": note[:place] + "\n" + note[place:]}
    text, _signatures = split(note)
    checkpoint = Checkpoint.parse(text)
    stranger = Signer("ankang", bytes(32), ED25519)
    yield true | {"checkpoint": stranger.sign(checkpoint)}
    for other in ("ankang/1/2", "ankang/0", "other/1", "ankang", "ankang/x"):
        moved = Checkpoint(other, checkpoint.size, checkpoint.root)
        yield true | {"checkpoint": LOG_SIGNER.sign(moved)}


def test_thousands_of_forged_bundles_prove_nothing(sealed, outsider):
    true = json.loads(json.dumps(bundle_of(sealed, 301) | {"index": 300}))
    other = json.loads(json.dumps(bundle_of(sealed, 130)))
    count = 0
    for bundle in (true, other):
        kept = copy.deepcopy(bundle)
        assert outsider.verify(outsider.load(json.dumps(bundle)), LOG_KEY, WITNESS_KEY)
        for forged in forged_bundles(bundle):
            with pytest.raises(outsider.NotProven):
                outsider.verify(outsider.load(json.dumps(forged)), LOG_KEY, WITNESS_KEY)
            count += 1
        assert bundle == kept
    assert count > 3000
