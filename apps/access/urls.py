"""Routes of authorization."""

from django.urls import path

from apps.access.views import applications, authorizing, managers, networks, reviews, users

urlpatterns = [
    path("managers/", managers.maintain_managers, name="maintain_managers"),
    path("managers/appoint/", managers.appoint_manager, name="appoint_manager"),
    path("managers/<uuid:membership_id>/end/", managers.end_manager, name="end_manager"),
    path("users/", users.maintain_users, name="maintain_users"),
    path("users/add/", users.add_user, name="add_user"),
    path("users/file/", users.add_users_by_file, name="add_users_by_file"),
    path("users/<uuid:membership_id>/end/", users.end_user, name="end_user"),
    path("services/", applications.apply_services, name="apply_services"),
    path("networks/", networks.apply_networks, name="apply_networks"),
    path("networks/<uuid:application_id>/end/", networks.end_network, name="end_network"),
    path("authorization/", authorizing.authorize_users, name="authorize_users"),
    path("authorization/review/", reviews.review_grants, name="review_grants"),
]
