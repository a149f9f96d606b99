"""Where the process finds its servers and secrets.

Everything comes from environment variables. When the embedded servers run (`make demo`), the supervisor
leaves `environment.json` in the var folder, so that `manage.py` in another terminal finds them too.
"""

import json
import os
from functools import lru_cache
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def var_dir() -> Path:
    return Path(os.environ.get("ANKANG_VAR", BASE_DIR / "var"))


@lru_cache
def _left_by_supervisor() -> dict[str, str]:
    try:
        return json.loads((var_dir() / "environment.json").read_text())
    except FileNotFoundError:
        return {}


def read(name: str, default: str | None = None) -> str:
    """The value of `name`; without one and without a default, the process does not start."""
    value = os.environ.get(name) or _left_by_supervisor().get(name) or default
    if value is None:
        raise ImproperlyConfigured(
            f"{name} is not set. Start the embedded servers with `make demo` (or run the command "
            f"through `python -m config.supervisor run -- …`), or set it to real ones."
        )
    return value


def read_flag(name: str) -> bool:
    return read(name, "0").lower() in {"1", "true", "yes", "on"}


def read_agents(text: str) -> dict[str, str]:
    """`5901012345=http://127.0.0.1:24777,…` as {institution code: the origin of its agent}."""
    named = (part.partition("=") for part in filter(None, map(str.strip, text.split(","))))
    return {code.strip(): origin.strip() for code, _, origin in named}


def read_fhir_sources(text: str) -> dict[str, tuple[str, str]]:
    """`HIQS=https://…,…` as {service: (address, token)}; each token stands in a variable of its own."""
    sources = {}
    for part in filter(None, map(str.strip, text.split(","))):
        service, found, address = part.partition("=")
        if not found or not address.startswith(("https://", "http://")):
            raise ImproperlyConfigured(
                "ANKANG_FHIR_SOURCES is SERVICE=address of its FHIR API, separated by commas."
            )
        sources[service.strip()] = (address, read(f"ANKANG_FHIR_TOKEN_{service.strip()}", ""))
    return sources
