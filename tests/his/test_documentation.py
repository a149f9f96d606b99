"""docs/reference/his.md says what the table of functions and the codes say."""

import re
from pathlib import Path

import pytest

from agent.his.codes import Code
from agent.his.functions import FUNCTIONS

TEXT = Path("docs/reference/his.md").read_text()
ROWS = {
    cells[2].strip(" `"): cells
    for line in TEXT.splitlines()
    if (cells := line.split("|")) and len(cells) == 7 and cells[2].strip().startswith("`")
}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.name)
def test_each_function_has_its_row(function) -> None:
    _, number, _, _, length, needs, _ = ROWS[function.name]
    assert number.strip() == function.number
    documented = re.findall(r"[0-9]+", length)
    assert documented == ([str(function.buffer.length)] if function.buffer else [])
    if function.retired is None and function.number != "VPN":
        words = {"nhi_card": "card", "hpc": "HPC", "server": "server"}
        assert {words[each] for each in function.needs} == set(
            filter(None, needs.strip().split(", "))
        )


def test_every_code_is_documented() -> None:
    codes = TEXT[TEXT.index("## Return codes") :].replace("−", "-")
    for code in Code:
        assert re.search(rf"(?<![0-9]){int(code)}(?![0-9])", codes), code
