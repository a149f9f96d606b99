"""Builds the agent's wheel, and signs the bundle that workstations install without a network.

`python -m deploy.agent.bundle wheel FOLDER`, `… key FILE` (once), `… sign FOLDER FILE`.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent import __version__
from agent.update import FORMAT, MANIFEST, RELEASE_KEY, SIGNATURE

BASE_DIR = Path(__file__).resolve().parents[2]
RECIPE = BASE_DIR / "deploy" / "agent" / "pyproject.toml"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "*.po")


def build_wheel(folder: Path) -> Path:
    """The wheel of the agent as it stands here, in `folder`; the build asks no network."""
    with tempfile.TemporaryDirectory() as place:
        source = Path(place)
        shutil.copytree(BASE_DIR / "agent", source / "agent", ignore=LEFT_OUT)
        recipe = RECIPE.read_text("utf-8").replace('"0.0.0"', f'"{__version__}"')
        (source / "pyproject.toml").write_text(recipe, "utf-8")
        command = [sys.executable, "-m", "uv", "build", "--wheel", "--offline", "--quiet"]
        subprocess.run([*command, "--out-dir", str(folder), str(source)], check=True)
    return next(folder.glob(f"ankang_agent-{__version__}-*.whl"))


def make_key(file: Path) -> str:
    """A new release key in `file`; the public half, for RELEASE_KEY of each workstation."""
    key = Ed25519PrivateKey.generate()
    file.touch(mode=0o600, exist_ok=False)
    file.write_text(base64.b64encode(key.private_bytes_raw()).decode() + "\n", "ascii")
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def sign_bundle(folder: Path, key: Ed25519PrivateKey, *, version: str = __version__) -> None:
    """Write manifest and signature over everything that lies in `folder`."""
    files = sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.name not in {MANIFEST, SIGNATURE}
    )
    told = {
        "format": FORMAT,
        "version": version,
        "files": {
            path.name: {
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "size": path.stat().st_size,
            }
            for path in files
        },
    }
    manifest = json.dumps(told, indent=1, sort_keys=True).encode()
    (folder / MANIFEST).write_bytes(manifest)
    (folder / SIGNATURE).write_text(base64.b64encode(key.sign(manifest)).decode() + "\n", "ascii")


def main(arguments: list[str]) -> None:
    match arguments:
        case ["wheel", folder]:
            sys.stdout.write(f"{build_wheel(Path(folder))}\n")
        case ["key", file]:
            sys.stdout.write(f"{RELEASE_KEY}: {make_key(Path(file))}\n")
        case ["sign", folder, file]:
            raw = base64.b64decode(Path(file).read_text("ascii"))
            sign_bundle(Path(folder), Ed25519PrivateKey.from_private_bytes(raw))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
