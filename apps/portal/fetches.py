"""What the portal's views show."""

import re
import unicodedata
from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.access.models import Service
from apps.core import clock
from apps.core.errors import NotFound
from apps.portal.models import (
    Announcement,
    AnnouncementQuerySet,
    Contact,
    Download,
    DownloadQuerySet,
    Link,
    Question,
    RefusalCode,
    Statement,
)
from apps.portal.terms import Board


def find_announcements(board: Board) -> AnnouncementQuerySet:
    """Those for everybody, newest first."""
    return Announcement.objects.shown(clock.today()).for_everybody(board)


def find_my_announcements(services: Collection[str]) -> AnnouncementQuerySet:
    """General ones, and those of the services (codes) that somebody may use."""
    return Announcement.objects.shown(clock.today()).for_users_of(services)


def find_services() -> QuerySet[Service]:
    """What the platform offers at present."""
    return Service.objects.filter(enabled=True)


def find_questions() -> QuerySet[Question]:
    return Question.objects.all()


def find_contacts() -> QuerySet[Contact]:
    return Contact.objects.all()


def find_links() -> QuerySet[Link]:
    return Link.objects.all()


def find_downloads(*shelves: str) -> DownloadQuerySet:
    return Download.objects.listed().filter(shelf__in=shelves)


def fetch_download(pk: UUID) -> Download:
    """A file with its content. NotFound for an unknown one and for a link to elsewhere."""
    try:
        return Download.objects.exclude(content=None).get(pk=pk)
    except Download.DoesNotExist:
        raise NotFound from None


def fetch_statement(name: str) -> Statement:
    try:
        return Statement.objects.get(name=name)
    except Statement.DoesNotExist:
        raise NotFound from None


# Manual 1 prints 「您不符合本期可施打資格[C][TV2472NB-2]」: the code stands in the last brackets.
IN_BRACKETS = re.compile(r"\[([^\[\]]+)\]")


def fetch_code(code: str) -> RefusalCode:
    """The explanation of a code, in whatever case it was typed, alone or copied with the sentence that
    it stood in. NotFound where there is none.
    """
    typed = unicodedata.normalize("NFKC", code)
    wanted = (IN_BRACKETS.findall(typed) or [typed])[-1]
    try:
        return RefusalCode.objects.get(code__iexact=wanted.strip())
    except RefusalCode.DoesNotExist:
        raise NotFound(
            _("This code is not in the list."),
            code="ANK-CODE",
            way_on=_("Please check the code, or call the help desk."),
        ) from None
