"""Who seals and who witnesses: names, keys and database URLs, from the environment.

Private keys are read where they are used, by the one process that holds them; they are no Django
setting, so no web process ever has them in its memory.
"""

import base64
from binascii import Error as Base64Error
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

from apps.audit import roles
from apps.audit.notes import COSIGNATURE, Signer, Verifier
from config.environment import read, var_dir


def log_name() -> str:
    """The name of the log's key and the beginning of every origin; it never changes."""
    return read("ANKANG_LOG_NAME", "ankang")


def log_signer() -> Signer:
    return Signer(log_name(), _private("ANKANG_SEALING_KEY"))


def witness_signer() -> Signer:
    name = read("ANKANG_WITNESS_NAME", "ankang-witness")
    return Signer(name, _private("ANKANG_WITNESS_KEY"), COSIGNATURE)


def log_verifier() -> Verifier:
    """The log's public key: as configured, else that of the private key beside it."""
    word = read("ANKANG_SEALING_VERIFIER", "")
    return Verifier.parse(word) if word else log_signer().verifier


def witness_verifier() -> Verifier | None:
    """The witness's public key; None in an installation without a witness."""
    if word := read("ANKANG_WITNESS_VERIFIER", ""):
        return Verifier.parse(word)
    return witness_signer().verifier if read("ANKANG_WITNESS_KEY", "") else None


def witness_file() -> Path:
    """Where the witness remembers what it has seen; the sealer reads it, and nobody else writes it."""
    return Path(read("ANKANG_WITNESS_FILE", str(var_dir() / "witness" / "memory.json")))


def sealer_url() -> str:
    return read("DATABASE_SEALER_URL", "") or _as_role(roles.SEALER)


def witness_url() -> str:
    return read("DATABASE_WITNESS_URL", "") or _as_role(roles.WITNESS)


def retention_url() -> str:
    return read("DATABASE_RETENTION_URL", "") or _as_role(roles.RETENTION)


def _as_role(role: str) -> str:
    """DATABASE_URL with another user and no password: the embedded server asks for none."""
    parts = urlsplit(read("DATABASE_URL"))
    _user, _at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{quote(role)}@{host}"))


def _private(variable: str) -> bytes:
    try:
        return base64.b64decode(read(variable), validate=True)
    except Base64Error as error:
        raise ImproperlyConfigured(f"{variable} is not base64") from error
