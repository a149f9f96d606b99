"""The agent's log: in memory for the console, and in `log/agent.log` of the home for the help desk.

Nothing personal belongs into it. What looks like a national ID, a card number or a PIN is blanked all
the same, before it is kept anywhere.
"""

import logging
import re
from collections import deque
from logging.handlers import RotatingFileHandler
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
FOLDER = "log"
LARGEST_FILE, FILES = 1_000_000, 5
KEPT = 500  # lines for the console
# A letter with nine of digits or letter and digits (national IDs of residents and citizens), or six
# digits and more: card numbers, dates of birth, PINs. Times and ports have fewer in a row.
PERSONAL = re.compile(r"\b[A-Za-z][A-Za-z0-9]\d{8}\b|\d{6,}")


def blank(text: str) -> str:
    """`text` without anything that could be a person's number."""
    return PERSONAL.sub("…", text)


class _Blanking(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment, _, rest = super().format(record).partition(" ")
        return f"{moment} {blank(rest)}"


class Logbook(logging.Handler):
    """Keeps the latest lines."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(_Blanking(FORMAT, "%Y-%m-%dT%H:%M:%S"))
        self._lines: deque[str] = deque(maxlen=KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))

    def lines(self) -> list[str]:
        """The latest first."""
        return list(reversed(self._lines))


LOGBOOK = Logbook()


def start_logging(home: Path) -> None:
    """Log to the console's page, to standard error and into the home."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = RotatingFileHandler(
        folder / "agent.log", maxBytes=LARGEST_FILE, backupCount=FILES, encoding="utf-8"
    )
    screen = logging.StreamHandler()
    for handler in (file, screen):
        handler.setFormatter(LOGBOOK.formatter)
    logging.basicConfig(level=logging.INFO, handlers=[LOGBOOK, file, screen])
    # Its request lines would carry transaction ids into the log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
