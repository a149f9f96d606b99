"""What stands in the matrix: a row for a route and method, a cell for each kind of person.

A cell is the expected status. `302` and `303` are redirects: visitors go to the login page, others on
with what they asked for.
"""

from dataclasses import dataclass, field

SUBJECTS = (
    "visitor",  # nobody logged in
    "pharmacist",  # staff with a grant for VBK
    "ungranted",  # staff of the same pharmacy without a grant
    "stranger",  # staff of another pharmacy with a grant there
    "operator",
    "auditor",
)


@dataclass(frozen=True)
class Row:
    """One route and method. `args` names objects of the test's world that the URL is made of."""

    route: str
    method: str
    cells: tuple[int, ...]
    args: tuple[str, ...] = ()
    data: dict[str, str] = field(default_factory=dict)
    # For the routes that concern the session of an institution's own card.
    representative: int | None = None

    def expected(self) -> dict[str, int]:
        cells = dict(zip(SUBJECTS, self.cells, strict=True))
        return cells | (
            {} if self.representative is None else {"representative": self.representative}
        )


BY_CARD = ("reading", "booking")
NOT_ONE_OF_THEM = (302, 403, 403, 403, 403, 403)
OPERATOR_ONLY = (302, 403, 403, 403, 200, 403)
EVERYBODY = (200, 200, 200, 200, 200, 200)
AUDITOR_ONLY = (302, 403, 403, 403, 403, 200)
NOBODY = (405, 405, 405, 405, 405, 405)

REPRESENTATIVE_ONLY = (302, 403, 403, 403, 403, 403)
STEP_UP = {"next": "/booking/", "service": "VBK"}
