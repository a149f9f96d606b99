"""Routes of the HIS interface."""

from django.urls import path

from apps.visits import api, signature_api, web_api, writing_api

urlpatterns = [
    path("challenges", api.ChallengeView.as_view(), name="draw_challenge"),
    path("readings", api.ReadingView.as_view(), name="note_reading"),
    path("registers", api.RegisterView.as_view(), name="read_register"),
    path("insurance-checks", api.InsuranceView.as_view(), name="check_insurance"),
    path("visits", api.VisitView.as_view(), name="open_visit"),
    path("visit-identifiers", api.IdentifierView.as_view(), name="find_visit_identifier"),
    path("visits-taken-back", api.TakingBackView.as_view(), name="take_back_visit"),
    path("treatments", writing_api.TreatmentView.as_view(), name="write_treatment"),
    path("prescriptions", writing_api.PrescriptionView.as_view(), name="write_prescriptions"),
    path("random-numbers", web_api.RandomView.as_view(), name="draw_random_number"),
    path("treat-numbers", web_api.TreatNumberView.as_view(), name="get_treat_number"),
    path("signatures", signature_api.SignatureView.as_view(), name="verify_signature"),
    path("keys", signature_api.VisitKeyView.as_view(), name="show_visit_keys"),
]
