"""Routes of card logins and of the agent's API."""

from django.urls import path

from apps.cards import api, views

urlpatterns = [
    path("log-in/", views.log_in, name="log_in"),
    path("log-out/", views.log_out, name="log_out"),
    path("cards/<str:transaction_id>/return", views.return_from_card, name="return_from_card"),
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
]
