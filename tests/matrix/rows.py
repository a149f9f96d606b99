"""Who may call which route, written down once: a route without a row fails the suite (b.6 of the
security reference).

A cell is the expected status for one kind of person. `302` and `303` are redirects: visitors go to
the login page, others on with what they asked for.
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

    def expected(self) -> dict[str, int]:
        return dict(zip(SUBJECTS, self.cells, strict=True))


BY_CARD = ("reading", "booking")
OPERATOR_ONLY = (302, 403, 403, 403, 200, 403)
EVERYBODY = (200, 200, 200, 200, 200, 200)
NOBODY = (405, 405, 405, 405, 405, 405)

#                                              visitor pharm. ungr. strang. oper. audit.
ROWS = (
    # portal
    Row("home", "get", (200, 302, 302, 302, 302, 302)),
    Row("home", "post", (405, 405, 405, 405, 405, 405)),
    Row("my_home", "get", (302, 200, 200, 200, 200, 200)),
    Row("my_home", "post", (302, 405, 405, 405, 405, 405)),
    Row("site_map", "get", (200, 200, 200, 200, 200, 200)),
    Row("security_notes", "get", EVERYBODY),
    Row("set_up_computer", "get", EVERYBODY),
    Row("questions", "get", EVERYBODY),
    Row("for_staff", "get", EVERYBODY),
    Row("downloads", "get", EVERYBODY),
    Row("card_component", "get", EVERYBODY),
    Row("contact", "get", EVERYBODY),
    Row("links", "get", EVERYBODY),
    Row("look_up_code", "get", EVERYBODY),
    Row("look_up_code", "post", NOBODY),
    Row("statement", "get", (404, 404, 404, 404, 404, 404), args=("app_label",)),
    Row("download_file", "get", (404, 404, 404, 404, 404, 404), args=("unknown",)),
    Row("switch_language", "post", (303, 303, 303, 303, 303, 303)),
    Row("switch_language", "get", (405, 405, 405, 405, 405, 405)),
    Row("healthz", "get", (200, 200, 200, 200, 200, 200)),
    Row("readyz", "get", (200, 200, 200, 200, 200, 200)),
    Row("schema", "get", (200, 200, 200, 200, 200, 200)),
    # cards
    Row("log_in", "get", (200, 200, 200, 200, 200, 200)),
    Row("log_in", "post", (303, 303, 303, 303, 303, 303), data={"card_kind": "HPC"}),
    Row("log_in", "put", (405, 405, 405, 405, 405, 405)),
    Row("log_out", "post", (302, 302, 302, 302, 302, 302)),
    Row("log_out", "get", (302, 405, 405, 405, 405, 405)),
    Row("return_from_card", "get", (403, 403, 403, 403, 403, 403), args=("transaction",)),
    Row("return_from_card", "post", (405, 405, 405, 405, 405, 405), args=("transaction",)),
    Row("claim_transaction", "post", (403, 403, 403, 403, 403, 403), args=("transaction",)),
    Row("claim_transaction", "get", (405, 405, 405, 405, 405, 405), args=("transaction",)),
    Row("accept_result", "post", (403, 403, 403, 403, 403, 403), args=("transaction",)),
    Row("accept_result", "get", (405, 405, 405, 405, 405, 405), args=("transaction",)),
    # booking
    Row("start_booking", "get", (302, 200, 403, 200, 403, 403)),
    Row("start_booking", "post", (302, 303, 403, 303, 403, 403)),
    Row("start_booking", "put", (302, 405, 403, 405, 403, 403)),
    Row("book_slot", "get", (302, 200, 403, 410, 403, 403), args=("reading",)),
    Row("book_slot", "post", (302, 400, 403, 410, 403, 403), args=("reading",)),
    Row("book_slot", "put", (302, 405, 403, 405, 403, 403), args=("reading",)),
    Row("choose_slot", "get", (302, 303, 403, 303, 403, 403), args=("reading",)),
    Row("choose_slot", "post", (302, 405, 403, 405, 403, 403), args=("reading",)),
    Row("show_booking_by_card", "get", (302, 404, 403, 410, 403, 403), args=("reading",)),
    Row("show_booking_by_card", "post", (302, 405, 403, 405, 403, 403), args=("reading",)),
    Row("print_slip_by_card", "get", (302, 404, 403, 410, 403, 403), args=("reading",)),
    Row("print_slip_by_card", "post", (302, 405, 403, 405, 403, 403), args=("reading",)),
    Row("show_booking", "get", (302, 200, 403, 404, 403, 403), args=("booking",)),
    Row("show_booking", "post", (302, 405, 403, 405, 403, 403), args=("booking",)),
    Row("print_slip", "get", (302, 200, 403, 404, 403, 403), args=("booking",)),
    Row("print_slip", "post", (302, 405, 403, 405, 403, 403), args=("booking",)),
    # of the citizen whose card was read: the world's booking belongs to another
    Row("show_booking_by_card", "get", (302, 404, 403, 410, 403, 403), args=BY_CARD),
    Row("print_slip_by_card", "get", (302, 404, 403, 410, 403, 403), args=BY_CARD),
    Row("save_calendar_by_card", "get", (302, 404, 403, 410, 403, 403), args=BY_CARD),
    Row("save_calendar_by_card", "post", (302, 405, 403, 405, 403, 403), args=BY_CARD),
    Row("change_booking_by_card", "get", (302, 404, 403, 410, 403, 403), args=BY_CARD),
    Row("change_booking_by_card", "post", (302, 404, 403, 410, 403, 403), args=BY_CARD),
    Row("change_booking_by_card", "put", (302, 405, 403, 405, 403, 403), args=BY_CARD),
    Row("cancel_booking_by_card", "get", (302, 404, 403, 410, 403, 403), args=BY_CARD),
    Row("cancel_booking_by_card", "post", (302, 404, 403, 410, 403, 403), args=BY_CARD),
    Row("cancel_booking_by_card", "put", (302, 405, 403, 405, 403, 403), args=BY_CARD),
    Row("save_calendar", "get", (302, 200, 403, 404, 403, 403), args=("booking",)),
    Row("save_calendar", "post", (302, 405, 403, 405, 403, 403), args=("booking",)),
    Row("change_booking", "get", (302, 200, 403, 404, 403, 403), args=("booking",)),
    Row("change_booking", "post", (302, 400, 403, 404, 403, 403), args=("booking",)),
    Row("change_booking", "put", (302, 405, 403, 405, 403, 403), args=("booking",)),
    Row("cancel_booking", "get", (302, 200, 403, 404, 403, 403), args=("booking",)),
    Row("cancel_booking", "post", (302, 400, 403, 404, 403, 403), args=("booking",)),
    Row("cancel_booking", "put", (302, 405, 403, 405, 403, 403), args=("booking",)),
    # oversight
    Row("search_log", "get", (302, 403, 403, 403, 403, 200)),
    Row("search_log", "post", (302, 403, 403, 403, 403, 405)),
    # back office
    Row("admin:index", "get", OPERATOR_ONLY),
    Row("admin:jsi18n", "get", OPERATOR_ONLY),
    Row("admin:autocomplete", "get", (302, 403, 403, 403, 403, 403)),
    Row("admin:app_list", "get", OPERATOR_ONLY, args=("app_label",)),
    Row("admin:close_grant", "post", (302, 403, 403, 403, 302, 403), args=("grant",)),
    Row("admin:close_grant", "get", (302, 403, 403, 403, 405, 403), args=("grant",)),
)

# Every model in the back office has the same routes; nothing is added, changed or deleted there.
MODEL_ROUTES = (
    ("changelist", OPERATOR_ONLY, ()),
    ("add", (302, 403, 403, 403, 403, 403), ()),
    ("history", (302, 403, 403, 403, 302, 403), ("unknown",)),
    ("delete", (302, 403, 403, 403, 403, 403), ("unknown",)),
    ("change", (302, 403, 403, 403, 302, 403), ("unknown",)),
)
MODELS = (
    "access_grant",
    "access_entitlement",
    "access_membership",
    "access_service",
    "institutions_institution",
)

# Texts that operators keep; of statements and refusal codes the set is fixed.
UNKNOWN = (302, 403, 403, 403, 302, 403)
NO_ONE = (302, 403, 403, 403, 403, 403)
EDITED = {
    "portal_announcement": OPERATOR_ONLY,
    "portal_question": OPERATOR_ONLY,
    "portal_contact": OPERATOR_ONLY,
    "portal_download": OPERATOR_ONLY,
    "portal_link": OPERATOR_ONLY,
    "portal_statement": NO_ONE,
    "portal_refusalcode": OPERATOR_ONLY,
}
KEPT = {"portal_statement", "portal_refusalcode"}

ALL_ROWS = (
    ROWS
    + tuple(
        Row(f"admin:{model}_{route}", "get", cells, args=args)
        for model in MODELS
        for route, cells, args in MODEL_ROUTES
    )
    + tuple(Row(f"admin:{model}_changelist", "get", OPERATOR_ONLY) for model in EDITED)
    + tuple(Row(f"admin:{model}_add", "get", cells) for model, cells in EDITED.items())
    + tuple(
        Row(f"admin:{model}_{route}", "get", UNKNOWN, args=("unknown",))
        for model in EDITED
        for route in ("change", "history")
    )
    + tuple(
        Row(f"admin:{model}_delete", "get", NO_ONE if model in KEPT else UNKNOWN, args=("unknown",))
        for model in EDITED
    )
)

# Django names no URL for these: the admin's catch-all and its old change address.
UNNAMED = {"backoffice/(?P<url>.*)$", "backoffice/<path:object_id>/"}
