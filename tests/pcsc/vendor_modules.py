"""PKCS#11 modules of the tests: OpenSC's, SoftHSM2 with a token, and small ones compiled here."""

import os
import shutil
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from tests.agent.pki import Issued

OPENSC = Path("/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so")
SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")
SIGN_ID = "5349474e"  # "SIGN", as HiCOS names its key for signatures
PIN = "246810"
SOURCES = Path(__file__).parent / "sources"


def what_modules_lack() -> str:
    """What the machine lacks for these tests; "" when nothing."""
    lacking = [name for name in ("softhsm2-util", "pkcs11-tool", "gcc") if not shutil.which(name)]
    lacking += [path.name for path in (OPENSC, SOFTHSM) if not path.exists()]
    if not lacking:
        return ""
    return f"not installed: {', '.join(lacking)}; as root, .ci/system-packages installs them"


def make_token(folder: Path, issued: Issued, ca: Issued) -> dict[str, str]:
    """A SoftHSM2 token with a key, its certificate and the CA's; the environment that finds it."""
    (folder / "tokens").mkdir(parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    environment = {"SOFTHSM2_CONF": str(configuration)}
    _run(environment, "softhsm2-util", "--init-token", "--free", "--label", "HPC",
         "--pin", PIN, "--so-pin", "12345678")  # fmt: skip
    key = folder / "key.pem"
    key.write_text(issued.key_pem)
    _run(environment, "softhsm2-util", "--import", str(key), "--token", "HPC", "--label", "SIGN",
         "--id", SIGN_ID, "--pin", PIN)  # fmt: skip
    for id_, certificate in ((SIGN_ID, issued.certificate), ("4341", ca.certificate)):
        file = folder / f"{id_}.der"
        file.write_bytes(certificate.public_bytes(Encoding.DER))
        _run(environment, "pkcs11-tool", "--module", str(SOFTHSM), "--token-label", "HPC", "--login",
             "--pin", PIN, "--write-object", str(file), "--type", "cert", "--id", id_)  # fmt: skip
    return environment


def compile_module(name: str, folder: Path) -> Path:
    """A module out of `sources/<name>.c`."""
    made = folder / f"{name}.so"
    command = ["gcc", "-shared", "-fPIC", "-Wall", "-Werror", "-o", str(made)]
    subprocess.run([*command, str(SOURCES / f"{name}.c"), "-ldl"], check=True, timeout=60)
    return made


def _run(environment: dict[str, str], *command: str) -> None:
    done = subprocess.run(
        command,
        check=False,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
