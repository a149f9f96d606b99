"""Services, who belongs where, what an institution may, and what a person may."""

from datetime import date, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from guardian.models.models import UserObjectPermissionBase

from apps.access.campaigns import CampaignLine as CampaignLine
from apps.access.campaigns import UnifiedCampaign as UnifiedCampaign
from apps.access.networks import NetworkApplication as NetworkApplication
from apps.access.networks import NetworkRange as NetworkRange
from apps.access.proposals import Proposal as Proposal
from apps.access.registers import Practice as Practice
from apps.access.registers import UnifiedListEntry as UnifiedListEntry
from apps.access.terms import (
    AGENT_VERSION,
    NEVER_FAST,
    USE_SERVICE,
    ApplicationState,
    EntitlementSource,
    EntitlementState,
    GrantSource,
    MembershipRole,
    MembershipState,
    ProfessionProof,
    ProofRecency,
)
from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.core import clock
from apps.core.models import Record
from apps.institutions.models import Institution


def _words(name: Any, length: int, **more: Any) -> ArrayField:
    words = models.CharField(max_length=length)
    return ArrayField(words, verbose_name=name, default=list, blank=True, **more)


class Service(models.Model):
    """A service of the platform with all its rules; operators change them without a deployment
    (FEATURES A8, A9).

    An empty list of institution kinds, facilities, professions, card kinds or purposes means: no
    such rule; of managers' card kinds, that they use the service with the same cards as users.
    """

    code = models.CharField(_("service code"), max_length=8, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60)
    # What a grant allows, in words, for the manager who is about to tick it.
    permits = models.CharField(_("what it allows"), max_length=300, blank=True, db_default="")
    permits_en = models.CharField(
        _("what it allows, in English"), max_length=300, blank=True, db_default=""
    )
    url_name = models.CharField(_("entry page"), max_length=60, blank=True)
    enabled = models.BooleanField(_("switched on"), default=True)
    audience_kinds = _words(_("kinds of institutions"), 16)
    facilities = _words(_("facilities"), 12, db_default=[])  # terms.Facility; one is enough
    professions = _words(_("professions"), 4)
    card_kinds = _words(_("kinds of cards"), 12)
    # A role of its own for managers, who may log in with cards that users have no use for (manual 1,
    # STEP.3: 醫事人員卡、健保卡、自然人憑證).
    manager_card_kinds = _words(_("kinds of cards of managers"), 12, db_default=[])
    purposes = _words(_("purposes of a query"), 16, db_default=[])  # of purposes.purposes_of
    needs_workstation = models.BooleanField(_("needs an enrolled workstation"), default=True)
    needs_network = models.BooleanField(
        _("needs a registered network"), default=False, db_default=False
    )
    leaves_on_removal = models.BooleanField(
        _("refuses once the login card was removed"), default=False
    )
    accepts_fast_authentication = models.BooleanField(
        _("accepts the fast authentication of health professional cards"),
        default=False,
        db_default=False,
        help_text=_(
            "Only for services of National Health Insurance (manual 4): for 8 hours after the PIN, the"
            " card need not stay in the reader."
        ),
    )
    minimum_agent_version = models.CharField(
        _("lowest version of the reader program"),
        max_length=27,
        blank=True,
        default="",
        db_default="",
        validators=[RegexValidator(AGENT_VERSION, _("Digits and dots, for example 0.2.0."))],
    )
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
        constraints = [
            # A new signature at each query (IMQ) and the services of other agencies (HIQS, TCH) need
            # the card itself: manual 4, 醫師卡快速認證 - 注意事項.
            models.CheckConstraint(
                condition=Q(accepts_fast_authentication=False)
                | ~Q(recency=ProofRecency.EACH) & ~Q(code__in=NEVER_FAST),
                name="fast_authentication_never_here",
                violation_error_message=_("This service never accepts fast authentication."),
            ),
            models.CheckConstraint(
                condition=Q(minimum_agent_version__regex=AGENT_VERSION),
                name="agent_versions_are_numbers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    @property
    def label(self) -> str:
        return self.name_en if get_language() == "en" else self.name

    @property
    def permits_label(self) -> str:
        return self.permits_en if get_language() == "en" else self.permits


class ServiceUse(models.Model):
    """When a session last used a service whose card proof slides (ProofRecency.SLIDING).

    `session_id` is the session's public id, without a foreign key: a row of an ended session helps
    nobody and is removed later.
    """

    session_id = models.UUIDField(_("session"))
    service = models.ForeignKey(Service, on_delete=models.CASCADE, verbose_name=_("service"))
    used_at = models.DateTimeField(_("used at"), db_index=True)

    class Meta:
        verbose_name = _("use of a service")
        verbose_name_plural = _("uses of services")
        constraints = [
            models.UniqueConstraint(fields=["session_id", "service"], name="one_use_per_session")
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.service_id}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, on: date) -> "MembershipQuerySet":
        return self.filter(
            Q(valid_until=None) | Q(valid_until__gte=on),
            state=MembershipState.ACTIVE,
            valid_from__lte=on,
        )

    def visible_to(self, by: Actor) -> "MembershipQuerySet":
        """Those of the institution that the session stands for."""
        return self.filter(institution=by.institution)


class Membership(Record):
    """A person is a manager or a user of an institution, appointed by somebody, for a time."""

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, verbose_name=_("institution")
    )
    role = models.CharField(_("role"), max_length=8, choices=MembershipRole)
    state = models.CharField(
        _("state"), max_length=8, choices=MembershipState, default=MembershipState.ACTIVE
    )
    valid_from = models.DateField(_("valid from"), default=clock.today)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    profession = models.CharField(
        _("profession"), max_length=4, blank=True, default="", db_default=""
    )
    proved_by = models.CharField(
        _("profession proved by"),
        max_length=8,
        choices=ProfessionProof,
        blank=True,
        default="",
        db_default="",
    )
    appointed_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        related_name="appointments",
        verbose_name=_("appointed by"),
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


class EntitlementQuerySet(models.QuerySet["Entitlement"]):
    def in_force(self, on: date) -> "EntitlementQuerySet":
        return self.filter(
            Q(valid_until=None) | Q(valid_until__gte=on),
            state=EntitlementState.ACTIVE,
            valid_from__lte=on,
            service__enabled=True,
        )

    def visible_to(self, by: Actor) -> "EntitlementQuerySet":
        """Those of the institution that the session stands for."""
        return self.filter(institution=by.institution)


class Entitlement(Record):
    """The institution may use a service."""

    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, verbose_name=_("institution")
    )
    service = models.ForeignKey(Service, on_delete=models.PROTECT, verbose_name=_("service"))
    source = models.CharField(_("source"), max_length=12, choices=EntitlementSource)
    state = models.CharField(
        _("state"), max_length=10, choices=EntitlementState, default=EntitlementState.ACTIVE
    )
    valid_from = models.DateField(_("valid from"), default=clock.today)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    # The unified authorization that made it; an application and each campaign stand side by side.
    campaign = models.ForeignKey(
        "UnifiedCampaign",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entitlements",
        verbose_name=_("unified authorization"),
    )
    # Counts the changes to its grants, so that a page of ticks never undoes somebody else's.
    version = models.PositiveIntegerField(_("version"), default=0, db_default=0)

    objects = EntitlementQuerySet.as_manager()

    class Meta:
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")
        permissions = [(USE_SERVICE, "Can use the service of this entitlement")]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "service", "source", "campaign"],
                condition=~Q(state=EntitlementState.ENDED),
                nulls_distinct=False,
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
    # Given to whoever is the responsible professional; it dies with that office (decide).
    of_office = models.BooleanField(_("bound to the office"), default=False, db_default=False)

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
    of_office = models.BooleanField(_("bound to the office"), default=False, db_default=False)
    closed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(_("closed at"))
    closed_reason = models.CharField(_("reason for closing"), max_length=200)

    class Meta:
        verbose_name = _("closed grant")
        verbose_name_plural = _("closed grants")

    def __str__(self) -> str:
        return str(self.id)


class ServiceApplication(Record):
    """An institution asks for a service (健保服務申請作業); the operator approves or rejects."""

    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, verbose_name=_("institution")
    )
    service = models.ForeignKey(Service, on_delete=models.PROTECT, verbose_name=_("service"))
    state = models.CharField(
        _("state"), max_length=10, choices=ApplicationState, default=ApplicationState.REQUESTED
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    requested_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested at"), default=clock.now)
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("service application")
        verbose_name_plural = _("service applications")
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "service"],
                condition=Q(state=ApplicationState.REQUESTED),
                name="one_open_application_per_service",
            )
        ]

    def __str__(self) -> str:
        return f"{self.institution} · {self.service_id}"
