"""The real web server, as `make demo` and the container start it (config.web)."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from config.supervisor.ports import free_port

PATIENCE = 60  # seconds until the server must answer, or be gone


@dataclass
class WebServer:
    """With two workers, on a port of its own."""

    log: Path
    env: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    port: int = field(default_factory=free_port)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "config.web", "--port", str(self.port)]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(command, env=self.env, stdout=out, stderr=out)
        deadline = time.monotonic() + PATIENCE
        while not self.status():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def status(self) -> int | None:
        """What it answers; None when it does not."""
        try:
            asked = httpx.get(f"{self.origin}/healthz", headers=own_host(), trust_env=False)
        except httpx.TransportError:
            return None
        return asked.status_code

    def workers(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()] if path.exists() else []

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def own_host() -> dict[str, str]:
    return {"Host": urlsplit(settings.ORIGIN).netloc}
