"""The back office: operators only."""

from tests.matrix.cells import OPERATOR_ONLY, Row

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
    "move_city_day",
    "cancel_city_day",
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

OWN_ROWS = (
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

BACKOFFICE_ROWS = (
    OWN_ROWS
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
