"""What programs call: a HIS through its agent, and FHIR clients."""

from tests.matrix.cells import EVERYBODY, NOBODY, Row

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
