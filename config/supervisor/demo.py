"""`make demo`: servers, preparation, programs, and a summary when everything answers."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from config.supervisor import lock, ports
from config.supervisor.environment import HOSPITAL_PORT, Ports, servers
from config.supervisor.errors import SupervisorError
from config.supervisor.places import PROJECT, Places
from config.supervisor.postgres import tail
from config.supervisor.preparation import prepare_demo
from config.supervisor.processes import Keeper, Program

READY_TIMEOUT = 90.0  # seconds from the start of the programs
HEARTBEAT = 0.2  # seconds between two looks at the programs


def programs(web: Ports, places: Places) -> list[Program]:
    """The process table, in the order of starting; stopping goes the other way round."""
    python = sys.executable
    celery = (python, "-m", "celery", "--app", "config")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return [
        Program("web", (python, "-m", "config.web", "--port", str(web.web))),
        *(
            Program(
                each.program,
                (python, "-m", "agent", "serve", "--port", str(port)),
                env={"ANKANG_AGENT_HOME": str(places.home_of(each.program))},
            )
            for each, port in web.agents()
        ),
        Program("worker", (*celery, "worker", "--concurrency=2", "--loglevel=INFO", *quiet)),
        Program("beat", (*celery, "beat", "--loglevel=INFO")),
        Program(
            "witness",
            (python, "manage.py", "audit_witness"),
            needed=partial(has_command, "audit_witness"),
        ),
        Program(
            "sealer", (python, "manage.py", "audit_seal"), needed=partial(has_command, "audit_seal")
        ),
    ]


def run_demo(places: Places, environ: Mapping[str, str]) -> None:
    """Run until a signal raises Stopped."""
    began = time.monotonic()
    web = Ports.of(environ)
    if not environ.get(HOSPITAL_PORT) and not ports.is_free(web.hospital):
        web = replace(web, hospital=ports.free_port())  # nobody has to care about the second agent
    environ = {**environ, HOSPITAL_PORT: str(web.hospital)}
    with lock.hold(places):
        ports.loopback_addresses(web.web, "PORT")
        ports.loopback_addresses(web.agent, "AGENT_PORT")
        ports.loopback_addresses(web.hospital, HOSPITAL_PORT)
        say("Starting PostgreSQL and Redis …")
        with servers(places, {**environ, "PYTHONUNBUFFERED": "1"}) as env:
            people = prepare_demo(places, env, say)
            keepers = [
                Keeper(program, env, PROJECT, places.logs / f"{program.name}.log", say)
                for program in programs(web, places)
                if program.needed()
            ]
            try:
                for keeper in keepers:
                    keeper.start()
                wait_until_ready(keepers, web)
                print(summary(web, people, places, time.monotonic() - began), flush=True)
                watch(keepers)
            finally:
                say("Stopping …")
                for keeper in reversed(keepers):
                    keeper.ask_to_stop()
                for keeper in reversed(keepers):
                    keeper.stop()


def wait_until_ready(keepers: Sequence[Keeper], web: Ports) -> None:
    """Until web and agents answer; SupervisorError with the log of the one that does not."""
    deadline = time.monotonic() + READY_TIMEOUT
    asked = {"web": (web.web, "/readyz", "localhost")}
    asked |= {each.program: (port, "/status.json", "127.0.0.1") for each, port in web.agents()}
    answers: dict[str, int | None] = dict.fromkeys(asked)
    while set(answers.values()) != {200}:
        for keeper in keepers:
            keeper.tick()
        for program in [name for name, answer in answers.items() if answer != 200]:
            answers[program] = ports.status_of(*asked[program])
        failed = [keeper for keeper in keepers if keeper.failures >= 3]
        if failed or time.monotonic() > deadline:
            silent = failed or [k for k in keepers if answers.get(k.program.name, 200) != 200]
            raise SupervisorError(
                "\n".join(
                    f"{keeper.program.name} does not answer "
                    f"(last: {answers.get(keeper.program.name)}). {keeper.log}:\n{tail(keeper.log)}"
                    for keeper in silent
                )
            )
        time.sleep(0.1)


def watch(keepers: Sequence[Keeper]) -> None:
    """Restart what dies, for ever."""
    while True:
        for keeper in keepers:
            keeper.tick()
        time.sleep(HEARTBEAT)


def summary(web: Ports, people: str, places: Places, seconds: float) -> str:
    """What the person at the terminal needs, in both languages."""
    line = "─" * 78
    agents = "\n".join(
        f"    {each.name:<20} http://127.0.0.1:{port}" for each, port in web.agents()
    )
    return f"""
{line}
安康已就緒（{seconds:.0f} 秒）  Ankang is ready ({seconds:.0f} s)

  網站 Web site        http://localhost:{web.web}
  讀卡元件 Card agents  （在此插卡 insert cards here；登入頁選擇所在機構 choose the place at log-in）
{agents}
  紀錄檔 Logs          {places.logs}

示範人員、卡片與 PIN  Demo people, cards and PINs
{people.rstrip()}

按 Ctrl-C 全部停止；再次 make demo 保留資料，make demo-reset 清空。
Ctrl-C stops everything; make demo keeps the data, make demo-reset empties it.
{line}"""


def say(text: str) -> None:
    """One line to the person at the terminal."""
    print(f"  {text}", flush=True)


def has_command(name: str) -> bool:
    """Whether some app of the project brings the management command `name`."""
    return any(Path(PROJECT, "apps").glob(f"*/management/commands/{name}.py"))
