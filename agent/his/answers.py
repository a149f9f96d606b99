"""What goes into a function and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.his.codes import Code

Arguments = Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What comes back besides the code. `fields` are the buffer's, under plain names."""

    code: int = Code.OK
    buffer: bytes | None = None
    fields: dict[str, object] = field(default_factory=dict)
