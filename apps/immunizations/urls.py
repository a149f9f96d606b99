"""Routes of the vaccination record query."""

from django.urls import path

from apps.immunizations import views

urlpatterns = [
    path("", views.start_vaccination_query, name="start_vaccination_query"),
    path("cards/<uuid:reading_id>/", views.ask_vaccinations, name="ask_vaccinations"),
    path("<uuid:query_id>/", views.show_vaccinations, name="show_vaccinations"),
    path("<uuid:query_id>/<slug:tab>/", views.show_vaccinations, name="show_vaccinations"),
    path("<uuid:query_id>/<slug:tab>/print/", views.print_vaccinations, name="print_vaccinations"),
]
