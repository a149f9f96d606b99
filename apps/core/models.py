"""Base classes of all models, and the outbox."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Record(models.Model):
    """A row with a random key: keys stand in URLs and logs and must tell nothing (ASVS 14.2.1)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class OutboxMessage(Record):
    """Something the outside is to be told, written in the transaction that made it true.

    A worker delivers it after commit; losing Redis loses nothing, because the row is the truth.
    """

    topic = models.CharField(_("topic"), max_length=50)
    payload = models.JSONField(_("payload"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)

    class Meta:
        verbose_name = _("outbox message")
        verbose_name_plural = _("outbox messages")
        indexes = [
            models.Index("created_at", condition=models.Q(sent_at=None), name="outbox_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.id}"


class JobRun(models.Model):
    """When a scheduled job last did its work; /readyz shows it (DESIGN section 9)."""

    name = models.CharField(_("job"), max_length=100, primary_key=True)
    succeeded_at = models.DateTimeField(_("last success"))

    class Meta:
        verbose_name = _("scheduled job")
        verbose_name_plural = _("scheduled jobs")

    def __str__(self) -> str:
        return self.name
