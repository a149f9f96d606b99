"""Routes of the travel and contact history query."""

from django.urls import path

from apps.travel import views

urlpatterns = [
    path("", views.ask_travel_history, name="ask_travel_history"),
    path(
        "cards/<uuid:reading_id>/",
        views.ask_travel_history_by_card,
        name="ask_travel_history_by_card",
    ),
    path("<uuid:query_id>/", views.show_travel_history, name="show_travel_history"),
    path("<uuid:query_id>/print/", views.print_travel_history, name="print_travel_history"),
]
