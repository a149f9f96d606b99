"""All routes; each app has its own."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from apps.access.guards import Open
from apps.oversight.urls import OWN_ACCESSES


class SchemaView(SpectacularAPIView):
    """The OpenAPI document is public: vendors build against it."""

    policy = Open()


urlpatterns = [
    # First, because on the morning a campaign opens nearly every request is one of these.
    path("booking/", include("apps.booking.urls")),
    path("", include("apps.portal.urls")),
    path("", include("apps.cards.urls")),
    path("access/", include("apps.access.urls")),
    path("", include("apps.workstations.urls")),
    path("travel/", include("apps.travel.urls")),
    path("immunizations/", include("apps.immunizations.urls")),
    path("his/v1/", include("apps.visits.urls")),
    path("emergency/", include("apps.emergency.urls")),
    path("oversight/", include("apps.oversight.urls")),
    path("cards/<str:transaction_id>/", include(OWN_ACCESSES)),
    path("backoffice/", admin.site.urls),
    path("fhir/", include("config.fhir")),
    path("api/schema/", SchemaView.as_view(), name="schema"),
]

handler400 = "apps.portal.refusals.handler400"
handler403 = "apps.portal.refusals.handler403"
handler404 = "apps.portal.refusals.handler404"
handler500 = "apps.portal.refusals.handler500"
