"""Merkle trees of RFC 6962: hashes, growing, and the two proofs. Pure: no database, no clock.

A hash is 32 bytes of SHA-256. A *subtree* (level, index) is a complete one over the 2**level leaves
from index * 2**level on; whoever builds a proof hands over a function that knows their roots.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

Subtree = Callable[[int, int], bytes]


class InvalidProof(Exception):
    """The proof does not lead to the root."""


def leaf_hash(data: bytes) -> bytes:
    """The prefixes keep a leaf from being passed off as a node (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes of one level."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def cover(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The fewest subtrees (level, index) that hold the leaves [begin, end), left to right."""
    while begin < end:
        level = (end - begin).bit_length() - 1
        if begin:
            level = min(level, (begin & -begin).bit_length() - 1)
        yield level, begin >> level
        begin += 1 << level


class CompactRange:
    """A growing tree that remembers only the subtrees which cover it."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)

    @classmethod
    def of(cls, size: int, subtree: Subtree) -> "CompactRange":
        """The tree over the first `size` leaves, from the subtrees that somebody keeps."""
        return cls(size, [subtree(level, index) for level, index in cover(0, size)])

    def append(self, leaf: bytes) -> None:
        """Adds a leaf's hash."""
        self.hashes.append(leaf)
        size = self.size
        while size & 1:
            right, left = self.hashes.pop(), self.hashes.pop()
            self.hashes.append(node_hash(left, right))
            size >>= 1
        self.size += 1

    def root(self) -> bytes:
        return _joined(self.hashes) if self.hashes else EMPTY_ROOT


def inclusion_path(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The audit path of leaf `index` in the tree over the first `size` leaves (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not among the first {size}")
    path, begin, end = [], 0, size
    while end - begin > 1:
        middle = _middle(begin, end)
        if index < middle:
            path.append(_range_root(middle, end, subtree))
            end = middle
        else:
            path.append(_range_root(begin, middle, subtree))
            begin = middle
    return path[::-1]


def consistency_path(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """That the tree of `old` leaves is the beginning of the one of `new` (RFC 6962, 2.1.2)."""
    if not 0 < old <= new:
        raise ValueError(f"{old} leaves are not the beginning of {new}")
    path, begin, end = [], 0, new
    while old != end:
        middle = _middle(begin, end)
        if old <= middle:
            path.append(_range_root(middle, end, subtree))
            end = middle
        else:
            path.append(_range_root(begin, middle, subtree))
            begin = middle
    if begin:
        path.append(_range_root(begin, end, subtree))
    return path[::-1]


def verify_inclusion(
    *, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Raises InvalidProof unless `leaf` (a hash) is the leaf `index` of this tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *path):
        raise InvalidProof("not a proof of inclusion")
    reached = leaf
    for sibling, on_the_left in zip(path, _sides(index, size - 1, len(path)), strict=True):
        reached = node_hash(sibling, reached) if on_the_left else node_hash(reached, sibling)
    if reached != root:
        raise InvalidProof("the path leads to another root")


def verify_consistency(
    *, old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Raises InvalidProof unless the tree of `new` leaves begins with that of `old` (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new or not _are_hashes(old_root, new_root, *path):
        raise InvalidProof("not a proof of consistency")
    if old == new:
        if path or old_root != new_root:
            raise InvalidProof("two different trees of the same size")
        return
    # A complete old tree is itself the first node of the proof, which therefore leaves it out.
    nodes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not nodes:
        raise InvalidProof("the path is too short")
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    reached_old = reached_new = nodes[0]
    for node, on_the_left in zip(nodes[1:], _sides(here, last, len(nodes) - 1), strict=True):
        if on_the_left:
            reached_old, reached_new = node_hash(node, reached_old), node_hash(node, reached_new)
        else:
            reached_new = node_hash(reached_new, node)
    if (reached_old, reached_new) != (old_root, new_root):
        raise InvalidProof("the path does not join the two roots")


def _sides(here: int, last: int, length: int) -> Iterator[bool]:
    """On the way up from node `here` of a row that ends with `last`: does each sibling lie on the left?

    Raises InvalidProof when `length` siblings are not exactly the way to the top.
    """
    for _ in range(length):
        if last == 0:
            raise InvalidProof("the path is too long")
        on_the_left = bool(here & 1) or here == last
        yield on_the_left
        while on_the_left and here and not here & 1:
            here, last = here >> 1, last >> 1
        here, last = here >> 1, last >> 1
    if last != 0:
        raise InvalidProof("the path is too short")


def _middle(begin: int, end: int) -> int:
    """Where RFC 6962 splits: after the largest power of two smaller than the number of leaves."""
    return begin + (1 << ((end - begin - 1).bit_length() - 1))


def _range_root(begin: int, end: int, subtree: Subtree) -> bytes:
    return _joined([subtree(level, index) for level, index in cover(begin, end)])


def _joined(hashes: Sequence[bytes]) -> bytes:
    *rest, root = hashes
    for each in reversed(rest):
        root = node_hash(each, root)
    return root


def _are_hashes(*values: bytes) -> bool:
    return all(len(each) == HASH_BYTES for each in values)
