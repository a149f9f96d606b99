from django.urls import path

from apps.portal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("security-notes/", views.security_notes, name="security_notes"),
    path("computer-setup/", views.set_up_computer, name="set_up_computer"),
    path("questions/", views.questions, name="questions"),
    path("medical-staff/", views.for_staff, name="for_staff"),
    path("downloads/", views.downloads, name="downloads"),
    path("downloads/<uuid:download_id>/", views.download_file, name="download_file"),
    path("card-component/", views.card_component, name="card_component"),
    path("contact/", views.contact, name="contact"),
    path("links/", views.links, name="links"),
    path("statements/<slug:name>/", views.statement, name="statement"),
    path("refusal-codes/", views.look_up_code, name="look_up_code"),
    path("my/", views.my_home, name="my_home"),
    path("site-map/", views.site_map, name="site_map"),
    path("language/", views.switch_language, name="switch_language"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
