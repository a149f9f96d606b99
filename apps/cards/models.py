"""Card transactions and what came out of them; trust anchors and revoked certificates."""

import re
import secrets
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Person
from apps.accounts.terms import CardKind, ReaderKind, SessionRole
from apps.cards.terms import Purpose, TransactionState
from apps.core import clock
from apps.core.models import Record
from apps.identities.models import Identity
from apps.institutions.models import Institution
from apps.workstations.models import Workstation

LIFETIME = timedelta(minutes=5)
READING_LIFETIME = timedelta(hours=24)
FAST_LIFETIME = timedelta(hours=8)


def random_token() -> str:
    """256 random bits, 43 characters of URL-safe base64."""
    return secrets.token_urlsafe(32)


TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def is_token(text: str) -> bool:
    """Whether it can be one of ours: what strangers write into addresses and cookies never gets as far
    as the database, which takes no NUL.
    """
    return TOKEN.fullmatch(text) is not None


def _expiry() -> datetime:
    return clock.now() + LIFETIME


class CardTransaction(models.Model):
    """One card, for one purpose, asked for by one browser (DESIGN section 3).

    The browser is bound by `cookie_digest`, the agent by `agent_key`, the card by `nonce`. After
    the result the transaction holds what the card proved until the browser returns for it.
    """

    id = models.CharField(primary_key=True, max_length=43, default=random_token)
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    state = models.CharField(
        _("state"), max_length=10, choices=TransactionState, default=TransactionState.STARTED
    )
    cards = ArrayField(models.CharField(max_length=12, choices=CardKind))
    reader_kind = models.CharField(max_length=12, choices=ReaderKind, blank=True)
    service = models.CharField(_("service"), max_length=8, blank=True)
    return_route = models.CharField(_("page to return to"), max_length=60)
    start_path = models.CharField(_("page it started from"), max_length=200)
    language = models.CharField(_("language"), max_length=10)
    created_at = models.DateTimeField(_("created at"), default=clock.now)
    expires_at = models.DateTimeField(_("expires at"), default=_expiry, db_index=True)

    cookie_digest = models.CharField(max_length=64)
    nonce = models.CharField(max_length=43, unique=True, default=random_token)
    code_digest = models.CharField(max_length=64, blank=True)

    # Who asked: the session's public id and what the claiming agent must agree with. A login puts
    # the holder of the card, and what they may log in as, in place of whoever sat there before.
    session_id = models.UUIDField(_("session"), null=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE)
    role = models.CharField(max_length=16, choices=SessionRole, blank=True)
    institution = models.ForeignKey(Institution, null=True, on_delete=models.CASCADE)
    asked_workstation_id = models.UUIDField(null=True)

    # Who claimed it; `workstation` only for an enrolled agent.
    agent_key = models.CharField(max_length=43, blank=True)
    agent_version = models.CharField(max_length=20, blank=True)
    workstation = models.ForeignKey(Workstation, null=True, on_delete=models.CASCADE)

    # What the card proved.
    card_kind = models.CharField(max_length=12, choices=CardKind, blank=True)
    card_issuer = models.CharField(max_length=64, blank=True)
    card_serial = models.CharField(max_length=64, blank=True)
    card_expires_at = models.DateTimeField(null=True)
    profession = models.CharField(max_length=4, blank=True)
    proved_at = models.DateTimeField(null=True)
    card_issued_at = models.DateTimeField(null=True)
    fast_authentication = models.BooleanField(default=False, db_default=False)
    reading = models.OneToOneField("Reading", null=True, on_delete=models.SET_NULL)
    # Whom the NHI card of a login names, known here or not: the password decides (threat 15).
    subject = models.UUIDField(null=True)
    report = models.JSONField(null=True)  # of a component check
    answered_at = models.DateTimeField(null=True)
    # The session that this card opened or renewed; its removal ends what asked for it to stay.
    proved_session_id = models.UUIDField(null=True)
    card_removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("card transaction")
        verbose_name_plural = _("card transactions")

    def __str__(self) -> str:
        return f"{self.purpose} {self.id[:8]}"

    @property
    def cookie_name(self) -> str:
        """One cookie per transaction: a login in one tab does not kill another tab's reading."""
        return f"ankang_card_{self.id[:8]}"

    @property
    def fast_until(self) -> datetime | None:
        """How long services may do without the card; fixed, from the PIN on (manual 4: 8 小時)."""
        return (
            self.proved_at + FAST_LIFETIME if self.fast_authentication and self.proved_at else None
        )

    @property
    def is_over(self) -> bool:
        return self.expires_at <= clock.now() or self.state == TransactionState.CANCELLED


class ReadingQuerySet(models.QuerySet["Reading"]):
    def fresh(self, at: datetime) -> "ReadingQuerySet":
        return self.filter(read_at__gt=at - READING_LIFETIME)


class Reading(Record):
    """What an NHI card said, sealed; gone after 24 hours. It belongs to the session that asked for it.

    `typed` ones were entered by hand at the exception desk of booking (FEATURES C17) and open
    nothing elsewhere.

    Forms carry its id, so that the page in front of the pharmacist and the person in the database
    cannot part (there is no "current citizen" in the session).
    """

    patient = models.ForeignKey(Identity, on_delete=models.CASCADE, verbose_name=_("patient"))
    session_id = models.UUIDField(_("session"))
    workstation = models.ForeignKey(Workstation, on_delete=models.CASCADE)
    key_id = models.CharField(max_length=20)
    sealed = models.BinaryField()
    read_at = models.DateTimeField(_("read at"), default=clock.now, db_index=True)
    typed = models.BooleanField(_("typed by hand"), default=False, db_default=False)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")

    def __str__(self) -> str:
        return str(self.id)


class TrustAnchorQuerySet(models.QuerySet["TrustAnchor"]):
    def for_kind(self, card_kind: str, *, demo: bool) -> "TrustAnchorQuerySet":
        found = self.filter(card_kind=card_kind, active=True)
        return found if demo else found.filter(demo=False)


class TrustAnchor(Record):
    """A certification authority that may issue one kind of card. Demo authorities count in demo mode only."""

    card_kind = models.CharField(_("card kind"), max_length=12, choices=CardKind)
    name = models.CharField(_("name"), max_length=200)
    certificate = models.TextField(_("certificate (PEM)"))
    demo = models.BooleanField(_("demo"), default=False)
    # Without a list of what it revoked, an authority's cards are refused unless this says otherwise.
    needs_list = models.BooleanField(_("needs a revocation list"), default=True)
    active = models.BooleanField(_("active"), default=True)

    objects = TrustAnchorQuerySet.as_manager()

    class Meta:
        verbose_name = _("trust anchor")
        verbose_name_plural = _("trust anchors")
        constraints = [
            models.UniqueConstraint(fields=["card_kind", "name"], name="one_anchor_per_name")
        ]

    def __str__(self) -> str:
        return f"{self.card_kind} {self.name}"


# Authorities of authorities publish only twice a year; the default is a week.
SHORTEST_AGE, LONGEST_AGE = timedelta(hours=1), timedelta(days=400)
LONGEST_GRACE = timedelta(days=7)


class RevocationList(Record):
    """Where one issuer publishes what it revoked, and how old that may be.

    `issuer` is the SHA-256 of the issuer's name in hex, as in CardCertificate. A list counts until it
    is due (its own date, or `max_age` after it was made, whichever comes first) and for `grace`
    beyond; from then on cards of this issuer are refused (threat 9).
    """

    issuer = models.CharField(_("issuer"), max_length=64, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    certificate = models.TextField(_("certificate of the issuer (PEM)"))
    address = models.CharField(_("address or file of the list"), max_length=500)
    max_age = models.DurationField(_("longest age"), default=timedelta(days=7))
    grace = models.DurationField(_("grace"), default=timedelta(hours=24))
    made_at = models.DateTimeField(_("made at"), null=True, editable=False)
    due_at = models.DateTimeField(_("next list due"), null=True, editable=False)
    fetched_at = models.DateTimeField(_("fetched at"), null=True, editable=False)
    size = models.PositiveIntegerField(_("revoked certificates"), default=0, editable=False)
    last_problem = models.CharField(_("last problem"), max_length=60, blank=True, editable=False)

    class Meta:
        verbose_name = _("revocation list")
        verbose_name_plural = _("revocation lists")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """So long that nobody would notice a list that no longer comes is no limit any more."""
        if not SHORTEST_AGE <= self.max_age <= LONGEST_AGE:
            raise ValidationError({"max_age": _("Please choose from 1 hour to 400 days.")})
        if not timedelta(0) <= self.grace <= LONGEST_GRACE:
            raise ValidationError({"grace": _("Please choose from 0 hours to 7 days.")})

    @property
    def counts_until(self) -> datetime | None:
        """From then on cards of this issuer are refused; None before the first list came."""
        if self.made_at is None or self.due_at is None:
            return None
        return min(self.due_at, self.made_at + self.max_age) + self.grace

    def is_current(self, at: datetime) -> bool:
        return self.counts_until is not None and at <= self.counts_until


class LoginWay(models.Model):
    """One cell of the reader/card table of manual 1: this card, in this reader, for this role.

    Operators switch ways on and off without a deployment (FEATURES A9, B1).
    """

    card_kind = models.CharField(_("card kind"), max_length=12, choices=CardKind)
    reader_kind = models.CharField(_("reader kind"), max_length=12, choices=ReaderKind)
    role = models.CharField(_("role"), max_length=16, choices=SessionRole)
    enabled = models.BooleanField(_("switched on"), default=True)

    class Meta:
        verbose_name = _("way to log in")
        verbose_name_plural = _("ways to log in")
        constraints = [
            models.UniqueConstraint(
                fields=["card_kind", "reader_kind", "role"], name="one_cell_per_way"
            ),
            # Whoever switched it off could not switch it on again: nobody could.
            models.CheckConstraint(
                condition=~Q(role=SessionRole.OPERATOR) | Q(enabled=True),
                name="operators_always_get_in",
                violation_error_message=_("The operators' own way to log in stays open."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card_kind} {self.reader_kind} {self.role}"


class RevokedCertificate(models.Model):
    """A serial number on an issuer's revocation list."""

    issuer = models.CharField(_("issuer"), max_length=64)
    serial = models.CharField(_("serial number"), max_length=64)
    revoked_at = models.DateTimeField(_("revoked at"))

    class Meta:
        verbose_name = _("revoked certificate")
        verbose_name_plural = _("revoked certificates")
        constraints = [
            models.UniqueConstraint(fields=["issuer", "serial"], name="revoked_only_once")
        ]

    def __str__(self) -> str:
        return f"{self.issuer[:8]} {self.serial}"
