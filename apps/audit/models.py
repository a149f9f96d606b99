"""Reading the access log. Writing it is audit.append alone (services)."""

from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit.terms import Action, Outcome

_EPOCH = datetime.fromtimestamp(0, tz=timezone.get_fixed_timezone(0))
_MICROSECOND = timedelta(microseconds=1)


class EventQuerySet(models.QuerySet["Event"]):
    """Each of these is answered by one index of its own, newest first."""

    def of_patient(self, patient: UUID) -> Self:
        return self.filter(patient=patient)

    def by_actor(self, person: UUID) -> Self:
        return self.filter(actor=person)

    def at_institution(self, institution: UUID) -> Self:
        return self.filter(institution=institution)

    def between(self, begin: datetime, end: datetime) -> Self:
        """Events of the half-open period [begin, end); the database opens only the months in it."""
        return self.filter(recorded_at__gte=begin, recorded_at__lt=end)

    def newest_first(self) -> Self:
        return self.order_by("-recorded_at", "-id")

    def before(self, cursor: str) -> Self:
        """What follows, newest first, after the event of this cursor; ValueError for a wrong one."""
        moment, number = _parse_cursor(cursor)
        # The first condition bounds the index scan, the second only breaks ties: an OR alone would
        # scan from the top.
        return self.filter(recorded_at__lte=moment).filter(
            Q(recorded_at__lt=moment) | Q(id__lt=number)
        )


class Event(models.Model):
    """One access event, as auditors read it. The table is PostgreSQL's own affair (migrations/sql)."""

    id = models.BigIntegerField(_("number"), primary_key=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    action = models.TextField(_("action"), choices=Action)
    outcome = models.TextField(_("result"), choices=Outcome)
    reason = models.TextField(_("reason"))
    actor = models.UUIDField(_("person"), null=True)
    role = models.TextField(_("role"))
    institution = models.UUIDField(_("institution"), null=True)
    session = models.UUIDField(_("session"), null=True)
    workstation = models.UUIDField(_("workstation"), null=True)
    card_kind = models.TextField(_("card kind"))
    card_serial = models.TextField(_("card serial number"))
    card_proof_at = models.DateTimeField(_("card proven at"), null=True)
    ip = models.GenericIPAddressField(_("address"), null=True)
    service = models.TextField(_("service"))
    object_type = models.TextField(_("object type"))
    object_id = models.TextField(_("object"))
    patient = models.UUIDField(_("patient"), null=True)
    purpose = models.TextField(_("purpose"))
    consent = models.TextField(_("consent"))
    consent_reference = models.TextField(_("consent reference"))
    result_count = models.IntegerField(_("number of results"), null=True)
    entitlement_id = models.UUIDField(_("entitlement"), null=True)
    grant_id = models.UUIDField(_("grant"), null=True)
    policy_version = models.TextField(_("policy version"))
    request_id = models.UUIDField(_("request"), null=True)
    detail = models.JSONField(_("detail"))
    shard = models.SmallIntegerField(_("shard"))
    schema_version = models.SmallIntegerField(_("schema version"))

    objects = EventQuerySet.as_manager()

    class Meta:
        managed = False
        # Django leaves a name alone that begins and ends with a quote, so this is the table `event`
        # of the schema `audit`.
        db_table = '"audit"."event"'
        default_permissions = ()
        verbose_name = _("access event")
        verbose_name_plural = _("access events")

    def __str__(self) -> str:
        return f"{self.id} {self.action}"

    @property
    def happened_at(self) -> datetime:
        """Before `recorded_at` only for what was kept in a downtime and brought in afterwards."""
        kept = self.detail.get("kept")
        return datetime.fromisoformat(kept) if kept else self.recorded_at

    @property
    def cursor(self) -> str:
        """Where a list goes on after this event: microseconds since 1970 and the number, fit for a URL."""
        return f"{(self.recorded_at - _EPOCH) // _MICROSECOND}-{self.id}"


def _parse_cursor(cursor: str) -> tuple[datetime, int]:
    moment, _dash, number = cursor.partition("-")
    if not (moment.isascii() and moment.isdigit() and number.isascii() and number.isdigit()):
        raise ValueError("not a cursor of the access log")
    try:
        return _EPOCH + int(moment) * _MICROSECOND, min(int(number), 2**63 - 1)
    except OverflowError as error:
        raise ValueError("not a cursor of the access log") from error


class BroughtIn(models.Model):
    """A line of a downtime journal that is in the log, or is known to be missing (audit.bringing_in)."""

    digest = models.CharField(_("digest"), max_length=64, primary_key=True)
    brought_in_at = models.DateTimeField(_("brought in at"), auto_now_add=True)
    missing = models.BooleanField(_("missing from its journal"), default=False, db_default=False)

    class Meta:
        verbose_name = _("entry that was brought in")
        verbose_name_plural = _("entries that were brought in")

    def __str__(self) -> str:
        return self.digest[:16]


class AnswerCount(models.Model):
    """How many answers about patients a route gave in an hour, counted at the edge (apps.audit.edge)."""

    pk = models.CompositePrimaryKey("hour", "route")
    hour = models.DateTimeField(_("hour"))
    route = models.CharField(_("route"), max_length=100)
    answers = models.BigIntegerField(_("answers"))

    class Meta:
        verbose_name = _("answers of an hour")
        verbose_name_plural = _("answers of each hour")

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} {self.route}"
