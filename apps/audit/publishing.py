"""The sealed tree as static files for everybody, laid out as C2SP tlog-tiles.

`<folder>/<shard>/checkpoint` and `<folder>/<shard>/tile/<level>/<number>[.p/<width>]`: any web server
shows them, and any monitor for transparency logs follows them. The entries themselves are not
published, they are personal data; what an entry is, its proof says (audit-proof.md).
"""

from pathlib import Path

from psycopg import Connection

from apps.audit.notes import checkpoint_of
from apps.audit.tiles import LEVELS_IN_TILE, WIDTH, Tiles


def publish_tiles(connection: Connection, *, folder: Path) -> int:
    """Writes what is not there yet, tiles before the checkpoint that needs them; returns how many files.

    The checkpoint is the newest that a witness signed, else the newest. Full tiles never change, so a
    file that is there stays.
    """
    shards = connection.execute("SELECT DISTINCT shard FROM audit.checkpoint ORDER BY 1").fetchall()
    return sum(_publish_shard(connection, shard, folder / str(shard)) for (shard,) in shards)


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """`tile/0/x001/x234/067`, and with `.p/112` behind it for a partial tile of 112 hashes."""
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{path}" + ("" if width == WIDTH else f".p/{width}")


def _publish_shard(connection: Connection, shard: int, folder: Path) -> int:
    note = _newest_note(connection, shard)
    written = 0
    for level, number, width in _tiles_of(checkpoint_of(note).size):
        path = folder / tile_path(level, number, width)
        if not path.exists():
            hashes = Tiles(connection, shard).entries(level, number)[:width]
            _write(path, b"".join(hashes))
            written += 1
    if not (folder / "checkpoint").exists() or (folder / "checkpoint").read_text() != note:
        _write(folder / "checkpoint", note.encode())
        written += 1
    return written


def _tiles_of(size: int) -> list[tuple[int, int, int]]:
    """(level, number, width) of each tile of a tree of this size."""
    found, level = [], 0
    while count := size >> (level * LEVELS_IN_TILE):
        found += [(level, number, WIDTH) for number in range(count // WIDTH)]
        if count % WIDTH:
            found.append((level, count // WIDTH, count % WIDTH))
        level += 1
    return found


def _newest_note(connection: Connection, shard: int) -> str:
    row = connection.execute(
        "SELECT note || coalesce(string_agg(line, '' ORDER BY witness), '') "
        "FROM audit.checkpoint LEFT JOIN audit.cosignature USING (shard, size) WHERE shard = %s "
        "GROUP BY size, note ORDER BY count(line) > 0 DESC, size DESC LIMIT 1",
        [shard],
    ).fetchone()
    assert row is not None
    return str(row[0])


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: somebody may be reading."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.draft")
    draft.write_bytes(content)
    draft.replace(path)
