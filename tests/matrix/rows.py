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

# What operators do to one object, by a form below its page (apps/access/deeds.py).
DEEDS = (
    "approve_application",
    "reject_application",
    "appoint_responsible",
    "change_responsible",
    "correct_person",
    "suspend_institution",
    "resume_institution",
    "close_institution",
    "approve_network",
    "reject_network",
    "end_network_of",
    "publish_change",
    "withdraw_change",
    "confirm_change",
    "take_back_change",
    "appoint_sites",
    "end_campaign",
    "end_site",
    "resume_site",
    "move_site_day",
    "cancel_site_day",
    "publish_campaign",
    "withdraw_campaign",
    "draft_rules",
    "publish_rules",
    "withdraw_rules",
)

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
    Row("stay_logged_in", "post", (302, 204, 204, 204, 204, 204), representative=204),
    Row("stay_logged_in", "get", (302, 405, 405, 405, 405, 405)),
    Row("step_up", "post", (302, 303, 403, 303, 403, 403), data=STEP_UP, representative=403),
    Row("step_up", "get", (302, 405, 405, 405, 405, 405)),
    Row("check_components", "get", (200, 200, 200, 200, 200, 200)),
    Row("check_components", "post", (303, 303, 303, 303, 303, 303)),
    Row("show_check", "get", (403, 403, 403, 403, 403, 403), args=("transaction",)),
    Row("show_check", "post", (405, 405, 405, 405, 405, 405), args=("transaction",)),
    Row("enter_password", "get", (403, 403, 403, 403, 403, 403), args=("transaction",)),
    Row("enter_password", "post", (403, 403, 403, 403, 403, 403), args=("transaction",)),
    Row("register_card_password", "get", (403, 403, 403, 403, 403, 403), args=("transaction",)),
    Row("register_card_password", "post", (403, 403, 403, 403, 403, 403), args=("transaction",)),
    Row("choose_institution", "get", (403, 403, 403, 403, 403, 403), args=("transaction",)),
    Row("choose_institution", "post", (403, 403, 403, 403, 403, 403), args=("transaction",)),
    Row("note_removal", "post", (403, 403, 403, 403, 403, 403)),
    Row("note_removal", "get", (405, 405, 405, 405, 405, 405)),
    # one's own cards, and those of the people whom one answers for
    Row("my_account", "get", (302, 200, 200, 200, 200, 200), representative=200),
    Row("my_account", "post", (302, 405, 405, 405, 405, 405)),
    Row("set_card_password", "get", (302, 403, 403, 403, 200, 200), representative=403),
    Row(
        "set_card_password",
        "post",
        (302, 403, 403, 403, 400, 400),
        data={"password": "12345"},
        representative=403,
    ),
    Row("block_my_card", "post", (302, 302, 404, 404, 404, 404), args=("credential",)),
    Row("block_my_card", "get", (302, 405, 405, 405, 405, 405), args=("credential",)),
    Row(
        "report_lost_card",
        "post",
        (302, 302, 302, 302, 302, 302),
        data={"card_kind": "NHI"},
        representative=400,
    ),
    Row("report_lost_card", "get", (302, 405, 405, 405, 405, 405)),
    Row("list_cards", "get", REPRESENTATIVE_ONLY, representative=200),
    Row("list_cards", "post", REPRESENTATIVE_ONLY, representative=200),
    Row("list_cards", "put", REPRESENTATIVE_ONLY, representative=405),
    Row("issue_code", "post", REPRESENTATIVE_ONLY, args=("person",), representative=404),
    Row("issue_code", "get", REPRESENTATIVE_ONLY, args=("person",), representative=404),
    Row("issue_code", "put", REPRESENTATIVE_ONLY, args=("person",), representative=405),
    Row("block_cards_of", "post", REPRESENTATIVE_ONLY, args=("person",), representative=404),
    Row("block_cards_of", "get", REPRESENTATIVE_ONLY, args=("person",), representative=405),
    # workstations
    Row("list_modules", "get", REPRESENTATIVE_ONLY, representative=200),
    Row("list_modules", "post", REPRESENTATIVE_ONLY, data={"name": "櫃檯"}, representative=302),
    Row("list_modules", "put", REPRESENTATIVE_ONLY, representative=405),
    # For managers only (tests/workstations/test_overview.py has those).
    Row("show_workstations", "get", NOT_ONE_OF_THEM),
    Row("show_workstations", "post", NOT_ONE_OF_THEM),
    Row("download_module", "post", REPRESENTATIVE_ONLY, args=("module",), representative=200),
    Row("download_module", "get", REPRESENTATIVE_ONLY, args=("module",), representative=405),
    Row("replace_module", "post", REPRESENTATIVE_ONLY, args=("module",), representative=302),
    Row("replace_module", "get", REPRESENTATIVE_ONLY, args=("module",), representative=405),
    Row("revoke_module", "post", REPRESENTATIVE_ONLY, args=("module",), representative=302),
    Row("revoke_module", "get", REPRESENTATIVE_ONLY, args=("module",), representative=405),
    Row("revoke_workstation", "post", REPRESENTATIVE_ONLY, args=("unknown",), representative=404),
    Row("revoke_workstation", "get", REPRESENTATIVE_ONLY, args=("unknown",), representative=405),
    Row("enrol_by_module", "post", (403, 403, 403, 403, 403, 403)),
    Row("make_challenge", "post", EVERYBODY),
    Row("make_challenge", "get", NOBODY),
    Row("authenticate_workstation", "post", (403, 403, 403, 403, 403, 403)),
    Row("authenticate_workstation", "get", (405, 405, 405, 405, 405, 405)),
    Row("enrol_by_module", "get", (405, 405, 405, 405, 405, 405)),
    # emergency
    *(
        row
        for route, get, args in (
            ("show_emergency_alert", 200, ("emergency",)),
            ("open_emergency_tabs", 303, ("emergency",)),
            ("show_emergency_tab", 200, ("emergency", "emergency_tab")),
            ("print_emergency_tab", 200, ("emergency", "emergency_tab")),
            ("show_chronic", 200, ("emergency", "chronic")),
            ("show_first_glance", 200, ("emergency",)),
        )
        for row in (
            Row(route, "get", (302, get, 403, 410, 403, 403), args=args),
            Row(route, "post", (302, 405, 403, 405, 403, 403), args=args),
        )
    ),
    Row("start_emergency_query", "get", (302, 200, 403, 200, 403, 403)),
    Row("start_emergency_query", "post", (302, 400, 403, 400, 403, 403)),
    Row("start_emergency_query", "put", (302, 405, 403, 405, 403, 403)),
    Row("start_emergency_by_card", "get", (302, 200, 403, 410, 403, 403), args=("reading",)),
    Row("start_emergency_by_card", "post", (302, 400, 403, 410, 403, 403), args=("reading",)),
    Row("start_emergency_by_card", "put", (302, 405, 403, 405, 403, 403), args=("reading",)),
    Row("read_patient_card", "post", (302, 303, 403, 303, 403, 403)),
    Row("read_patient_card", "get", (302, 405, 403, 405, 403, 403)),
    Row("close_emergency_alert", "post", (302, 303, 403, 410, 403, 403), args=("emergency",)),
    Row("close_emergency_alert", "get", (302, 405, 403, 405, 403, 403), args=("emergency",)),
    Row("give_emergency_consent", "get", (302, 200, 403, 410, 403, 403), args=("emergency",)),
    Row("give_emergency_consent", "post", (302, 400, 403, 410, 403, 403), args=("emergency",)),
    Row("give_emergency_consent", "put", (302, 405, 403, 405, 403, 403), args=("emergency",)),
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
    Row("list_bookings", "get", (302, 200, 403, 200, 403, 403)),
    Row("list_bookings", "post", (302, 405, 403, 405, 403, 403)),
    Row("show_month", "get", (302, 200, 403, 404, 403, 403), args=("site",)),
    Row("show_month", "post", (302, 405, 403, 405, 403, 403), args=("site",)),
    Row("relieve_slot", "get", (302, 200, 403, 404, 403, 403), args=("slot",)),
    Row("relieve_slot", "post", (302, 400, 403, 404, 403, 403), args=("slot",)),
    Row("relieve_slot", "put", (302, 405, 403, 405, 403, 403), args=("slot",)),
    Row("open_exception", "get", (302, 200, 403, 200, 403, 403)),
    Row("open_exception", "post", (302, 400, 403, 400, 403, 403)),
    Row("open_exception", "put", (302, 405, 403, 405, 403, 403)),
    # waiting list: the world's offer belongs to another person than its reading
    Row("show_waiting", "get", (302, 404, 403, 410, 403, 403), args=("reading",)),
    Row("show_waiting", "post", (302, 405, 403, 405, 403, 403), args=("reading",)),
    Row("join_waiting_list", "get", (302, 200, 403, 410, 403, 403), args=("reading",)),
    Row("join_waiting_list", "post", (302, 400, 403, 410, 403, 403), args=("reading",)),
    Row("join_waiting_list", "put", (302, 405, 403, 405, 403, 403), args=("reading",)),
    Row("leave_waiting_list", "post", (302, 404, 403, 410, 403, 403), args=("reading",)),
    Row("leave_waiting_list", "get", (302, 405, 403, 405, 403, 403), args=("reading",)),
    Row("accept_offer", "post", (302, 404, 403, 410, 403, 403), args=("reading", "unknown")),
    Row("accept_offer", "get", (302, 405, 403, 405, 403, 403), args=("reading", "unknown")),
    Row("decline_offer", "post", (302, 404, 403, 410, 403, 403), args=("reading", "unknown")),
    Row("decline_offer", "get", (302, 405, 403, 405, 403, 403), args=("reading", "unknown")),
    Row("show_waiting_list", "get", (302, 200, 403, 404, 403, 403), args=("site",)),
    Row("show_waiting_list", "post", (302, 405, 403, 405, 403, 403), args=("site",)),
    # at the site
    Row("show_sites", "get", (302, 200, 403, 200, 403, 403)),
    Row("show_sites", "post", (302, 405, 403, 405, 403, 403)),
    Row("show_slots", "get", (302, 200, 403, 404, 403, 403), args=("site",)),
    Row("show_slots", "post", (302, 405, 403, 405, 403, 403), args=("site",)),
    Row("publish_slots", "get", (302, 200, 403, 404, 403, 403), args=("site",)),
    Row("publish_slots", "post", (302, 400, 403, 404, 403, 403), args=("site",)),
    Row("publish_slots", "put", (302, 405, 403, 405, 403, 403), args=("site",)),
    Row("copy_week", "post", (302, 400, 403, 404, 403, 403), args=("site",)),
    Row("copy_week", "get", (302, 405, 403, 405, 403, 403), args=("site",)),
    Row("close_early", "post", (302, 400, 403, 404, 403, 403), args=("site",)),
    Row("close_early", "get", (302, 405, 403, 405, 403, 403), args=("site",)),
    Row("show_site_day", "get", (302, 200, 403, 404, 403, 403), args=("site",)),
    Row("show_site_day", "post", (302, 303, 403, 404, 403, 403), args=("site",)),
    Row("show_site_day", "put", (302, 405, 403, 405, 403, 403), args=("site",)),
    Row("print_site_day", "get", (302, 200, 403, 404, 403, 403), args=("site",)),
    Row("print_site_day", "post", (302, 405, 403, 405, 403, 403), args=("site",)),
    Row("check_in", "post", (302, 400, 403, 404, 403, 403), args=("site",)),
    Row("check_in", "get", (302, 405, 403, 405, 403, 403), args=("site",)),
    # the world's booking is for tomorrow
    Row("mark_arrived", "post", (302, 409, 403, 404, 403, 403), args=("booking",)),
    Row("mark_arrived", "get", (302, 405, 403, 405, 403, 403), args=("booking",)),
    Row("mark_no_show", "post", (302, 409, 403, 404, 403, 403), args=("booking",)),
    Row("mark_no_show", "get", (302, 405, 403, 405, 403, 403), args=("booking",)),
    Row("give_dose", "get", (302, 200, 403, 404, 403, 403), args=("booking",)),
    Row("give_dose", "post", (302, 400, 403, 404, 403, 403), args=("booking",)),
    Row("give_dose", "put", (302, 405, 403, 405, 403, 403), args=("booking",)),
    Row("meet_citizen", "get", (302, 200, 403, 410, 403, 403), args=("reading",)),
    Row("meet_citizen", "post", (302, 400, 403, 410, 403, 403), args=("reading",)),
    Row("meet_citizen", "put", (302, 405, 403, 405, 403, 403), args=("reading",)),
    Row("change_day", "get", (302, 200, 403, 404, 403, 403), args=("site",)),
    Row("change_day", "post", (302, 405, 403, 405, 403, 403), args=("site",)),
    Row("move_day", "post", (302, 400, 403, 404, 403, 403), args=("site",)),
    Row("move_day", "get", (302, 405, 403, 405, 403, 403), args=("site",)),
    Row("cancel_day", "post", (302, 400, 403, 404, 403, 403), args=("site",)),
    Row("cancel_day", "get", (302, 405, 403, 405, 403, 403), args=("site",)),
    Row("change_slot", "get", (302, 200, 403, 404, 403, 403), args=("slot",)),
    Row("change_slot", "post", (302, 400, 403, 404, 403, 403), args=("slot",)),
    Row("change_slot", "put", (302, 405, 403, 405, 403, 403), args=("slot",)),
    Row("show_figures", "get", OPERATOR_ONLY),
    Row("show_figures", "post", (302, 403, 403, 403, 405, 403)),
    Row("export_figures", "get", (302, 403, 403, 403, 404, 403), args=("app_label",)),
    Row("export_figures", "post", (302, 403, 403, 403, 405, 403), args=("app_label",)),
    # vaccination records
    Row("start_vaccination_query", "get", (302, 200, 403, 200, 403, 403)),
    Row("start_vaccination_query", "post", (302, 303, 403, 303, 403, 403)),
    Row("start_vaccination_query", "put", (302, 405, 403, 405, 403, 403)),
    Row("ask_vaccinations", "get", (302, 200, 403, 410, 403, 403), args=("reading",)),
    Row("ask_vaccinations", "post", (302, 303, 403, 410, 403, 403), args=("reading",)),
    Row("ask_vaccinations", "put", (302, 405, 403, 405, 403, 403), args=("reading",)),
    Row("show_vaccinations", "get", (302, 200, 403, 410, 403, 403), args=("query",)),
    Row("show_vaccinations", "post", (302, 405, 403, 405, 403, 403), args=("query",)),
    Row("show_vaccinations", "get", (302, 200, 403, 410, 403, 403), args=("query", "tab")),
    Row("print_vaccinations", "get", (302, 200, 403, 410, 403, 403), args=("query", "tab")),
    Row("print_vaccinations", "post", (302, 405, 403, 405, 403, 403), args=("query", "tab")),
    # travel and contact history
    Row("ask_travel_history", "get", (302, 200, 403, 200, 403, 403)),
    Row("ask_travel_history", "post", (302, 400, 403, 400, 403, 403)),
    Row("ask_travel_history", "put", (302, 405, 403, 405, 403, 403)),
    Row("ask_travel_history_by_card", "get", (302, 200, 403, 410, 403, 403), args=("reading",)),
    Row("ask_travel_history_by_card", "post", (302, 303, 403, 410, 403, 403), args=("reading",)),
    Row("ask_travel_history_by_card", "put", (302, 405, 403, 405, 403, 403), args=("reading",)),
    Row("show_travel_history", "get", (302, 200, 403, 410, 403, 403), args=("travel_query",)),
    Row("show_travel_history", "post", (302, 405, 403, 405, 403, 403), args=("travel_query",)),
    Row("print_travel_history", "get", (302, 200, 403, 410, 403, 403), args=("travel_query",)),
    Row("print_travel_history", "post", (302, 405, 403, 405, 403, 403), args=("travel_query",)),
    # access: for representatives and managers only (tests/access/test_pages.py has those)
    Row("maintain_managers", "get", NOT_ONE_OF_THEM),
    Row("appoint_manager", "get", NOT_ONE_OF_THEM),
    Row("appoint_manager", "post", NOT_ONE_OF_THEM),
    Row("end_manager", "get", NOT_ONE_OF_THEM, args=("unknown",)),
    Row("end_manager", "post", NOT_ONE_OF_THEM, args=("unknown",)),
    Row("maintain_users", "get", NOT_ONE_OF_THEM),
    Row("maintain_users", "post", NOT_ONE_OF_THEM),
    Row("add_user", "get", NOT_ONE_OF_THEM),
    Row("add_user", "post", NOT_ONE_OF_THEM),
    Row("add_users_by_file", "post", NOT_ONE_OF_THEM),
    Row("end_user", "get", NOT_ONE_OF_THEM, args=("unknown",)),
    Row("end_user", "post", NOT_ONE_OF_THEM, args=("unknown",)),
    Row("apply_services", "get", NOT_ONE_OF_THEM),
    Row("apply_services", "post", NOT_ONE_OF_THEM),
    Row("apply_networks", "get", NOT_ONE_OF_THEM),
    Row("apply_networks", "post", NOT_ONE_OF_THEM),
    Row("end_network", "get", NOT_ONE_OF_THEM, args=("unknown",)),
    Row("end_network", "post", NOT_ONE_OF_THEM, args=("unknown",)),
    Row("authorize_users", "get", NOT_ONE_OF_THEM),
    Row("authorize_users", "post", NOT_ONE_OF_THEM),
    Row("review_grants", "get", NOT_ONE_OF_THEM),
    Row("review_grants", "post", NOT_ONE_OF_THEM),
    # oversight
    Row("search_own_log", "get", NOT_ONE_OF_THEM),
    Row("search_own_log", "post", NOT_ONE_OF_THEM),
    Row("show_own_search", "get", NOT_ONE_OF_THEM, args=("search",)),
    Row("export_own_log", "post", NOT_ONE_OF_THEM),
    Row("export_own_log", "post", NOT_ONE_OF_THEM, args=("search",)),
    Row("search_log", "get", AUDITOR_ONLY),
    Row("search_log", "post", (302, 403, 403, 403, 403, 400)),
    Row("search_log", "put", (302, 403, 403, 403, 403, 405)),
    Row("show_search", "get", AUDITOR_ONLY, args=("search",)),
    Row("show_search", "post", (302, 403, 403, 403, 403, 405), args=("search",)),
    Row("print_search", "get", AUDITOR_ONLY, args=("search",)),
    Row("print_search", "post", (302, 403, 403, 403, 403, 405), args=("search",)),
    Row("show_timeline", "get", AUDITOR_ONLY, args=("search",)),
    Row("show_timeline", "post", (302, 403, 403, 403, 403, 405), args=("search",)),
    Row("save_search", "post", (302, 403, 403, 403, 403, 400), args=("search",)),
    Row("save_search", "get", (302, 403, 403, 403, 403, 405), args=("search",)),
    Row("repeat_search", "get", AUDITOR_ONLY, args=("saved",)),
    Row("repeat_search", "post", (302, 403, 403, 403, 403, 400), args=("saved",)),
    Row("repeat_search", "put", (302, 403, 403, 403, 403, 405), args=("saved",)),
    Row("remove_search", "post", (302, 403, 403, 403, 403, 302), args=("saved",)),
    Row("remove_search", "get", (302, 403, 403, 403, 403, 405), args=("saved",)),
    Row("ask_own", "get", EVERYBODY),
    Row("ask_own", "post", (303, 303, 303, 303, 303, 303), data={"card_kind": "NHI"}),
    Row("ask_own", "put", NOBODY),
    Row("show_own", "get", (403, 403, 403, 403, 403, 403), args=("transaction",)),
    Row("show_own", "post", NOBODY, args=("transaction",)),
    Row("take_own_proof", "get", (403, 403, 403, 403, 403, 403), args=("transaction", "event")),
    Row("take_own_proof", "post", NOBODY, args=("transaction", "event")),
    Row("finish_own", "post", (403, 403, 403, 403, 403, 403), args=("transaction",)),
    Row("finish_own", "get", NOBODY, args=("transaction",)),
    Row("export_search", "post", (302, 403, 403, 403, 403, 400), args=("search",)),
    Row("export_search", "get", (302, 403, 403, 403, 403, 405), args=("search",)),
    Row("list_exports", "get", AUDITOR_ONLY),
    Row("list_exports", "post", (302, 403, 403, 403, 403, 405)),
    Row("download_export", "get", (302, 403, 403, 403, 403, 404), args=("unknown",)),
    Row("download_export", "post", (302, 403, 403, 403, 403, 405), args=("unknown",)),
    Row("issue_log_token", "post", AUDITOR_ONLY),
    Row("issue_log_token", "get", (302, 403, 403, 403, 403, 405)),
    Row("list_cases", "get", AUDITOR_ONLY),
    Row("list_cases", "post", (302, 403, 403, 403, 403, 405)),
    Row("show_case", "get", AUDITOR_ONLY, args=("case",)),
    Row("show_case", "post", (302, 403, 403, 403, 403, 405), args=("case",)),
    Row("assign_case", "post", (302, 403, 403, 403, 403, 400), args=("case",)),
    Row("assign_case", "get", (302, 403, 403, 403, 403, 405), args=("case",)),
    Row("note_case", "post", (302, 403, 403, 403, 403, 400), args=("case",)),
    Row("note_case", "get", (302, 403, 403, 403, 403, 405), args=("case",)),
    Row("close_case", "post", (302, 403, 403, 403, 403, 400), args=("case",)),
    Row("close_case", "get", (302, 403, 403, 403, 403, 405), args=("case",)),
    Row("show_event", "get", AUDITOR_ONLY, args=("event",)),
    Row("show_event", "post", (302, 403, 403, 403, 403, 405), args=("event",)),
    Row("show_around", "get", AUDITOR_ONLY, args=("event",)),
    Row("show_around", "post", (302, 403, 403, 403, 403, 405), args=("event",)),
    Row("take_proof", "get", (302, 403, 403, 403, 403, 409), args=("event",)),
    Row("take_proof", "post", (302, 403, 403, 403, 403, 405), args=("event",)),
    Row(
        "follow_event",
        "post",
        (302, 403, 403, 403, 403, 302),
        args=("event",),
        data={"what": "person"},
    ),
    Row("follow_event", "get", (302, 403, 403, 403, 403, 405), args=("event",)),
    # back office
    Row("admin:index", "get", OPERATOR_ONLY),
    Row("admin:jsi18n", "get", OPERATOR_ONLY),
    Row("admin:autocomplete", "get", (302, 403, 403, 403, 403, 403)),
    Row("admin:app_list", "get", OPERATOR_ONLY, args=("app_label",)),
    Row("admin:close_grant", "post", (302, 403, 403, 403, 302, 403), args=("grant",)),
    Row("admin:block_card", "post", (302, 403, 403, 403, 302, 403), args=("credential",)),
    Row("admin:block_card", "get", (302, 403, 403, 403, 405, 403), args=("credential",)),
    Row("admin:report_card", "post", (302, 403, 403, 403, 302, 403)),
    Row("admin:report_card", "get", (302, 403, 403, 403, 405, 403)),
    Row("admin:release_lost_card", "post", (302, 403, 403, 403, 404, 403), args=("unknown",)),
    Row("admin:release_lost_card", "get", (302, 403, 403, 403, 405, 403), args=("unknown",)),
    Row("admin:look_up_insured", "post", (302, 403, 403, 403, 302, 403)),
    Row("admin:look_up_insured", "get", (302, 403, 403, 403, 405, 403)),
    Row("admin:look_up_signature", "post", (302, 403, 403, 403, 302, 403)),
    Row("admin:look_up_signature", "get", (302, 403, 403, 403, 405, 403)),
    Row("admin:release_card", "post", (302, 403, 403, 403, 302, 403), args=("credential",)),
    Row("admin:release_card", "get", (302, 403, 403, 403, 405, 403), args=("credential",)),
    Row("admin:close_grant", "get", (302, 403, 403, 403, 405, 403), args=("grant",)),
    Row("admin:draft_campaign", "get", OPERATOR_ONLY),
    Row("admin:draft_campaign", "post", (302, 403, 403, 403, 400, 403)),
    *(
        Row(f"admin:{deed}", method, (302, 403, 403, 403, status, 403), args=("unknown",))
        for deed in DEEDS
        for method, status in (("post", 302), ("get", 405))
    ),
    Row("admin:preview_person", "get", (302, 403, 403, 403, 404, 403), args=("unknown",)),
    Row("admin:preview_person", "put", (302, 403, 403, 403, 405, 403), args=("unknown",)),
    Row("admin:preview_alert", "get", (302, 403, 403, 403, 404, 403), args=("unknown",)),
    Row("admin:preview_alert", "post", (302, 403, 403, 403, 404, 403), args=("unknown",)),
    Row("admin:preview_alert", "put", (302, 403, 403, 403, 405, 403), args=("unknown",)),
    # imports: the world has none
    Row("admin:upload_import", "get", OPERATOR_ONLY),
    Row("admin:upload_import", "post", (302, 403, 403, 403, 400, 403)),
    Row("admin:upload_import", "put", (302, 403, 403, 403, 405, 403)),
    Row("admin:show_import", "get", (302, 403, 403, 403, 404, 403), args=("unknown",)),
    Row("admin:show_import", "post", (302, 403, 403, 403, 405, 403), args=("unknown",)),
    Row("admin:watch_import", "get", (302, 403, 403, 403, 404, 403), args=("unknown",)),
    Row("admin:publish_import", "post", (302, 403, 403, 403, 404, 403), args=("unknown",)),
    Row("admin:publish_import", "get", (302, 403, 403, 403, 405, 403), args=("unknown",)),
    Row("admin:cancel_import", "post", (302, 403, 403, 403, 404, 403), args=("unknown",)),
    Row("admin:cancel_import", "get", (302, 403, 403, 403, 405, 403), args=("unknown",)),
    Row("admin:download_import_errors", "get", (302, 403, 403, 403, 404, 403), args=("unknown",)),
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
    "booking_site",
    "accounts_credential",
    "accounts_person",
    "accounts_lostcard",
    "cards_trustanchor",
    "access_grant",
    "access_entitlement",
    "access_membership",
    "access_networkapplication",
    "access_proposal",
    "access_serviceapplication",
    "access_unifiedcampaign",
    "institutions_institution",
    "imports_importrun",
    "travel_ruleset",
    "travel_rulechange",
    "visits_insurancestatus",
    "visits_visit",
    "workstations_securitymodule",
    "workstations_workstation",
)

# Texts that operators keep; of statements and refusal codes the set is fixed.
UNKNOWN = (302, 403, 403, 403, 302, 403)
NO_ONE = (302, 403, 403, 403, 403, 403)
EDITED = {
    "access_service": NO_ONE,
    "booking_campaign": OPERATOR_ONLY,
    "booking_exceptionrule": NO_ONE,
    "cards_loginway": NO_ONE,
    "cards_revocationlist": NO_ONE,
    "oversight_retentionrule": NO_ONE,
    "oversight_reviewrule": NO_ONE,
    "emergency_tabswitch": NO_ONE,
    "emergency_emergencytext": NO_ONE,
    "queries_querylimit": NO_ONE,
    "portal_announcement": OPERATOR_ONLY,
    "travel_alertrule": OPERATOR_ONLY,
    "travel_alerttext": OPERATOR_ONLY,
    "travel_alertlink": OPERATOR_ONLY,
    "portal_question": OPERATOR_ONLY,
    "portal_contact": OPERATOR_ONLY,
    "portal_download": OPERATOR_ONLY,
    "portal_link": OPERATOR_ONLY,
    "portal_statement": NO_ONE,
    "portal_refusalcode": OPERATOR_ONLY,
}
KEPT = {
    "booking_campaign",
    "booking_exceptionrule",
    "access_service",
    "oversight_retentionrule",
    "oversight_reviewrule",
    "cards_loginway",
    "cards_revocationlist",
    "emergency_tabswitch",
    "emergency_emergencytext",
    "queries_querylimit",
    "portal_statement",
    "portal_refusalcode",
}

# What agents call for a HIS: open to every agent, the proof is in the body.
HIS_CALLS = (
    "draw_challenge",
    "note_reading",
    "read_register",
    "check_insurance",
    "open_visit",
    "find_visit_identifier",
    "take_back_visit",
    "write_treatment",
    "write_prescriptions",
    "draw_random_number",
)
HIS_ROWS = (
    *(Row(route, "post", (403, 403, 403, 403, 403, 403)) for route in HIS_CALLS),
    *(Row(route, "get", NOBODY) for route in HIS_CALLS),
    Row("get_treat_number", "post", (415, 415, 415, 415, 415, 415)),
    Row("get_treat_number", "get", NOBODY),
    # Without a body; whoever holds a signature may ask.
    Row("verify_signature", "post", (415, 415, 415, 415, 415, 415)),
    Row("verify_signature", "get", NOBODY),
    Row("show_visit_keys", "get", EVERYBODY),
    Row("show_visit_keys", "post", NOBODY),
)

# Over FHIR no cookie says who asks: everybody of the matrix is a stranger there.
TOKEN_NEEDED = (401, 401, 401, 401, 401, 401)
FHIR_ROWS = (
    Row("read_capabilities", "get", EVERYBODY),
    Row("read_capabilities", "post", NOBODY),
    Row("make_nonce", "post", EVERYBODY),
    Row("make_nonce", "get", NOBODY),
    Row("issue_token", "post", (403, 403, 403, 403, 403, 403)),
    Row("issue_token", "get", NOBODY),
    Row("unknown_resource", "get", (404, 404, 404, 404, 404, 404), args=("app_label",)),
    *(
        row
        for kind in ("schedule", "slot", "appointment", "immunization", "auditevent")
        for row in (
            Row(f"search_{kind}", "get", TOKEN_NEEDED),
            Row(f"post_search_{kind}", "post", TOKEN_NEEDED),
            Row(f"read_{kind}", "get", TOKEN_NEEDED, args=("unknown",)),
        )
    ),
)

ALL_ROWS = (
    ROWS
    + HIS_ROWS
    + FHIR_ROWS
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
