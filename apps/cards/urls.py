"""Routes of card logins, of one's own cards, and of the agent's API."""

from django.urls import path

from apps.cards import api
from apps.cards.views import checks, completing, holders, logins, returning, step_ups

urlpatterns = [
    path("log-in/", logins.log_in, name="log_in"),
    path("log-out/", logins.log_out, name="log_out"),
    path("stay/", logins.stay_logged_in, name="stay_logged_in"),
    path("step-up/", step_ups.step_up, name="step_up"),
    path("check/", checks.check_components, name="check_components"),
    path("cards/<str:transaction_id>/return", returning.return_from_card, name="return_from_card"),
    path("cards/<str:transaction_id>/check", checks.show_check, name="show_check"),
    path("cards/<str:transaction_id>/password", completing.enter_password, name="enter_password"),
    path(
        "cards/<str:transaction_id>/register",
        completing.register_card_password,
        name="register_card_password",
    ),
    path(
        "cards/<str:transaction_id>/institution",
        completing.choose_institution,
        name="choose_institution",
    ),
    path("account/", holders.my_account, name="my_account"),
    path("account/password/", holders.set_card_password, name="set_card_password"),
    path("account/cards/<uuid:credential_id>/block", holders.block_my_card, name="block_my_card"),
    path("account/cards/lost", holders.report_lost_card, name="report_lost_card"),
    path("account/people/", holders.list_cards, name="list_cards"),
    path("account/people/<uuid:person_id>/code", holders.issue_code, name="issue_code"),
    path("account/people/<uuid:person_id>/block", holders.block_cards_of, name="block_cards_of"),
    path(
        "agent/v1/transactions/<str:transaction_id>/claim",
        api.ClaimView.as_view(),
        name="claim_transaction",
    ),
    path(
        "agent/v1/transactions/<str:transaction_id>/result",
        api.ResultView.as_view(),
        name="accept_result",
    ),
    path("agent/v1/removals", api.RemovalView.as_view(), name="note_removal"),
]
