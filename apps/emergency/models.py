"""What belongs to an emergency query beside the query itself, and which tab is shown to whom."""

from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from apps.access.terms import Profession
from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.core import clock
from apps.core.models import Record
from apps.emergency.registry import label_of
from apps.emergency.terms import Place
from apps.identities.models import Identity
from apps.institutions.models import Institution
from apps.queries.models import Query
from apps.queries.terms import Consent
from apps.records.models import Allergy, PasswordFlag


class TabSwitch(models.Model):
    """Whether a tab is shown, and to which professions; operators change it without a deployment (A8)."""

    tab = models.CharField(_("tab"), max_length=40, primary_key=True)
    enabled = models.BooleanField(_("switched on"), default=True)
    professions = ArrayField(
        models.CharField(max_length=4, choices=Profession),
        verbose_name=_("professions"),
        default=list,
        blank=True,
        help_text=_("Nothing ticked: everybody who may query."),
    )

    class Meta:
        verbose_name = _("tab of the emergency query")
        verbose_name_plural = _("tabs of the emergency query")
        ordering = ["tab"]

    def __str__(self) -> str:
        return self.title_of(self.tab)

    @staticmethod
    def title_of(tab: str) -> str:
        """As the pages call it, in the reader's language; drafts of a change are called so too."""
        return label_of(tab)


class EmergencyText(models.Model):
    """A text of the query's pages. `tabs` are those that a notice stands above, or that is empty.

    What the manual prints is word for word, with its place in `origin`; all else is `ours`, and the
    agency has not confirmed it. Both speak of the Chinese text; every English one is ours.
    """

    code = models.CharField(_("text"), max_length=40, primary_key=True)
    place = models.CharField(_("place"), max_length=12, choices=Place)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    tabs = ArrayField(
        models.CharField(max_length=40), verbose_name=_("tabs"), default=list, blank=True
    )
    text = models.CharField(_("text"), max_length=300)
    text_en = models.CharField(_("text in English"), max_length=400)
    ours = models.BooleanField(_("our own wording"), default=True)
    origin = models.CharField(_("source of the wording"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("text of the emergency query")
        verbose_name_plural = _("texts of the emergency query")
        ordering = ["place", "position"]

    def __str__(self) -> str:
        return self.text


class EmergencyCaseQuerySet(models.QuerySet["EmergencyCase"]):
    def visible_to(self, by: Actor) -> Self:
        """Those whose query this session asked, while it lasts."""
        return self.filter(query__session_id=by.session, query__expires_at__gt=clock.now())

    def with_standing(self) -> Self:
        """With query, service and reading, and `has_password`, `switches`, `texts`, `allergens`: everything
        that a page asks about beside the records themselves, in one statement.
        """
        of_patient = {"patient": models.OuterRef("query__patient")}
        switches = TabSwitch.objects.values(
            of=JSONObject(tab="tab", enabled="enabled", professions="professions")
        )
        allergens = Allergy.objects.filter(**of_patient).values(
            of=JSONObject(atc_code="atc_code", ingredient="ingredient")
        )
        texts = (
            EmergencyText.objects.exclude(place=Place.WARNING)
            .order_by("place", "position")
            .values(of=JSONObject(place="place", tabs="tabs", text="text", text_en="text_en"))
        )
        return self.select_related("query__service", "query__reading").annotate(
            has_password=models.Exists(PasswordFlag.objects.filter(**of_patient, is_set=True)),
            switches=ArraySubquery(switches),
            texts=ArraySubquery(texts),
            allergens=ArraySubquery(allergens),
        )


class EmergencyCase(models.Model):
    """How far an emergency query has come: the alert is shown, then closed, before any tab opens."""

    query = models.OneToOneField(Query, on_delete=models.CASCADE, primary_key=True)
    alert_shown_at = models.DateTimeField(_("alert shown at"), null=True)
    alert_closed_at = models.DateTimeField(_("alert closed at"), null=True)

    objects = EmergencyCaseQuerySet.as_manager()

    # Filled by with_standing.
    has_password: bool
    switches: list[dict[str, Any]]
    texts: list[dict[str, Any]]
    allergens: list[dict[str, str]]

    class Meta:
        verbose_name = _("emergency query")
        verbose_name_plural = _("emergency queries")

    def __str__(self) -> str:
        return str(self.query_id)


class ConsentStatement(Record):
    """What the holder of a card with a password said, or why nobody could ask (manual 3, 四(五)).

    It outlives the query, whose id it keeps: the reference leads to the recording.
    """

    query_id = models.UUIDField(_("query"), unique=True)
    patient = models.ForeignKey(
        Identity, on_delete=models.PROTECT, related_name="+", verbose_name=_("patient")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, null=True, verbose_name=_("institution")
    )
    choice = models.CharField(_("consent"), max_length=10, choices=Consent)
    reference = models.CharField(_("reference or reason"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("made at"), default=clock.now, db_index=True)

    class Meta:
        verbose_name = _("consent statement")
        verbose_name_plural = _("consent statements")

    def __str__(self) -> str:
        return f"{self.choice} {self.made_at:%Y-%m-%d}"
