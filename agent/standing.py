"""What was proved at this workstation: to which servers it is one, and the HPC by its PIN.

In memory only. The servers keep the truth; here it serves the lights (manual 4: 模擬健保讀卡機燈號).
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

UNENROLLED = frozenset({"WS-REVOKED", "WS-UNKNOWN", "CARD-NOT-ENROLLED", "SAM-REVOKED"})


@dataclass(frozen=True)
class ModuleStanding:
    """How the security module's authentication (SAM 認證) with one server ended.

    `code` is empty when the server knows this workstation, otherwise the problem's. `clock_off_by`
    in seconds, positive when this computer is ahead; None when the server did not say.
    """

    code: str = ""
    message: str = ""
    institution_code: str = ""
    institution_name: str = ""
    module_code: str = ""
    name: str = ""
    clock_off_by: int | None = None
    newest_version: str = ""
    at: float = field(default_factory=time.time)

    @property
    def ok(self) -> bool:
        return not self.code


class Standing:
    """`clock` counts seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._modules: dict[str, ModuleStanding] = {}
        self._proved: int | None = None
        self._fast_until = 0.0
        # What a server said last, at a card request or an authentication; None before the first.
        self.enrolled: bool | None = None

    # --- the security module ------------------------------------------------------------------

    def note_module(self, origin: str, standing: ModuleStanding) -> None:
        """A workstation that a server does not know any more loses what its card proved there."""
        self._modules[origin] = standing
        if standing.code in UNENROLLED:
            self.forget_card()
        if self.authenticated:
            self.enrolled = True
        elif all(each.code in UNENROLLED for each in self._modules.values()):
            self.enrolled = False

    def modules(self) -> dict[str, ModuleStanding]:
        return dict(self._modules)

    def forget_modules(self) -> None:
        self._modules.clear()

    @property
    def authenticated(self) -> bool:
        """Whether a server knows this workstation, as far as we heard last."""
        return any(module.ok for module in self._modules.values())

    # --- the card of the health professional -----------------------------------------------------

    def prove_card(self, insertion: int | None, *, fast_for: float) -> None:
        """The server accepted the PIN's signature; `fast_for` seconds it does without the card."""
        self._proved = insertion
        self._fast_until = self._clock() + fast_for

    def forget_card(self) -> None:
        self._proved, self._fast_until = None, 0.0

    @property
    def fast_left(self) -> float:
        """Seconds of fast authentication left; 0 when there is none."""
        return max(0.0, self._fast_until - self._clock())

    def is_proved(self, insertions: Collection[int | None]) -> bool:
        """Whether the HPC among these insertions showed its PIN, or need not lie in a reader."""
        if self._proved is not None and self._proved not in insertions:
            self._proved = None  # pulled: the next insertion starts anew
        return self._proved is not None or self.fast_left > 0
