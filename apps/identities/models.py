"""Who somebody is: a random id, and the numbers that lead to it, readable only with the keys."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import Record
from apps.identities.terms import IdentifierKind


class Identity(Record):
    """One human being. Tables, events and caches name people by this id and by nothing else."""

    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")

    def __str__(self) -> str:
        return str(self.pk)


class Identifier(Record):
    """A number of a person: `digest` finds it, `sealed` gives it back, both under key `key_id`."""

    identity = models.ForeignKey(
        Identity, on_delete=models.PROTECT, related_name="identifiers", verbose_name=_("identity")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=IdentifierKind)
    key_id = models.CharField(_("key"), max_length=16)
    digest = models.BinaryField(_("keyed digest"), max_length=32)
    sealed = models.BinaryField(_("sealed number"))

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        constraints = [
            models.UniqueConstraint(fields=["kind", "digest"], name="one_identity_per_identifier")
        ]
        # Rotation looks for what is not yet under the current key.
        indexes = [models.Index(fields=["key_id"], name="identifier_by_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
