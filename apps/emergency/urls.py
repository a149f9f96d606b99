from django.urls import path

from apps.emergency.views import asking, glances, tabs

urlpatterns = [
    path("", asking.start_emergency_query, name="start_emergency_query"),
    path("card/", asking.read_patient_card, name="read_patient_card"),
    path("card/<uuid:reading_id>/", asking.start_emergency_query, name="start_emergency_by_card"),
    path("<uuid:query_id>/", asking.show_emergency_alert, name="show_emergency_alert"),
    path("<uuid:query_id>/close/", asking.close_emergency_alert, name="close_emergency_alert"),
    path("<uuid:query_id>/consent/", asking.give_emergency_consent, name="give_emergency_consent"),
    path("<uuid:query_id>/tabs/", tabs.open_emergency_tabs, name="open_emergency_tabs"),
    path("<uuid:query_id>/tabs/<slug:tab>/", tabs.show_emergency_tab, name="show_emergency_tab"),
    path(
        "<uuid:query_id>/tabs/<slug:tab>/print/",
        tabs.print_emergency_tab,
        name="print_emergency_tab",
    ),
    path("<uuid:query_id>/chronic/<slug:part>/", tabs.show_chronic, name="show_chronic"),
    path("<uuid:query_id>/first-glance/", glances.show_first_glance, name="show_first_glance"),
]
