"""What somebody asks about one patient."""

from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.access.models import Service
from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.cards.models import Reading
from apps.core import clock
from apps.core.models import Record
from apps.identities.models import Identity
from apps.identities.terms import IdentifierKind
from apps.institutions.models import Institution
from apps.queries.terms import LIFETIME, Consent


def _expiry() -> datetime:
    return clock.now() + LIFETIME


class QuerySet(models.QuerySet["Query"]):
    def visible_to(self, by: Actor) -> Self:
        """Those of this very session, while they last: another session's do not exist for it."""
        return self.filter(session_id=by.session, expires_at__gt=clock.now())

    def people_of(self, *, since: datetime) -> "models.QuerySet[Any, Any]":
        """How many different patients each person has asked about: `person`, `patients`."""
        asked = self.filter(asked_at__gt=since).order_by()
        return asked.values("person").annotate(patients=models.Count("patient", distinct=True))


class Query(Record):
    """One service asks about one patient; its id stands in the URL in place of the patient's number.

    It belongs to the session that asked and dies with it. Each new question gets a new id.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, verbose_name=_("service"))
    patient = models.ForeignKey(Identity, on_delete=models.PROTECT, verbose_name=_("patient"))
    masked_number = models.CharField(_("masked number"), max_length=20)
    number_kind = models.CharField(_("kind of number"), max_length=12, choices=IdentifierKind)
    # The reading that the number came from, or that was compared with it.
    reading = models.ForeignKey(Reading, null=True, on_delete=models.SET_NULL)
    purpose = models.CharField(_("purpose"), max_length=40, blank=True)
    consent = models.CharField(_("consent"), max_length=10, choices=Consent, blank=True)
    consent_reference = models.CharField(_("consent reference"), max_length=200, blank=True)
    session_id = models.UUIDField(_("session"))
    person = models.ForeignKey(Person, on_delete=models.CASCADE, verbose_name=_("person"))
    institution = models.ForeignKey(
        Institution, null=True, on_delete=models.CASCADE, verbose_name=_("institution")
    )
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    # When the card proof that the service's rule asks for was there; nothing is shown before.
    proved_at = models.DateTimeField(_("proved at"), null=True)
    proof_at = models.DateTimeField(_("card proven at"), null=True)
    # Where each query needs a proof of its own, none serves two: the database holds the second back.
    spends_proof = models.BooleanField(_("proof used up"), default=False, db_default=False)
    expires_at = models.DateTimeField(_("expires at"), default=_expiry, db_index=True)

    objects = QuerySet.as_manager()

    class Meta:
        verbose_name = _("query")
        verbose_name_plural = _("queries")
        indexes = [models.Index(fields=["person", "asked_at"], name="queries_of_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["session_id", "proof_at"],
                condition=models.Q(spends_proof=True),
                name="one_query_per_proof",
            )
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.pk}"


MINUTE = timedelta(minutes=1)


class QueryLimitQuerySet(models.QuerySet["QueryLimit"]):
    def with_asked(self, *, person: UUID, besides: UUID, now: datetime) -> Self:
        """`others` and `first`: how many other patients than `besides` this person asked about in the
        limit's minutes, and when the first of these questions was. One statement with the limit.
        """
        length = models.ExpressionWrapper(
            models.OuterRef("minutes") * models.Value(MINUTE), output_field=models.DurationField()
        )
        since = models.ExpressionWrapper(
            models.Value(now) - length, output_field=models.DateTimeField()
        )
        asked = (
            Query.objects.filter(person=person, asked_at__gt=since)
            .exclude(patient=besides)
            .order_by()
            .values("person")
        )
        others = asked.annotate(others=models.Count("patient", distinct=True)).values("others")
        first = asked.annotate(first=models.Min("asked_at")).values("first")
        return self.annotate(others=models.Subquery(others), first=models.Subquery(first))


class QueryLimit(models.Model):
    """How many different patients one person may ask about in how many minutes, over all services.

    One row, which operators change by four eyes; nobody at a counter or a bedside looks up as many as
    its first figures say, a script does.
    """

    code = models.CharField(_("limit"), max_length=20, primary_key=True)
    patients = models.PositiveIntegerField(
        _("patients"), default=500, validators=[MinValueValidator(20), MaxValueValidator(10_000)]
    )
    minutes = models.PositiveIntegerField(
        _("within minutes"), default=10, validators=[MinValueValidator(1), MaxValueValidator(1440)]
    )

    objects = QueryLimitQuerySet.as_manager()

    # Filled by with_asked.
    others: int | None
    first: datetime | None

    class Meta:
        verbose_name = _("limit of queries")
        verbose_name_plural = _("limit of queries")

    def __str__(self) -> str:
        return str(_("Patients of one person"))

    @property
    def length(self) -> timedelta:
        return self.minutes * MINUTE
