"""Routes of oversight."""

from django.urls import path

from apps.oversight.views import (
    cases,
    events,
    exports,
    own_accesses,
    own_log,
    searches,
    timelines,
)

# Below /cards/<transaction>/, because the cookie of the transaction is sent there and nowhere else.
OWN_ACCESSES = [
    path("accesses", own_accesses.show_own, name="show_own"),
    path("accesses/<int:number>/proof", own_accesses.take_own_proof, name="take_own_proof"),
    path("accesses/finish", own_accesses.finish_own, name="finish_own"),
]

urlpatterns = [
    path("log/", searches.search_log, name="search_log"),
    path("log/<uuid:search_id>/", searches.show_search, name="show_search"),
    path("log/<uuid:search_id>/timeline/", timelines.show_timeline, name="show_timeline"),
    path("log/<uuid:search_id>/print/", searches.print_search, name="print_search"),
    path("log/<uuid:search_id>/save/", searches.save_search, name="save_search"),
    path("log/saved/<uuid:saved_id>/", searches.repeat_search, name="repeat_search"),
    path("log/saved/<uuid:saved_id>/remove/", searches.remove_search, name="remove_search"),
    path("events/<int:number>/", events.show_event, name="show_event"),
    path("events/<int:number>/around/", events.show_around, name="show_around"),
    path("events/<int:number>/proof/", events.take_proof, name="take_proof"),
    path("events/<int:number>/follow/", events.follow_event, name="follow_event"),
    path("log/<uuid:search_id>/export/", exports.export_search, name="export_search"),
    path("exports/", exports.list_exports, name="list_exports"),
    path("exports/<uuid:export_id>/", exports.download_export, name="download_export"),
    path("exports/token/", exports.issue_log_token, name="issue_log_token"),
    path("cases/", cases.list_cases, name="list_cases"),
    path("cases/<uuid:case_id>/", cases.show_case, name="show_case"),
    path("cases/<uuid:case_id>/assign/", cases.assign_case, name="assign_case"),
    path("cases/<uuid:case_id>/note/", cases.note_case, name="note_case"),
    path("cases/<uuid:case_id>/close/", cases.close_case, name="close_case"),
    path("own-accesses/", own_accesses.ask_own, name="ask_own"),
    path("own-log/", own_log.search_own_log, name="search_own_log"),
    path("own-log/<uuid:search_id>/", own_log.show_own_search, name="show_own_search"),
    path("own-log/export/", own_log.export_own_log, name="export_own_log"),
    path("own-log/<uuid:search_id>/export/", own_log.export_own_log, name="export_own_log"),
]
