"""The everyday accidents around cards, each by name, and where it is tested.

The list is that of the cards' requirement; a case without a test that exists is a gap.
"""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
CASES: dict[str, tuple[str, ...]] = {
    "two tabs": (
        "cards/test_login.py::test_two_tabs_each_keep_their_own_transaction",
        "cards/test_outsider.py::test_a_code_opens_no_other_transaction_of_the_same_browser",
        "browser/test_session_faults.py::test_two_tabs_keep_each_their_own_citizen",
    ),
    "F2 twice": (
        "browser/test_session_faults.py::test_f2_twice_reads_the_card_once_more_and_ends_on_the_form",
        "agent/test_card_requests.py::test_a_newer_request_supersedes_the_waiting_one",
    ),
    "Back and reload at every page": (
        "browser/test_back_and_reload.py::test_wrong_pin_back_forward_reload_right_pin",
        "browser/test_back_and_reload.py::test_every_step_of_a_log_in",
        "browser/test_back_and_reload.py::test_every_step_of_a_log_in_by_nhi_card",
        "browser/test_back_and_reload.py::test_every_step_of_a_card_reading",
        "browser/test_back_and_reload.py::test_every_step_of_a_step_up",
        "browser/test_back_and_reload.py::test_a_refused_order_of_the_console",
        "browser/test_session_faults.py::test_back_and_reload_after_logging_in_keep_the_session",
        "browser/test_session_faults.py::test_back_and_reload_after_reading_lead_on",
        "browser/test_session_faults.py::test_back_after_booking_shows_the_booking_and_not_the_form",
        "browser/test_session_faults.py::test_reload_after_booking_shows_the_same_number",
        "cards/test_login.py::test_reload_and_back_after_the_login_are_harmless",
        "cards/test_step_up.py::test_reload_after_a_step_up_is_harmless",
    ),
    "two users of the operating system": (
        "agent/test_peers.py::test_another_user_of_the_computer_is_refused_and_told_why",
        "agent/test_peers.py::test_a_second_agent_on_the_same_port_says_who_is_there",
    ),
    "one agent with two servers": (
        "agent/test_peers.py::test_one_agent_serves_two_servers_each_by_its_name",
        "agent/test_peers.py::test_one_servers_transaction_means_nothing_to_the_other",
    ),
    "the agent restarted in the middle": (
        "agent/test_card_requests.py::test_after_a_restart_the_transaction_is_taken_up_again",
        "browser/test_card_faults.py::test_an_agent_that_starts_anew_at_the_pin_takes_the_login_up_again",
    ),
    "hostile requests to the loopback port": (
        "agent/test_guards.py::test_a_hostile_request_is_refused_before_server_and_card",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_accident_has_a_test(case: str) -> None:
    for path in CASES[case]:
        file, _, name = path.partition("::")
        tree = ast.parse((TESTS / file).read_text("utf-8"))
        assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


def test_at_least_twelve_hostile_requests_of_every_named_kind() -> None:
    """Foreign Host, Origin, content type, prefetch, iframe."""
    from tests.agent.test_guards import HOSTILE

    requests = [repr(each) for each in HOSTILE.values()]
    assert len(requests) >= 12
    for kind in ("'Host'", "'Origin'", "text/plain", "Sec-Purpose", "iframe"):
        assert any(kind in each for each in requests), kind
