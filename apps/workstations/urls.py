"""Routes of security modules and of the agents' enrolment."""

from django.urls import path

from apps.workstations import api, views

urlpatterns = [
    path("workstations/", views.list_modules, name="list_modules"),
    path("workstations/overview/", views.show_workstations, name="show_workstations"),
    path(
        "workstations/modules/<uuid:module_id>/download",
        views.download_module,
        name="download_module",
    ),
    path(
        "workstations/modules/<uuid:module_id>/replace",
        views.replace_module,
        name="replace_module",
    ),
    path("workstations/modules/<uuid:module_id>/revoke", views.revoke_module, name="revoke_module"),
    path(
        "workstations/<uuid:workstation_id>/revoke",
        views.revoke_workstation,
        name="revoke_workstation",
    ),
    path("agent/v1/enrolments", api.EnrolmentView.as_view(), name="enrol_by_module"),
    path("agent/v1/challenges", api.ChallengeView.as_view(), name="make_challenge"),
    path(
        "agent/v1/authentications",
        api.AuthenticationView.as_view(),
        name="authenticate_workstation",
    ),
]
