"""Our trees against RFC 6962: its definitions, the public test inputs, and forged proofs."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.merkle import (
    EMPTY_ROOT,
    CompactRange,
    InvalidProof,
    consistency_path,
    cover,
    inclusion_path,
    leaf_hash,
    node_hash,
    perfect_root,
    verify_consistency,
    verify_inclusion,
)

# The eight leaf inputs that implementations of Certificate Transparency test with.
CT_INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]


def root_by_definition(data: list[bytes]) -> bytes:
    """MTH, word for word from RFC 6962 section 2.1."""
    if not data:
        return sha256(b"").digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = 1
    while k * 2 < len(data):
        k *= 2
    return sha256(b"\x01" + root_by_definition(data[:k]) + root_by_definition(data[k:])).digest()


def inputs(size: int) -> list[bytes]:
    return [f"event {number}".encode() for number in range(size)]


def subtree_of(data: list[bytes]):
    leaves = [leaf_hash(each) for each in data]

    def subtree(level: int, index: int) -> bytes:
        begin, end = index << level, (index + 1) << level
        assert end <= len(leaves)
        return perfect_root(leaves[begin:end])

    return subtree


def grown(data: list[bytes]) -> CompactRange:
    tree = CompactRange()
    for each in data:
        tree.append(leaf_hash(each))
    return tree


def test_the_empty_tree_and_the_public_inputs_have_the_roots_of_the_rfc():
    assert grown([]).root() == EMPTY_ROOT == root_by_definition([])
    for size in range(9):
        assert grown(CT_INPUTS[:size]).root() == root_by_definition(CT_INPUTS[:size])
    assert grown(CT_INPUTS).root().hex() == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )


@pytest.mark.parametrize("size", [*range(1, 40), 255, 256, 257, 511, 1000])
def test_a_tree_grows_to_its_definition_and_is_found_again(size):
    data = inputs(size)
    tree = grown(data)
    assert tree.root() == root_by_definition(data)
    again = CompactRange.of(size, subtree_of(data))
    assert (again.size, again.hashes) == (tree.size, tree.hashes)


@given(begin=st.integers(0, 10_000), length=st.integers(0, 10_000))
def test_a_cover_is_gapless_and_of_complete_subtrees(begin, length):
    at = begin
    for level, index in cover(begin, begin + length):
        assert index << level == at
        at += 1 << level
    assert at == begin + length


def inclusions(largest: int):
    data = inputs(largest)
    subtree, tree = subtree_of(data), CompactRange()
    for size in range(1, largest + 1):
        tree.append(leaf_hash(data[size - 1]))
        for index in range(size):
            yield {
                "leaf": leaf_hash(data[index]),
                "index": index,
                "size": size,
                "path": inclusion_path(index, size, subtree),
                "root": tree.root(),
            }


def consistencies(largest: int):
    data = inputs(largest)
    subtree = subtree_of(data)
    roots = [grown(data[:size]).root() for size in range(largest + 1)]
    for new in range(1, largest + 1):
        for old in range(1, new + 1):
            yield {
                "old": old,
                "new": new,
                "path": consistency_path(old, new, subtree),
                "old_root": roots[old],
                "new_root": roots[new],
            }


def test_every_leaf_of_every_small_tree_is_proven():
    for proof in inclusions(40):
        verify_inclusion(**proof)


def test_every_small_tree_is_the_beginning_of_every_bigger_one():
    for proof in consistencies(40):
        verify_consistency(**proof)


def test_the_proof_of_the_public_inputs_from_one_to_eight():
    data = CT_INPUTS
    assert [each.hex()[:8] for each in consistency_path(1, 8, subtree_of(data))] == [
        "96a296d2",
        "5f083f0a",
        "6b47aaf2",
    ]


def flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def forged_paths(path: list[bytes]):
    """What somebody would try: changed, cut, lengthened, turned and mixed paths."""
    noise = sha256(b"noise").digest()
    for place, each in enumerate(path):
        for bit in (0, 100, 255):
            yield [*path[:place], flipped(each, bit), *path[place + 1 :]]
        yield [*path[:place], *path[place + 1 :]]
        yield [*path[:place], each[:-1], *path[place + 1 :]]
        yield [*path[:place], b"", *path[place + 1 :]]
        yield [*path[: place + 1], each, *path[place + 1 :]]
    yield [*path, noise]
    yield [noise, *path]
    yield [EMPTY_ROOT, *path]
    if len(set(path)) > 1:
        yield path[::-1] if path[::-1] != path else [noise]


def refused(verify, **proof) -> int:
    with pytest.raises(InvalidProof):
        verify(**proof)
    return 1


def test_thousands_of_forged_inclusions_are_refused():
    count = 0
    for proof in inclusions(17):
        index, size = proof["index"], proof["size"]
        for path in forged_paths(proof["path"]):
            count += refused(verify_inclusion, **proof | {"path": path})
        for wrong in {-1, index - 1, index + 1, index ^ 1, size, size + 7} - {index}:
            count += refused(verify_inclusion, **proof | {"index": wrong})
        for part in ("leaf", "root"):
            count += refused(verify_inclusion, **proof | {part: flipped(proof[part], 9)})
            count += refused(verify_inclusion, **proof | {part: proof[part][:31]})
        count += refused(verify_inclusion, **proof | {"size": 0})
        count += refused(verify_inclusion, **proof | {"size": index})
        count += refused(verify_inclusion, **proof | {"size": 4 * size + 3})
    assert count > 4000


def test_thousands_of_forged_consistencies_are_refused():
    count = 0
    for proof in consistencies(17):
        old, new = proof["old"], proof["new"]
        for path in forged_paths(proof["path"]):
            count += refused(verify_consistency, **proof | {"path": path})
        for part in ("old_root", "new_root"):
            count += refused(verify_consistency, **proof | {part: flipped(proof[part], 9)})
        if old != new:
            swapped = {"old_root": proof["new_root"], "new_root": proof["old_root"]}
            count += refused(verify_consistency, **proof | swapped)
            count += refused(verify_consistency, **proof | {"old": new, "new": old})
            count += refused(verify_consistency, **proof | {"path": []})
        count += refused(verify_consistency, **proof | {"old": 0})
        count += refused(verify_consistency, **proof | {"new": 4 * new + 3})
    assert count > 4000


def test_a_node_is_not_passed_off_as_a_leaf():
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_path_for_a_leaf_that_is_not_there(index, size):
    with pytest.raises(ValueError, match="not among"):
        inclusion_path(index, size, subtree_of(inputs(3)))


@pytest.mark.parametrize(("old", "new"), [(0, 3), (3, 2), (-1, 1)])
def test_there_is_no_path_from_what_is_no_beginning(old, new):
    with pytest.raises(ValueError, match="not the beginning"):
        consistency_path(old, new, subtree_of(inputs(3)))


@given(data=st.data(), size=st.integers(1, 400))
def test_any_leaf_and_any_beginning_of_any_tree_is_proven(data, size):
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    leaves = inputs(size)
    subtree, root = subtree_of(leaves), root_by_definition(leaves)
    path = inclusion_path(index, size, subtree)
    verify_inclusion(leaf=leaf_hash(leaves[index]), index=index, size=size, path=path, root=root)
    verify_consistency(
        old=old,
        new=size,
        path=consistency_path(old, size, subtree),
        old_root=root_by_definition(leaves[:old]),
        new_root=root,
    )
