"""What of a person's data is shown: pages, slips and logs take the masked form only."""

HIDDEN_NAME = "○"


def mask_national_id(number: str) -> str:
    """`C221****05`, as the manuals print it; shorter numbers show less."""
    return _mask(number, first=4, last=2)


def mask_phone(number: str) -> str:
    """`0912***678`: the first four and the last three digits."""
    return _mask("".join(filter(str.isdigit, number)), first=4, last=3)


def mask_name(name: str) -> str:
    """`王○明`, `王○`, `歐○○明`: the first and the last character; of two only the first, of one none."""
    name = name.strip()
    if len(name) <= 1:
        return HIDDEN_NAME * len(name)
    if len(name) == 2:
        return name[0] + HIDDEN_NAME
    return name[0] + HIDDEN_NAME * (len(name) - 2) + name[-1]


def _mask(text: str, *, first: int, last: int) -> str:
    """Never more than half of a text that is too short for the pattern."""
    if len(text) < first + last + 3:
        first, last = len(text) // 4, len(text) // 4
    hidden = len(text) - first - last
    return text[:first] + "*" * hidden + text[len(text) - last :]
