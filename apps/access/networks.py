"""系統網路服務申請 (manual 0): the fixed addresses from which an institution works, once approved."""

from ipaddress import ip_address

from django.db import models
from django.db.models import F, Func, IntegerField, Q
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from apps.access.ranges import Range
from apps.access.terms import NetworkState
from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.core import clock
from apps.core.models import Record
from apps.institutions.models import Institution


def _family(field: str) -> Func:
    """4 or 6."""
    return Func(F(field), function="family", output_field=IntegerField())


class NetworkApplicationQuerySet(models.QuerySet["NetworkApplication"]):
    def visible_to(self, by: Actor) -> "NetworkApplicationQuerySet":
        """Those of the institution that the session stands for."""
        return self.filter(institution=by.institution)

    def live(self) -> "NetworkApplicationQuerySet":
        """Waiting or approved."""
        return self.filter(state__in=[NetworkState.REQUESTED, NetworkState.APPROVED])


class NetworkApplication(Record):
    """An institution names the fixed addresses of its network; the operator approves or rejects."""

    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, verbose_name=_("institution")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=NetworkState, default=NetworkState.REQUESTED
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

    objects = NetworkApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("network application")
        verbose_name_plural = _("network applications")
        ordering = ["-requested_at"]
        indexes = [models.Index(fields=["institution", "state"], name="networks_of_institution")]

    def __str__(self) -> str:
        return str(self.institution)


class NetworkRange(Record):
    """Addresses from the first to the last, both of one family; one address is a range of one."""

    application = models.ForeignKey(
        NetworkApplication, on_delete=models.CASCADE, related_name="ranges"
    )
    first_address = models.GenericIPAddressField(_("first address"))
    last_address = models.GenericIPAddressField(_("last address"))

    class Meta:
        verbose_name = _("addresses of a network")
        verbose_name_plural = _("addresses of networks")
        ordering = ["first_address"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_address__gte=F("first_address")), name="addresses_in_order"
            ),
            models.CheckConstraint(
                condition=Exact(_family("first_address"), _family("last_address")),
                name="addresses_of_one_family",
            ),
        ]

    def __str__(self) -> str:
        return str(self.as_range)

    @property
    def as_range(self) -> Range:
        return Range(ip_address(self.first_address), ip_address(self.last_address))
