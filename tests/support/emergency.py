"""An emergency room with a browser: a physician with an HPC, and patients with records."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from apps.institutions.models import Institution
from tests.support.bedside import PATIENT, Bedside


class EmergencyRoom(Bedside):
    """培靈醫院 with an emergency department and video consultation."""

    def __init__(self, profession: str = "A") -> None:
        super().__init__("IMQ", profession)
        Institution.objects.filter(pk=self.institution.pk).update(
            has_emergency_department=True, offers_video_consultation=True
        )

    def ask(self, number: str = PATIENT, purpose: str = "TRIAGE_2") -> HttpResponse:
        """查詢: the answer sends the browser to the card reader."""
        path = reverse("start_emergency_query")
        return self.browser.post(path, {"purpose": purpose, "national_id": number})

    def open_alert(self, number: str = PATIENT, purpose: str = "TRIAGE_2") -> HttpResponse:
        """The page of the alert; its query's id is `query_id`."""
        page = self.show_hpc(self.ask(number, purpose))
        self.query_id = page.context["query"].pk
        return page

    def open_tabs(self, number: str = PATIENT) -> HttpResponse:
        """Past the alert, at the first tab or at the consent."""
        self.open_alert(number)
        return self.follow(self.browser.post(self.path("close_emergency_alert")))

    def follow(self, answer: HttpResponse) -> HttpResponse:
        while answer.status_code == 303:
            answer = self.browser.get(answer["Location"])
        return answer

    def path(self, route: str, *args: Any) -> str:
        return reverse(route, args=[self.query_id, *args])

    def tab(self, tab: str, /, **chosen: Any) -> HttpResponse:
        return self.browser.get(self.path("show_emergency_tab", tab), chosen)
