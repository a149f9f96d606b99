"""Routes of oversight."""

from django.urls import path

from apps.oversight.views import events, searches, timelines

urlpatterns = [
    path("log/", searches.search_log, name="search_log"),
    path("log/<uuid:search_id>/", searches.show_search, name="show_search"),
    path("log/<uuid:search_id>/timeline/", timelines.show_timeline, name="show_timeline"),
    path("log/<uuid:search_id>/save/", searches.save_search, name="save_search"),
    path("log/saved/<uuid:saved_id>/", searches.repeat_search, name="repeat_search"),
    path("log/saved/<uuid:saved_id>/remove/", searches.remove_search, name="remove_search"),
    path("events/<int:number>/", events.show_event, name="show_event"),
    path("events/<int:number>/around/", events.show_around, name="show_around"),
    path("events/<int:number>/proof/", events.take_proof, name="take_proof"),
    path("events/<int:number>/follow/", events.follow_event, name="follow_event"),
    path("own-log/", searches.search_own_log, name="search_own_log"),
]
