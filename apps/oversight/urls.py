"""Routes of oversight."""

from django.urls import path

from apps.oversight import views

urlpatterns = [
    path("log/", views.search_log, name="search_log"),
    path("own-log/", views.search_own_log, name="search_own_log"),
]
