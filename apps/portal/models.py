"""The portal's texts, which operators keep: announcements, questions, contacts, downloads and so on.

Each text is written in Traditional Chinese; English is shown where there is any.
"""

from collections.abc import Collection
from datetime import date

from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.access.models import Service
from apps.core import clock
from apps.core.models import Record
from apps.portal.terms import Board, Shelf, StatementName

# `javascript:` and the like must not come out of a text that an operator pasted.
ADDRESS = URLValidator(schemes=["https", "http"])
CHECKSUM = RegexValidator(r"^[0-9a-f]{64}\Z", _("A SHA-256 checksum has 64 digits of 0-9 and a-f."))


def in_language(chinese: str, english: str) -> str:
    """The reader's language; Chinese where nobody has written English yet."""
    return english if english and get_language() == "en" else chinese


class Named(Record):
    """Something with a name in both languages and a place in its list."""

    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        abstract = True
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        return in_language(self.name, self.name_en)


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def shown(self, on: date) -> "AnnouncementQuerySet":
        return self.filter(
            Q(shown_until=None) | Q(shown_until__gte=on), shown_from__lte=on
        ).select_related("service")

    def for_everybody(self, board: Board) -> "AnnouncementQuerySet":
        return self.filter(board=board, service=None)

    def for_users_of(self, services: Collection[str]) -> "AnnouncementQuerySet":
        """General ones and those of the given service codes, on the board of announcements."""
        return self.filter(Q(service=None) | Q(service__in=services), board=Board.NEWS)


class Announcement(Record):
    """A text that is shown for a time: to everybody, or to those who may use a service."""

    may_be_urgent = True  # services.announce_urgently

    board = models.CharField(_("board"), max_length=8, choices=Board, default=Board.NEWS)
    service = models.ForeignKey(
        Service,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("service"),
        help_text=_("Empty: for everybody. Otherwise shown to those who may use the service."),
    )
    title = models.CharField(_("title"), max_length=100)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    body = models.TextField(_("text"))
    body_en = models.TextField(_("text in English"), blank=True)
    shown_from = models.DateField(_("shown from"), default=clock.today)
    shown_until = models.DateField(
        _("shown until"), null=True, blank=True, help_text=_("This day is the last one.")
    )
    urgent = models.BooleanField(_("urgent"), default=False, db_default=False, editable=False)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering = ["-urgent", "-shown_from", "title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(shown_until=None) | Q(shown_until__gte=F("shown_from")),
                name="announcement_ends_after_it_begins",
                violation_error_message=_("The last day lies before the first one."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def label(self) -> str:
        return in_language(self.title, self.title_en)

    @property
    def text(self) -> str:
        return in_language(self.body, self.body_en)


class Question(Record):
    """常見問答: a question with its answer."""

    question = models.CharField(_("question"), max_length=200)
    question_en = models.CharField(_("question in English"), max_length=300, blank=True)
    answer = models.TextField(_("answer"))
    answer_en = models.TextField(_("answer in English"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("frequently asked questions")
        ordering = ["position", "question"]

    def __str__(self) -> str:
        return self.question

    @property
    def label(self) -> str:
        return in_language(self.question, self.question_en)

    @property
    def text(self) -> str:
        return in_language(self.answer, self.answer_en)


class Contact(Named):
    """聯絡窗口: a desk with its number and hours. The first one stands at the foot of every page."""

    phone = models.CharField(_("phone number"), max_length=20, blank=True)
    extension = models.CharField(_("extension"), max_length=8, blank=True)
    hours = models.CharField(_("hours"), max_length=100, blank=True)
    hours_en = models.CharField(_("hours in English"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.CharField(_("web help desk"), max_length=300, blank=True, validators=[ADDRESS])
    source = models.CharField(
        _("source"), max_length=200, blank=True, help_text=_("Where this was taken from.")
    )

    class Meta(Named.Meta):
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    @property
    def open_at(self) -> str:
        return in_language(self.hours, self.hours_en)

    @property
    def tel(self) -> str:
        """The number as a `tel:` link wants it: digits only, in Taiwan's own form (RFC 3966)."""
        digits = "".join(character for character in self.phone if character.isdigit())
        return f"{digits};ext={self.extension}" if self.extension else digits


class DownloadQuerySet(models.QuerySet["Download"]):
    def listed(self) -> "DownloadQuerySet":
        """For lists: without the files themselves."""
        return self.select_related("service").defer("content")


class Download(Named):
    """A file kept here, or a link to one elsewhere; with its checksum where it is known.

    Files lie in the database: a few documents, the same for every web server, in every backup.
    """

    shelf = models.CharField(_("shelf"), max_length=12, choices=Shelf, default=Shelf.DOCUMENTS)
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("service")
    )
    version = models.CharField(_("version"), max_length=20, blank=True)
    address = models.CharField(
        _("link"),
        max_length=300,
        blank=True,
        validators=[ADDRESS],
        help_text=_("Either a file or a link."),
    )
    file_name = models.CharField(_("file name"), max_length=100, blank=True, editable=False)
    content = models.BinaryField(_("content"), null=True)
    size = models.PositiveIntegerField(_("size in bytes"), null=True, editable=False)
    sha256 = models.CharField(
        _("SHA-256"),
        max_length=64,
        blank=True,
        validators=[CHECKSUM],
        help_text=_("Of a file kept here it is calculated."),
    )
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = DownloadQuerySet.as_manager()

    class Meta(Named.Meta):
        verbose_name = _("download")
        verbose_name_plural = _("downloads")
        constraints = [
            models.CheckConstraint(
                condition=Q(address="", content__isnull=False)
                | (~Q(address="") & Q(content__isnull=True)),
                name="download_is_a_file_or_a_link",
            )
        ]


class Link(Named):
    """友善連結."""

    address = models.CharField(_("link"), max_length=300, validators=[ADDRESS])

    class Meta(Named.Meta):
        verbose_name = _("link")
        verbose_name_plural = _("links")


class Statement(Record):
    """隱私權政策, 資訊安全政策 and 著作權聲明: there is exactly one text of each name."""

    name = models.CharField(_("name"), max_length=20, choices=StatementName, unique=True)
    body = models.TextField(_("text"))
    body_en = models.TextField(_("text in English"), blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["name"]

    def __str__(self) -> str:
        return str(self.get_name_display())

    @property
    def text(self) -> str:
        return in_language(self.body, self.body_en)


class RefusalCode(Record):
    """What a code on a refusal page means and what helps: for the help desk and who calls it."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    meaning = models.TextField(_("meaning"))
    meaning_en = models.TextField(_("meaning in English"), blank=True)
    advice = models.TextField(_("what helps"), blank=True)
    advice_en = models.TextField(_("what helps, in English"), blank=True)

    class Meta:
        verbose_name = _("refusal code")
        verbose_name_plural = _("refusal codes")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    @property
    def label(self) -> str:
        return in_language(self.meaning, self.meaning_en)

    @property
    def text(self) -> str:
        return in_language(self.advice, self.advice_en)
