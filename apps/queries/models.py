"""What somebody asks about one patient."""

from datetime import datetime
from typing import Self
from uuid import UUID

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

    def asked_by(self, person: UUID, *, since: datetime) -> Self:
        return self.filter(person=person, asked_at__gt=since)


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
    # The proof itself: where each query needs one of its own, none serves two.
    proof_at = models.DateTimeField(_("card proven at"), null=True)
    expires_at = models.DateTimeField(_("expires at"), default=_expiry, db_index=True)

    objects = QuerySet.as_manager()

    class Meta:
        verbose_name = _("query")
        verbose_name_plural = _("queries")
        indexes = [models.Index(fields=["person", "asked_at"], name="queries_of_person")]

    def __str__(self) -> str:
        return f"{self.service_id} {self.pk}"
