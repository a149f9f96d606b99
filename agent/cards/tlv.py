"""BER-TLV, as far as PIV cards use it: tags of any length, definite lengths up to three bytes."""


def build(tag: str, value: bytes) -> bytes:
    """One data object; `tag` in hexadecimal."""
    size = len(value)
    if size < 0x80:
        length = bytes([size])
    else:
        digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(digits)]) + digits
    return bytes.fromhex(tag) + length + value


def parse(data: bytes) -> dict[str, bytes]:
    """The objects in `data` by their tag in lower-case hexadecimal; of equal tags the first.

    Raises ValueError where the encoding ends too early.
    """
    found: dict[str, bytes] = {}
    at = 0
    while at < len(data):
        tag, at = _tag(data, at)
        size, at = _length(data, at)
        if at + size > len(data):
            raise ValueError("A data object is longer than its container.")
        found.setdefault(tag, data[at : at + size])
        at += size
    return found


def _tag(data: bytes, at: int) -> tuple[str, int]:
    end = at + 1
    if data[at] & 0x1F == 0x1F:
        while end < len(data) and data[end] & 0x80:
            end += 1
        end += 1
    if end > len(data):
        raise ValueError("A tag is cut off.")
    return data[at:end].hex(), end


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise ValueError("A length is missing.")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    digits = data[at + 1 : at + 1 + (first & 0x7F)]
    if not 1 <= len(digits) <= 3 or len(digits) != first & 0x7F:
        raise ValueError("A length is cut off or indefinite.")
    return int.from_bytes(digits, "big"), at + 1 + len(digits)
