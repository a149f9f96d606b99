"""Cards in the back office: blocked when lost, released when found again."""

from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from apps.accounts.http import PersonRequest
from apps.accounts.models import Credential
from apps.accounts.services import block_credential, release_credential
from apps.core.backoffice import OperatorAdmin


@admin.register(Credential)
class CredentialAdmin(OperatorAdmin):
    """The help desk finds a card by its holder or number and blocks or releases it."""

    list_display = ["person", "card_kind", "serial", "state", "first_used_at", "blocked_at"]
    list_filter = ["card_kind", "state"]
    list_select_related = ["person"]
    search_fields = ["person__name", "serial"]
    change_form_template = "admin/accounts/credential/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        block = self.admin_site.admin_view(require_POST(self.block_view))
        release = self.admin_site.admin_view(require_POST(self.release_view))
        return [
            path("<uuid:credential_id>/block/", block, name="block_card"),
            path("<uuid:credential_id>/release/", release, name="release_card"),
            *super().get_urls(),
        ]

    def block_view(self, request: PersonRequest, credential_id: UUID) -> HttpResponse:
        card = self._card(request, credential_id)
        block_credential(credential=card, by=request.actor)
        messages.success(request, _("The card is blocked. Nobody can log in with it any more."))
        return redirect("admin:accounts_credential_change", credential_id)

    def release_view(self, request: PersonRequest, credential_id: UUID) -> HttpResponse:
        card = self._card(request, credential_id)
        release_credential(credential=card, by=request.actor)
        messages.success(request, _("The card is released; it can log in again."))
        return redirect("admin:accounts_credential_change", credential_id)

    def _card(self, request: HttpRequest, credential_id: UUID) -> Credential:
        return get_object_or_404(self.get_queryset(request), pk=credential_id)
