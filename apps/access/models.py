"""Services, who belongs where, what an institution may, and what a person may."""

from datetime import date, datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from guardian.models.models import UserObjectPermissionBase

from apps.access.terms import (
    USE_SERVICE,
    EntitlementSource,
    EntitlementState,
    GrantSource,
    MembershipRole,
    MembershipState,
    ProofRecency,
)
from apps.accounts.models import Person
from apps.core import clock
from apps.core.models import Record
from apps.institutions.models import Institution


def _words(length: int) -> ArrayField:
    return ArrayField(models.CharField(max_length=length), default=list, blank=True)


class Service(models.Model):
    """A service of the platform with all its rules; operators change them without a deployment
    (FEATURES A8, A9).

    An empty list of institution kinds, professions or card kinds means: no such rule.
    """

    code = models.CharField(_("service code"), max_length=8, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60)
    url_name = models.CharField(_("entry page"), max_length=60, blank=True)
    enabled = models.BooleanField(_("switched on"), default=True)
    audience_kinds = _words(16)
    professions = _words(4)
    card_kinds = _words(12)
    needs_workstation = models.BooleanField(_("needs an enrolled workstation"), default=True)
    recency = models.CharField(
        _("freshness of the card proof"),
        max_length=8,
        choices=ProofRecency,
        default=ProofRecency.SESSION,
    )
    recency_seconds = models.PositiveIntegerField(_("seconds"), default=0)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    @property
    def label(self) -> str:
        return self.name_en if get_language() == "en" else self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, on: date) -> "MembershipQuerySet":
        return self.filter(
            Q(valid_until=None) | Q(valid_until__gte=on),
            state=MembershipState.ACTIVE,
            valid_from__lte=on,
        )


class Membership(Record):
    """A person is a manager or a user of an institution, appointed by somebody, for a time."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT)
    role = models.CharField(_("role"), max_length=8, choices=MembershipRole)
    state = models.CharField(
        _("state"), max_length=8, choices=MembershipState, default=MembershipState.ACTIVE
    )
    valid_from = models.DateField(_("valid from"), default=clock.today)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    appointed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="appointments"
    )
    appointed_at = models.DateTimeField(_("appointed at"), auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "institution", "role"],
                condition=Q(state=MembershipState.ACTIVE),
                name="one_active_membership_per_role",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.institution} · {self.get_role_display()}"


class Entitlement(Record):
    """The institution may use a service."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT)
    service = models.ForeignKey(Service, on_delete=models.PROTECT)
    source = models.CharField(_("source"), max_length=12, choices=EntitlementSource)
    state = models.CharField(
        _("state"), max_length=10, choices=EntitlementState, default=EntitlementState.ACTIVE
    )
    valid_from = models.DateField(_("valid from"), default=clock.today)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")
        permissions = [(USE_SERVICE, "Can use the service of this entitlement")]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "service", "source"],
                condition=~Q(state=EntitlementState.ENDED),
                name="one_open_entitlement_per_source",
            )
        ]

    def __str__(self) -> str:
        return f"{self.institution} · {self.service_id}"


class GrantQuerySet(models.QuerySet["Grant"]):
    def in_force(self, at: datetime) -> "GrantQuerySet":
        return self.filter(Q(valid_until=None) | Q(valid_until__gt=at))


class Grant(UserObjectPermissionBase, Record):
    """The person may use the service that the institution is entitled to.

    Live rows only: guardian calls every row a live permission. Closing moves the row to
    GrantHistory, under the same id.
    """

    content_object = models.ForeignKey(
        Entitlement, on_delete=models.PROTECT, related_name="grants", verbose_name=_("entitlement")
    )
    source = models.CharField(_("source"), max_length=8, choices=GrantSource)
    granted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="grants_given"
    )
    granted_at = models.DateTimeField(_("granted at"), default=clock.now)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = GrantQuerySet.as_manager()  # type: ignore[assignment, misc]  # guardian's own

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = _("grant")
        verbose_name_plural = _("grants")

    def __str__(self) -> str:
        return f"{self.user} · {self.content_object}"


class GrantHistory(models.Model):
    """A closed grant, as it was, with who closed it and why. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(_("source"), max_length=8, choices=GrantSource)
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(_("granted at"))
    valid_until = models.DateTimeField(_("valid until"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    closed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(_("closed at"))
    closed_reason = models.CharField(_("reason for closing"), max_length=200)

    class Meta:
        verbose_name = _("closed grant")
        verbose_name_plural = _("closed grants")

    def __str__(self) -> str:
        return str(self.id)
