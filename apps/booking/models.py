"""Campaigns (期別), their sites and slots, and the bookings."""

from datetime import date, datetime
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import ExpressionWrapper, F, Func, Min, Q, Sum, Value
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.booking.desk import ExceptionCase as ExceptionCase
from apps.booking.desk import ExceptionRule as ExceptionRule
from apps.booking.terms import (
    HOLDING,
    LIVE,
    BookingState,
    EntryKind,
)
from apps.booking.waiting import Offer as Offer
from apps.booking.waiting import WaitingEntry as WaitingEntry
from apps.core import clock
from apps.core.models import Record
from apps.identities.models import Identity
from apps.immunizations.models import VaccinationRecord, Vaccine
from apps.institutions.models import Institution

NUMBER_DIGITS = 10


def all_kinds() -> list[str]:
    return list(EntryKind.values)


class Campaign(Record):
    """One period of a vaccine: who may book, when, and under which number prefix.

    Everybody from `group_from_age` on belongs to the campaign's group; others need an entry on its
    list, of one of the `listed_kinds`. Operators draft these rules, a second one publishes (A14).
    """

    code = models.CharField(_("campaign code"), max_length=12, unique=True)
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(_("number prefix"), max_length=20)
    vaccine = models.ForeignKey(Vaccine, on_delete=models.PROTECT, verbose_name=_("vaccine"))
    published = models.BooleanField(_("published"), default=False)
    books_from = models.DateTimeField(_("booking from"))
    books_until = models.DateTimeField(_("booking until"))
    dose_number = models.PositiveSmallIntegerField(_("dose"), default=1)
    group_from_age = models.PositiveSmallIntegerField(_("group from age"), null=True, blank=True)
    min_age = models.PositiveSmallIntegerField(_("youngest age"), default=0)
    max_age = models.PositiveSmallIntegerField(_("oldest age"), null=True, blank=True)
    min_interval_days = models.PositiveSmallIntegerField(_("days since the last dose"), default=0)
    # Which entries of the list count: registered intent, listed group, or both.
    listed_kinds = ArrayField(
        models.CharField(max_length=8, choices=EntryKind),
        verbose_name=_("lists that count"),
        default=all_kinds,
        db_default=list(EntryKind.values),
        blank=True,
    )
    # What its sites may give; empty: any brand.
    brands = ArrayField(
        models.CharField(max_length=20),
        verbose_name=_("brands"),
        default=list,
        db_default=[],
        blank=True,
    )
    # How long a place is kept for whoever it was offered to from the waiting list (C11).
    offer_hours = models.PositiveSmallIntegerField(
        _("hours to answer an offer"), default=24, db_default=24
    )
    # Brands that this campaign may continue; empty: any.
    previous_brands = ArrayField(
        models.CharField(max_length=20),
        verbose_name=_("brands that it continues"),
        default=list,
        blank=True,
    )

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                condition=Q(books_until__gt=F("books_from")),
                name="books_from_before_until",
                violation_error_message=_("The booking period must end after it begins."),
            ),
            models.CheckConstraint(
                condition=Q(max_age=None) | Q(max_age__gte=F("min_age")),
                name="youngest_before_oldest",
                violation_error_message=_("The oldest age must not be below the youngest."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class EligibilityEntry(Record):
    """A person on a campaign's list, imported from the agencies."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE)
    patient = models.ForeignKey(Identity, on_delete=models.CASCADE)
    kind = models.CharField(_("kind"), max_length=8, choices=EntryKind)

    class Meta:
        verbose_name = _("eligibility entry")
        verbose_name_plural = _("eligibility entries")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "campaign", "kind"], name="listed_once_per_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.kind}"


def _is_free(at: datetime, own: UUID | None, *, site: str = "", slot: str = "") -> Q:
    """Open, with a place, not begun at `at`; or `own`, whose place somebody has already."""
    free = Q(
        (f"{slot}booked__lt", F(f"{slot}capacity")),
        (f"{slot}closed", False),
        (f"{slot}begins_at__gt", at),
        (f"{site}active", True),
    )
    return free | Q((f"{slot}pk", own)) if own else free


class SiteQuerySet(models.QuerySet["Site"]):
    def with_places(self, at: datetime, *, own: UUID | None = None) -> "SiteQuerySet":
        """Those that have free slots, with how many places are `left` and the begin of the `next_at`.

        One join: the slots asked for and counted are the same rows.
        """
        return self.filter(_is_free(at, own, slot="slots__")).annotate(
            left=Sum(F("slots__capacity") - F("slots__booked")), next_at=Min("slots__begins_at")
        )

    def visible_to(self, actor: Actor) -> "SiteQuerySet":
        """The sites of this institution."""
        return self.filter(institution_id=actor.institution)

    def for_page(self) -> "SiteQuerySet":
        return self.select_related("campaign", "institution").order_by(
            "-campaign__books_until", "brand"
        )


class Site(Record):
    """An institution that gives one brand of a campaign's vaccine; shown as 「培靈醫院-AZ」."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, verbose_name=_("campaign"))
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, verbose_name=_("institution")
    )
    brand = models.CharField(_("brand"), max_length=20)
    active = models.BooleanField(_("active"), default=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "institution", "brand"], name="one_site_per_brand"
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return f"{self.institution.name}-{self.brand}"


class SlotQuerySet(models.QuerySet["Slot"]):
    def free(self, at: datetime, *, own: UUID | None = None) -> "SlotQuerySet":
        """Open slots with places that begin after `at`; `own` as well, whose place somebody has."""
        return self.filter(_is_free(at, own, site="site__"))


class Slot(Record):
    """A stretch of time at a site.

    `booked` never exceeds `capacity`: the database refuses (DESIGN section 6).
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="slots")
    begins_at = models.DateTimeField(_("begins at"))
    ends_at = models.DateTimeField(_("ends at"))
    capacity = models.PositiveIntegerField(_("capacity"))
    booked = models.PositiveIntegerField(_("booked"), default=0)
    closed = models.BooleanField(_("closed"), default=False)

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        constraints = [
            models.CheckConstraint(condition=Q(booked__lte=F("capacity")), name="never_oversold"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="slot_ends_after_it_begins"
            ),
            models.UniqueConstraint(fields=["site", "begins_at"], name="one_slot_per_beginning"),
        ]
        # Over all sites in the order of time, a page at a time (fhir.SLOT).
        indexes = [models.Index(fields=["begins_at", "id"], name="slots_in_time")]

    def __str__(self) -> str:
        return f"{self.begins_at:%Y-%m-%d %H:%M} {self.site_id}"

    @property
    def left(self) -> int:
        return self.capacity - self.booked

    @property
    def day(self) -> date:
        """The day in Taiwan."""
        return clock.day_of(self.begins_at)


class BookingQuerySet(models.QuerySet["Booking"]):
    def visible_to(self, actor: Actor) -> "BookingQuerySet":
        """What this institution booked. A citizen's card opens that citizen's own, wherever it was made."""
        return self.filter(institution_id=actor.institution)

    def at_sites_of(self, actor: Actor) -> "BookingQuerySet":
        """Whoever comes to a site of this institution, wherever it was booked."""
        return self.filter(slot__site__institution_id=actor.institution)

    def live(self) -> "BookingQuerySet":
        return self.filter(state__in=LIVE)

    def holding(self) -> "BookingQuerySet":
        """Those whose places count in `Slot.booked`."""
        return self.filter(state__in=HOLDING)

    def live_first(self) -> "BookingQuerySet":
        """The live one before those that ended, newer ones before older ones."""
        live = ExpressionWrapper(Q(state__in=LIVE), output_field=models.BooleanField())
        return self.order_by(live.desc(), "-booked_at")

    def for_page(self) -> "BookingQuerySet":
        """With all that the result page and the slip show."""
        return self.select_related(
            "campaign__vaccine",
            "slot__site__institution__district",
            "institution",
            "exception",
        )


class Booking(Record):
    """One place for one person.

    At most one live booking per person and campaign, whatever happens at once.
    """

    number = models.BigIntegerField(
        _("running number"),
        unique=True,
        db_default=Func(Value("booking_number"), function="nextval"),
        editable=False,
    )
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, db_index=False)
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, db_index=False)
    patient = models.ForeignKey(Identity, on_delete=models.PROTECT)
    name = models.CharField(_("name"), max_length=20)
    masked_id = models.CharField(_("masked national ID"), max_length=12)
    phone = models.CharField(_("mobile phone"), max_length=10)
    state = models.CharField(
        _("state"), max_length=10, choices=BookingState, default=BookingState.BOOKED
    )
    revision = models.PositiveIntegerField(_("revision"), default=1)
    booked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    booked_at = models.DateTimeField(_("booked at"), default=clock.now)
    # A form is sent with a key of its own; the same key again is the same booking (DESIGN section
    # 6).
    key = models.UUIDField(_("idempotency key"))
    digest = models.CharField(_("digest of the request"), max_length=64)
    # The same of the latest change.
    change_key = models.UUIDField(_("key of the latest change"), null=True)
    change_digest = models.CharField(
        _("digest of the latest change"), max_length=64, blank=True, db_default=""
    )
    changed_at = models.DateTimeField(_("changed at"), null=True)
    dose = models.OneToOneField(VaccinationRecord, on_delete=models.SET_NULL, null=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "campaign"],
                condition=Q(state__in=LIVE),
                name="one_live_booking_per_campaign",
            ),
            models.UniqueConstraint(fields=["booked_by", "key"], name="one_booking_per_key"),
        ]
        # Also the campaign's and the slot's own: how many were made in which hour, and what became
        # of them (figures).
        indexes = [
            models.Index(fields=["campaign", "booked_at"], name="bookings_as_made"),
            models.Index(fields=["slot", "state"], name="bookings_of_slot"),
        ]

    def __str__(self) -> str:
        return self.full_number

    @property
    def is_changeable(self) -> bool:
        """Whether it still lies ahead; the campaign's window is asked by the service."""
        return self.state == BookingState.BOOKED and self.slot.ends_at >= clock.now()

    @property
    def by_document(self) -> bool:
        """Made at the exception desk, for somebody without a card to read (C17)."""
        return hasattr(self, "exception")

    @property
    def full_number(self) -> str:
        """`MO,AZ01-0000014637`, as manual 1 prints it."""
        return f"{self.campaign.prefix}-{self.number:0{NUMBER_DIGITS}d}"
