"""Who waits for a place, and the places that are kept for them (FEATURES C11)."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Person
from apps.booking.terms import ON_LIST, OfferState, Priority, WaitingState
from apps.core import clock
from apps.core.models import Record
from apps.identities.models import Identity
from apps.institutions.models import District, Institution


class WaitingQuerySet(models.QuerySet["WaitingEntry"]):
    def for_site(self, site: Any) -> "WaitingQuerySet":
        """Who would take a place at this site, whose institution is loaded: it alone, or any of its
        district.
        """
        anywhere = Q(district=site.institution.district_id, campaign=site.campaign_id)
        return self.filter(Q(site=site) | anywhere)

    def on_list(self) -> "WaitingQuerySet":
        return self.filter(state__in=ON_LIST)

    def in_order(self) -> "WaitingQuerySet":
        return self.order_by("priority", "queued_at", "pk")

    def before(self, entry: "WaitingEntry") -> "WaitingQuerySet":
        """Who waits for a place that `entry` would take as well, and comes first."""
        earlier = Q(queued_at__lt=entry.queued_at) | Q(queued_at=entry.queued_at, pk__lt=entry.pk)
        return self.filter(
            entry.rivals(),
            Q(priority__lt=entry.priority) | Q(earlier, priority=entry.priority),
            campaign=entry.campaign_id,
            state=WaitingState.WAITING,
            first_day__lte=entry.last_day,
            last_day__gte=entry.first_day,
        )

    def for_page(self) -> "WaitingQuerySet":
        return self.select_related("campaign", "site__institution__district", "district")


class WaitingEntry(Record):
    """Somebody who waits for a place at a site on one of some days, or at any site of its district
    (C11).

    At most one entry on a list per person and campaign.
    """

    campaign = models.ForeignKey("booking.Campaign", on_delete=models.PROTECT)
    site = models.ForeignKey("booking.Site", on_delete=models.PROTECT)
    # Set where any site of this district will do; `site` is then the one that was chosen first.
    district = models.ForeignKey(
        District,
        on_delete=models.PROTECT,
        verbose_name=_("any site of the district"),
        null=True,
        db_index=False,
    )
    patient = models.ForeignKey(Identity, on_delete=models.PROTECT)
    name = models.CharField(_("name"), max_length=20)
    masked_id = models.CharField(_("masked national ID"), max_length=12)
    phone = models.CharField(_("mobile phone"), max_length=10)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    state = models.CharField(
        _("state"), max_length=8, choices=WaitingState, default=WaitingState.WAITING
    )
    priority = models.PositiveSmallIntegerField(
        _("reason for the rank"), choices=Priority, default=Priority.JOINED
    )
    joined_at = models.DateTimeField(_("joined at"), default=clock.now)
    # Since when this entry counts in its order: joining, or an offer that was not answered.
    queued_at = models.DateTimeField(_("in the queue since"), default=clock.now)
    joined_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry on a waiting list")
        verbose_name_plural = _("waiting lists")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "campaign"],
                condition=Q(state__in=ON_LIST),
                name="waits_once_per_campaign",
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="waits_from_first_to_last_day"
            ),
        ]
        indexes = [
            models.Index(
                "site",
                "priority",
                "queued_at",
                condition=Q(state=WaitingState.WAITING),
                name="next_in_line",
            ),
            models.Index(
                "district",
                "campaign",
                "priority",
                "queued_at",
                condition=Q(state=WaitingState.WAITING),
                name="next_in_district",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.queued_at:%Y-%m-%d %H:%M}"

    @property
    def place(self) -> str:
        """What is waited for, in words: the site, or any of its district."""
        if self.district is None:
            return str(self.site.label)
        return gettext("any site of %(district)s") % {"district": self.district.name}

    def rivals(self) -> Q:
        """Those of the campaign who would take a place that this entry would take."""
        if self.district_id:
            return Q(district=self.district_id) | Q(site__institution__district=self.district_id)
        return Q(site=self.site_id) | Q(district=self.site.institution.district_id)


class Offer(Record):
    """A place that is kept for somebody of the waiting list until they answer or the time is over.

    While it is open it counts in `Slot.booked` (DESIGN section 6).
    """

    entry = models.ForeignKey(WaitingEntry, on_delete=models.CASCADE, related_name="offers")
    slot = models.ForeignKey("booking.Slot", on_delete=models.PROTECT, related_name="offers")
    state = models.CharField(_("state"), max_length=9, choices=OfferState, default=OfferState.OPEN)
    offered_at = models.DateTimeField(_("offered at"), default=clock.now)
    expires_at = models.DateTimeField(_("expires at"))
    booking = models.OneToOneField("booking.Booking", on_delete=models.SET_NULL, null=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(state=OfferState.OPEN), name="one_open_offer"
            ),
            # Whoever declined a place, or let it pass, is not asked for the same one again.
            models.UniqueConstraint(fields=["entry", "slot"], name="offered_once_per_slot"),
        ]
        indexes = [
            models.Index("expires_at", condition=Q(state=OfferState.OPEN), name="offers_to_expire"),
        ]

    def __str__(self) -> str:
        return f"{self.slot_id} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state == OfferState.OPEN and clock.now() < self.expires_at
