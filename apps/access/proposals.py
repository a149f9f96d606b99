"""Changes of rules and texts that wait for a second operator (FEATURES A14)."""

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.access.terms import ProposalDeed, ProposalState
from apps.accounts.models import Person
from apps.core import clock
from apps.core.models import Record

WAITING = (ProposalState.DRAFT, ProposalState.URGENT)


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def waiting(self) -> "ProposalQuerySet":
        """For a second operator: to publish, or to confirm."""
        return self.filter(state__in=WAITING)

    def about(self, subject: str, object_id: str) -> "ProposalQuerySet":
        return self.filter(subject=subject, object_id=object_id)


class Proposal(Record):
    """What an operator wants a record to be. Nothing of it holds until somebody else publishes it; only
    what is URGENT holds at once, until somebody else confirms or withdraws it.

    `before` and `values` map the names of the columns that change to JSON values: what they were
    when it was drafted, and what they are to be.
    """

    subject = models.CharField(_("kind of record"), max_length=100)  # a model's label_lower
    object_id = models.CharField(_("record"), max_length=64)
    name = models.CharField(_("name"), max_length=200)  # of the record, for lists
    deed = models.CharField(_("change"), max_length=8, choices=ProposalDeed)
    before = models.JSONField(_("before"), encoder=DjangoJSONEncoder, default=dict)
    values = models.JSONField(_("after"), encoder=DjangoJSONEncoder, default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=ProposalState, default=ProposalState.DRAFT
    )
    made_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made at"), default=clock.now)
    published_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    published_at = models.DateTimeField(_("published at"), null=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("drafted change")
        verbose_name_plural = _("drafted changes")
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_by=None) | ~Q(published_by=F("made_by")),
                name="proposal_published_by_another",
            ),
            models.UniqueConstraint(
                fields=["subject", "object_id"],
                condition=Q(state__in=WAITING),
                name="one_waiting_proposal_per_record",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What the record is called, in the reader's language where its model knows that by its key
        (`title_of`); otherwise as it was called when this was drafted.
        """
        title_of = getattr(apps.get_model(self.subject), "title_of", None)
        return str(title_of(self.object_id)) if title_of else self.name
