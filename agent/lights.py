"""The lights of manual 4 for NHI card and HPC (模擬健保讀卡機燈號): 0 to 3."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.cards.kinds import CardKind
from agent.readers.recognition import SeenCard
from agent.standing import Standing

EMPTY, INSERTED, AUTHENTICATED, MEDICAL = range(4)

# The manual's colours: 白、褐、綠 (NHI card) or 橙 (HPC)、淡紫.
COLOURS = {
    "nhi": ("white", "brown", "green", "purple"),
    "hpc": ("white", "brown", "orange", "purple"),
}


@dataclass(frozen=True)
class Lights:
    """0 no card; 1 inserted; 2 authenticated with the security module; 3 PIN of the HPC verified."""

    nhi: int
    hpc: int

    def as_json(self) -> dict[str, int]:
        return {"nhi": self.nhi, "hpc": self.hpc}

    def colour(self, name: str) -> str:
        """The manual's colour of the light `nhi` or `hpc`."""
        return COLOURS[name][getattr(self, name)]


def lights_of(seen: Sequence[SeenCard], standing: Standing) -> Lights:
    """Fast authentication keeps the HPC's light at 3 without its card."""
    nhi = any(card.kind is CardKind.NHI for card in seen)
    hpc = any(card.kind is CardKind.HPC for card in seen)
    proved = standing.is_proved([card.insertion for card in seen])
    if not standing.authenticated:
        return Lights(int(nhi), int(hpc))
    doctor = MEDICAL if proved else AUTHENTICATED if hpc else EMPTY
    patient = EMPTY if not nhi else MEDICAL if doctor == MEDICAL else AUTHENTICATED
    return Lights(patient, doctor)
