"""Words of the access log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Action(TextChoices):
    """What somebody did or tried: verb and noun, as the services are named (DESIGN section 8)."""

    LOG_IN = "log_in", _("Log in")
    LOG_OUT = "log_out", _("Log out")
    STEP_UP = "step_up", _("Show the card again")
    REMOVE_CARD = "remove_card", _("Remove the login card")
    REGISTER_PASSWORD = "register_password", _("Register a password for the NHI card")
    ISSUE_CODE = "issue_code", _("Issue a registration code")
    BLOCK_CARD = "block_card", _("Block a card")
    RELEASE_CARD = "release_card", _("Release a blocked card")
    CHECK_COMPONENTS = "check_components", _("Check the card components")
    USE_CARD = "use_card", _("Use a card")
    READ_CARD = "read_card", _("Read a card")
    OPEN_PAGE = "open_page", _("Open a page")
    SHOW_HOME = "show_home", _("Show my services")
    CHECK_ELIGIBILITY = "check_eligibility", _("Check eligibility")
    BOOK_SLOT = "book_slot", _("Book a slot")
    OPEN_EXCEPTION = "open_exception", _("Let somebody in without a card")
    BOOK_EXCEPTION = "book_exception", _("Book a slot at the exception desk")
    CHANGE_BOOKING = "change_booking", _("Change a booking")
    CANCEL_BOOKING = "cancel_booking", _("Cancel a booking")
    MARK_ARRIVED = "mark_arrived", _("Mark somebody as arrived")
    MARK_NO_SHOW = "mark_no_show", _("Mark somebody as not come")
    GIVE_DOSE = "give_dose", _("Record a given dose")
    SHOW_SITE_DAY = "show_site_day", _("Show the list of a day at the site")
    PUBLISH_SLOTS = "publish_slots", _("Publish slots")
    CHANGE_SLOT = "change_slot", _("Change a slot")
    MOVE_PEOPLE = "move_people", _("Move people of a slot")
    CALL_OFF_PEOPLE = "call_off_people", _("Call people of a slot off")
    MOVE_DAY = "move_day", _("Move a whole day")
    CANCEL_DAY = "cancel_day", _("Cancel a whole day")
    APPOINT_SITES = "appoint_sites", _("Appoint vaccination sites")
    CHANGE_SITE = "change_site", _("End or resume a vaccination site")
    END_CAMPAIGN = "end_campaign", _("End a vaccination campaign")
    PREVIEW_RULES = "preview_rules", _("Preview what a person would get")
    JOIN_WAITING_LIST = "join_waiting_list", _("Join a waiting list")
    LEAVE_WAITING_LIST = "leave_waiting_list", _("Leave a waiting list")
    SHOW_WAITING = "show_waiting", _("Show a place on a waiting list")
    SHOW_WAITING_LIST = "show_waiting_list", _("Show the waiting list of a site")
    OFFER_PLACE = "offer_place", _("Offer a place to the next in line")
    ACCEPT_OFFER = "accept_offer", _("Accept an offered place")
    DECLINE_OFFER = "decline_offer", _("Decline an offered place")
    EXPIRE_OFFER = "expire_offer", _("Let an offer expire")
    WITHDRAW_OFFER = "withdraw_offer", _("Withdraw an offer")
    SHOW_FIGURES = "show_figures", _("Show the figures of a campaign")
    EXPORT_FIGURES = "export_figures", _("Save figures of a campaign as CSV")
    SHOW_BOOKING = "show_booking", _("Show a booking")
    PRINT_SLIP = "print_slip", _("Print a slip")
    QUERY_RECORDS = "query_records", _("Query records")
    PRINT_RECORDS = "print_records", _("Print records")
    RECORD_CONSENT = "record_consent", _("Record a consent")
    READ_REGISTER = "read_register", _("Read register data for a HIS")
    CHECK_INSURANCE = "check_insurance", _("Check the insurance for a HIS")
    OPEN_VISIT = "open_visit", _("Give a visit number")
    FIND_VISIT_IDENTIFIER = "find_visit_identifier", _("Give a visit identifier")
    TAKE_BACK_VISIT = "take_back_visit", _("Take a visit number back")
    SHOW_VISITS = "show_visits", _("Look at visits and insurance in the back office")
    WRITE_TREATMENT = "write_treatment", _("Write diagnoses or fees of a visit")
    WRITE_PRESCRIPTIONS = "write_prescriptions", _("Write prescriptions of a visit")
    DRAFT_RULES = "draft_rules", _("Draft a version of the alert")
    PUBLISH_RULES = "publish_rules", _("Publish a version of the alert")
    WITHDRAW_RULES = "withdraw_rules", _("Withdraw a version of the alert")
    PREVIEW_ALERT = "preview_alert", _("Preview a version of the alert")
    OPEN_GRANT = "open_grant", _("Open a grant")
    CLOSE_GRANT = "close_grant", _("Close a grant")
    EXPIRE_GRANT = "expire_grant", _("Expire a grant")
    APPOINT_MANAGER = "appoint_manager", _("Appoint a manager")
    END_MANAGER = "end_manager", _("End a manager")
    ADD_USER = "add_user", _("Add a user")
    END_USER = "end_user", _("End a user")
    APPLY_SERVICE = "apply_service", _("Apply for a service")
    DECIDE_APPLICATION = "decide_application", _("Decide an application")
    APPLY_NETWORK = "apply_network", _("Apply for a system network")
    DECIDE_NETWORK = "decide_network", _("Decide an application for a system network")
    END_NETWORK = "end_network", _("End a system network")
    OPEN_ENTITLEMENT = "open_entitlement", _("Open an entitlement")
    END_ENTITLEMENT = "end_entitlement", _("End an entitlement")
    DRAFT_CAMPAIGN = "draft_campaign", _("Draft a unified authorization")
    PUBLISH_CAMPAIGN = "publish_campaign", _("Publish a unified authorization")
    WITHDRAW_CAMPAIGN = "withdraw_campaign", _("Withdraw a unified authorization")
    DRAFT_CHANGE = "draft_change", _("Draft a change of rules or texts")
    PUBLISH_CHANGE = "publish_change", _("Publish a change of rules or texts")
    WITHDRAW_CHANGE = "withdraw_change", _("Withdraw a drafted change")
    PUBLISH_AT_ONCE = "publish_at_once", _("Publish an urgent text at once")
    CONFIRM_CHANGE = "confirm_change", _("Confirm an urgent text")
    CORRECT_PERSON = "correct_person", _("Correct a person's name or birth date")
    CHANGE_RESPONSIBLE = "change_responsible", _("Change the responsible person")
    CHANGE_INSTITUTION = "change_institution", _("Suspend, resume or close an institution")
    GIVE_ROLE = "give_role", _("Give a platform role")
    ENROL_WORKSTATION = "enrol_workstation", _("Enrol a workstation")
    AUTHENTICATE_WORKSTATION = "authenticate_workstation", _("Authenticate a workstation")
    REVOKE_WORKSTATION = "revoke_workstation", _("Revoke a workstation")
    APPLY_MODULE = "apply_module", _("Apply for a security module")
    DOWNLOAD_MODULE = "download_module", _("Download a security module")
    REVOKE_MODULE = "revoke_module", _("Revoke a security module")
    UPDATE_REVOCATIONS = "update_revocations", _("Update a revocation list")
    START_IMPORT = "start_import", _("Start an import")
    PUBLISH_IMPORT = "publish_import", _("Publish an import")
    CANCEL_IMPORT = "cancel_import", _("Cancel an import")
    REVEAL_IDENTIFIER = "reveal_identifier", _("Reveal an identifier")
    SEARCH_LOG = "search_log", _("Search the access log")
    SHOW_EVENT = "show_event", _("Show an access event")
    TAKE_PROOF = "take_proof", _("Take the proof of an access event")
    EXPORT_LOG = "export_log", _("Export the access log")
    DOWNLOAD_EXPORT = "download_export", _("Download an export of the access log")
    OPEN_CASE = "open_case", _("Open a case of the review queue")
    SHOW_CASE = "show_case", _("Show a case of the review queue")
    ASSIGN_CASE = "assign_case", _("Assign a case of the review queue")
    NOTE_CASE = "note_case", _("Note something on a case of the review queue")
    CLOSE_CASE = "close_case", _("Close a case of the review queue")
    SHOW_OWN_LOG = "show_own_log", _("See who looked at the own data")
    REMOVE_EXPORT = "remove_export", _("Remove an export of the access log")
    RETIRE_MONTH = "retire_month", _("Retire a month of the access log")
    OPEN_SHARD = "open_shard", _("Begin a new tree of the access log")
    APPLY_RETENTION = "apply_retention", _("Remove what is no longer kept")
    BRING_IN = "bring_in", _("Bring in what was kept during a downtime")
    SAVE_SEARCH = "save_search", _("Save a search of the access log")
    REMOVE_SEARCH = "remove_search", _("Remove a saved search")
    ISSUE_TOKEN = "issue_token", _("Issue a token for a program")
    READ_FHIR = "read_fhir", _("Read over FHIR")
    USE_BACKOFFICE = "use_backoffice", _("Use the back office")
    ADD_RECORD = "add_record", _("Add a record in the back office")
    CHANGE_RECORD = "change_record", _("Change a record in the back office")
    REMOVE_RECORD = "remove_record", _("Remove a record in the back office")


class Outcome(TextChoices):
    """How it ended. A refusal was decided by a rule; a failure is a fault of ours."""

    PERMITTED = "permitted", _("Permitted")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")


class Fault(TextChoices):
    """Why something of the platform's own failed, as the reason of an event."""

    CUT_OFF = "entries_missing", _("entries are missing from the journal of a downtime")


# What may stand in an event's `detail`: an allow-list, because a free dictionary collects personal
# data (FHIR BALP keeps its entity details to named keys for the same reason).
DETAIL_KEYS = frozenset(
    {
        "action",
        "at_institution",
        "campaign",
        "code",
        "dose",
        "count",
        "fast_authentication",
        "entry",
        "fields",
        "format",
        "job",
        "kept",
        "note",
        "outcome",
        "page",
        "person",
        "query",
        "revision",
        "role",
        "rule",
        "self_granted",
        "site",
        "slot",
        "state",
        "tab",
        "unsealed",
    }
)

# People type these themselves; an identifier in them is blanked instead of refused, so that a
# reason with a national ID in it does not stop the change that it explains.
FREE_TEXT_KEYS = frozenset({"note"})
