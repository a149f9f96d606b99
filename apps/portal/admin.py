"""The portal's texts in the back office."""

from datetime import timedelta

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.access.models import NetworkApplication, Proposal, ServiceApplication, UnifiedCampaign
from apps.access.reviewing import ReviewedAdmin
from apps.access.terms import ApplicationState, CampaignState, NetworkState, ProposalState
from apps.audit.actors import Actor
from apps.audit.backoffice import EditableAdmin
from apps.core import clock
from apps.core.backoffice import waits
from apps.core.models import OutboxMessage
from apps.portal.forms import AnnouncementForm, DownloadForm
from apps.portal.models import (
    Announcement,
    Contact,
    Download,
    Link,
    Question,
    RefusalCode,
    Statement,
)
from apps.portal.urgent import announce_urgently

STUCK_AFTER = timedelta(minutes=10)


@waits(
    _("Applications for services to decide"),
    "admin:access_serviceapplication_changelist",
    f"state__exact={ApplicationState.REQUESTED}",
)
def count_applications() -> int:
    return ServiceApplication.objects.filter(state=ApplicationState.REQUESTED).count()


@waits(
    _("System networks to decide"),
    "admin:access_networkapplication_changelist",
    f"state__exact={NetworkState.REQUESTED}",
)
def count_networks() -> int:
    return NetworkApplication.objects.filter(state=NetworkState.REQUESTED).count()


@waits(
    _("Unified authorizations to publish"),
    "admin:access_unifiedcampaign_changelist",
    f"state__exact={CampaignState.DRAFT}",
)
def count_drafts() -> int:
    return UnifiedCampaign.objects.filter(state=CampaignState.DRAFT).count()


@waits(
    _("Changes of rules and texts to publish"),
    "admin:access_proposal_changelist",
    f"state__exact={ProposalState.DRAFT}",
)
def count_proposals() -> int:
    return Proposal.objects.filter(state=ProposalState.DRAFT).count()


@waits(
    _("Urgent announcements to confirm"),
    "admin:access_proposal_changelist",
    f"state__exact={ProposalState.URGENT}",
)
def count_urgent() -> int:
    return Proposal.objects.filter(state=ProposalState.URGENT).count()


@waits(_("Messages that could not be sent yet"), "admin:core_outboxmessage_changelist")
def count_stuck_messages() -> int:
    """A worker takes a message within seconds; what still lies there has a fault."""
    late = clock.now() - STUCK_AFTER
    return OutboxMessage.objects.filter(sent_at=None, created_at__lt=late).count()


@admin.register(Announcement)
class AnnouncementAdmin(ReviewedAdmin):
    form = AnnouncementForm
    urgent = True
    list_display = ["title", "board", "service", "shown_from", "shown_until", "urgent"]
    list_filter = ["board", "service"]
    list_select_related = ["service"]
    search_fields = ["title", "title_en"]

    def publish_urgently(self, record: Announcement, *, by: Actor) -> Proposal:
        return announce_urgently(announcement=record, by=by)


@admin.register(Question)
class QuestionAdmin(ReviewedAdmin):
    list_display = ["question", "position"]
    search_fields = ["question", "answer"]


@admin.register(Contact)
class ContactAdmin(ReviewedAdmin):
    list_display = ["name", "phone", "extension", "hours", "source", "position"]
    fields = [
        *("name", "name_en", "phone", "extension", "hours", "hours_en", "email", "address"),
        *("source", "position"),
    ]


@admin.register(Download)
class DownloadAdmin(EditableAdmin):
    form = DownloadForm
    list_display = ["name", "shelf", "service", "version", "file_name", "size", "position"]
    list_filter = ["shelf", "service"]
    list_select_related = ["service"]


@admin.register(Link)
class LinkAdmin(ReviewedAdmin):
    list_display = ["name", "address", "position"]
    fields = ["name", "name_en", "address", "position"]


@admin.register(Statement)
class StatementAdmin(ReviewedAdmin):
    """Which statements there are is fixed; only their texts change."""

    addable = removable = False
    list_display = ["__str__", "source", "changed_at"]
    readonly_fields = ["name"]


@admin.register(RefusalCode)
class RefusalCodeAdmin(ReviewedAdmin):
    """The help desk looks a code up here too; a code that the program uses keeps its explanation."""

    removable = False
    list_display = ["code", "meaning", "advice"]
    search_fields = ["code", "meaning", "meaning_en", "advice"]
