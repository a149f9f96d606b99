"""`ankang-agent his <apiName> name=value …`: try a function of the running agent, as a HIS would call it.

Also the small tools of the manual: `reset` (csResetFsim), `end` (killcsTask), `reader-type`
(csUpRDType), `remote` (csUpRemType) and `local` (csUpLocType).
"""

import argparse
import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx

from agent.his.codes import Code, meaning
from agent.his.functions import FUNCTIONS
from agent.his.openapi import describe
from agent.his.token import read_token
from agent.options import OptionsConflict, OptionsFile
from agent.settings import Settings

PARTS = {"reader": "0", "sam": "1", "hpc": "2", "nhi": "3"}
COMMANDS = frozenset({"his", "reset", "end", "reader-type", "remote", "local"})
WIDE = 64
TIMEOUT = 30.0


class CommandError(Exception):
    """What the person at the terminal is told."""


def add_parsers(commands: Any) -> None:
    calling = commands.add_parser("his", help="call a function as a HIS does; without a name, list")
    calling.add_argument("name", nargs="?", help="for example hisGetBasicData")
    calling.add_argument("arguments", nargs="*", metavar="name=value")
    calling.add_argument("--json", action="store_true", help="print the whole answer as JSON")
    calling.add_argument("--openapi", action="store_true", help="print the OpenAPI document")
    calling.add_argument("--language", default="zh-TW", help="of messages; zh-TW or en")
    resetting = commands.add_parser("reset", help="restart a part of the reader software")
    resetting.add_argument("part", nargs="?", default="reader", choices=list(PARTS))
    commands.add_parser("end", help="end the running agent")
    reading = commands.add_parser("reader-type", help="show or choose the reader of a kind of card")
    reading.add_argument("kind", nargs="?", choices=["nhi", "hpc"])
    reading.add_argument("reader", nargs="?", help='its name; "" for any')
    commands.add_parser("remote", help="use cards in remote-desktop sessions (CSREMOTE=ENABLE)")
    commands.add_parser("local", help="use cards at this computer only (CSREMOTE=DISABLE)")


def run(options: argparse.Namespace, settings: Settings) -> tuple[int, str]:
    """Exit status and what to print. Raises CommandError and TokenError."""
    match options.command:
        case "his":
            return _his(options, settings)
        case "reset":
            return _call(settings, "csSoftwareReset", {"iType": PARTS[options.part]}, options)
        case "end":
            _post(settings, "/end", {}, language="zh-TW")
            return 0, "ended"
        case "reader-type":
            return _reader_type(options, settings)
        case _:
            return _remote(settings, remote=options.command == "remote")


def _his(options: argparse.Namespace, settings: Settings) -> tuple[int, str]:
    if options.openapi:
        return 0, json.dumps(describe(settings.origin), ensure_ascii=False, indent=2)
    if options.name is None:
        return 0, "\n".join(f"{each.number:<5} {each.name:<28} {each.title}" for each in FUNCTIONS)
    return _call(settings, options.name, _arguments(options.arguments), options)


def _call(
    settings: Settings, name: str, arguments: Mapping[str, object], options: argparse.Namespace
) -> tuple[int, str]:
    language = getattr(options, "language", "zh-TW")
    answer = _post(settings, f"/his/{name}", arguments, language=language)
    # Functions whose return code is their answer end well with any of them.
    ended = 0 if answer["code"] == 0 or answer["word"] == "status" else 1
    if getattr(options, "json", False):
        return ended, json.dumps(answer, ensure_ascii=False, indent=2)
    return ended, _written(answer)


def _arguments(given: Sequence[str]) -> dict[str, object]:
    """`name=value`; a value that is a JSON object or list counts as one (`fields={…}`)."""
    found: dict[str, object] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals:
            raise CommandError(f"{each!r} is not name=value.")
        found[name] = json.loads(value) if value[:1] in {"{", "["} else value
    return found


def _written(answer: Mapping[str, Any]) -> str:
    lines = [f"{answer['api']} {answer['name']}: {answer['code']} {answer['message']}".rstrip()]
    lines += [f"  {name}: {value}" for name, value in answer.get("detail", {}).items()]
    lines += [f"  {name}: {value}" for name, value in answer.get("fields", {}).items()]
    data = base64.b64decode(answer.get("buffer", ""))
    for start in range(0, len(data), WIDE):
        part = data[start : start + WIDE]
        shown = part.decode("cp950", errors="replace").replace("\0", "·")
        lines.append(f"  {start + 1:>4}-{start + len(part):<4} |{shown}|")
    return "\n".join(lines)


def _post(
    settings: Settings, path: str, body: Mapping[str, object], *, language: str
) -> dict[str, Any]:
    headers = {
        "Authorization": f"Bearer {read_token(settings.home)}",
        "Accept-Language": language,
    }
    try:
        response = httpx.post(
            settings.origin + path, json=body, headers=headers, timeout=TIMEOUT, trust_env=False
        )
    except httpx.HTTPError:
        code = Code.CONSOLE_NOT_RUNNING
        raise CommandError(f"{int(code)} {meaning(code)}") from None
    answer: dict[str, Any] = response.json() if response.content else {}
    if response.status_code >= httpx.codes.BAD_REQUEST:
        raise CommandError(f"{response.status_code} {answer.get('code')}: {answer.get('detail')}")
    return answer


def _reader_type(options: argparse.Namespace, settings: Settings) -> tuple[int, str]:
    """PC/SC readers only: dedicated COM readers are not supported (FEATURES, out of scope)."""
    file = OptionsFile(settings.home)
    if options.kind is not None:
        name, kept = options.reader or "", file.read()
        chosen = (
            replace(kept, reader_nhi=name)
            if options.kind == "nhi"
            else replace(kept, reader_hpc=name)
        )
        file.save(chosen)
    now = file.read()
    return 0, f"nhi: {now.reader_nhi or '-'}\nhpc: {now.reader_hpc or '-'}"


def _remote(settings: Settings, *, remote: bool) -> tuple[int, str]:
    file = OptionsFile(settings.home)
    try:
        file.save(replace(file.read(), csremote=remote))
    except OptionsConflict:
        raise CommandError("CSREMOTE and HPCFASTAUTH cannot both be ENABLE.") from None
    return 0, f"CSREMOTE={'ENABLE' if remote else 'DISABLE'}"
