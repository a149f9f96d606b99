"""People, the cards they hold, their platform roles, and the session table."""

import uuid
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.terms import CardKind, CredentialState, SessionRole
from apps.core import clock
from apps.core.models import Record
from apps.identities.models import Identity


class PersonManager(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(pk=str(username))


class Person(AbstractBaseUser):
    """Somebody who uses the platform.

    There are no superusers: every right is a role, a membership or a grant.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    identity = models.OneToOneField(Identity, on_delete=models.PROTECT, verbose_name=_("identity"))
    name = models.CharField(_("name"), max_length=100)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    # The account of an institution, for its institution and government cards: nobody in person. It
    # has no membership and no grant; the database sees to that (access.0004).
    is_service = models.BooleanField(_("service account"), default=False)
    institution_id = models.UUIDField(_("stands for institution"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = PersonManager()

    USERNAME_FIELD = "id"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(fields=["institution_id"], name="one_service_account_each"),
            models.CheckConstraint(
                condition=Q(is_service=True, institution_id__isnull=False)
                | Q(is_service=False, institution_id__isnull=True),
                name="service_accounts_stand_for_institutions",
            ),
            # What grants and memberships refer to, to say: never a service account.
            models.UniqueConstraint(fields=["id", "is_service"], name="person_and_kind"),
        ]

    def __str__(self) -> str:
        return self.name

    # The session that asks and from where, set by the middleware; rights are a session's, not a person's.
    session_id: uuid.UUID | None = None
    address: str | None = None

    # What Django's admin and django-guardian ask of a user.
    is_staff = False
    is_superuser = False

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        from django.contrib.auth import get_backends

        return any(backend.has_perm(self, perm, obj) for backend in get_backends())

    def has_module_perms(self, app_label: str) -> bool:
        return False


class Credential(Record):
    """One card certificate that has logged somebody in. A lost card is blocked here."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, verbose_name=_("person"))
    card_kind = models.CharField(_("card kind"), max_length=12, choices=CardKind)
    # Certificate issuers number their certificates: only both together name one (ASVS 6.8.1).
    issuer = models.CharField(_("issuer"), max_length=64)
    serial = models.CharField(_("serial number"), max_length=64)
    state = models.CharField(
        _("state"), max_length=8, choices=CredentialState, default=CredentialState.ACTIVE
    )
    first_used_at = models.DateTimeField(_("first used at"), auto_now_add=True)
    blocked_at = models.DateTimeField(_("blocked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        constraints = [
            models.UniqueConstraint(fields=["issuer", "serial"], name="one_holder_per_certificate")
        ]

    def __str__(self) -> str:
        return f"{self.get_card_kind_display()} {self.serial}"


class LostCardQuerySet(models.QuerySet["LostCard"]):
    def open_for(self, person: Person, card_kinds: Collection[str]) -> "LostCardQuerySet":
        return self.filter(person=person, card_kind__in=card_kinds, released_at=None)


class LostCard(Record):
    """A card that was lost before it ever logged in here, so that its number is not known.

    Whatever this person's cards of the kind are: those issued until the report are refused.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, verbose_name=_("person"))
    card_kind = models.CharField(_("card kind"), max_length=12, choices=CardKind)
    reported_at = models.DateTimeField(_("reported at"), default=clock.now)
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    objects = LostCardQuerySet.as_manager()

    class Meta:
        verbose_name = _("lost card")
        verbose_name_plural = _("lost cards")
        ordering = ["-reported_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "card_kind"],
                condition=Q(released_at=None),
                name="one_open_report_per_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_card_kind_display()} {self.reported_at:%Y-%m-%d}"


class RegistrationCode(models.Model):
    """A one-time code with which the holder of an NHI card registers a password for the platform.

    Whoever appointed the holder gives it. One open code each: a new one takes the place of the last.
    """

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        verbose_name = _("registration code")
        verbose_name_plural = _("registration codes")

    def __str__(self) -> str:
        return str(self.person_id)


class PasswordAttempt(models.Model):
    """A password or code typed for an NHI card at a workstation; only failures stay.

    Counted by holder and workstation together: wrong guesses at one counter lock the holder out at
    no other, nor anybody else at this one (threats 13 and 14).
    """

    subject = models.UUIDField()
    workstation_id = models.UUIDField()
    tried_at = models.DateTimeField()

    class Meta:
        verbose_name = _("password attempt")
        verbose_name_plural = _("password attempts")
        indexes = [
            models.Index(
                fields=["subject", "workstation_id", "tried_at"],
                name="attempts_by_holder_and_place",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.tried_at}"


class PlatformRoleQuerySet(models.QuerySet["PlatformRole"]):
    def in_force(self, on: date) -> "PlatformRoleQuerySet":
        return self.filter(Q(valid_until=None) | Q(valid_until__gte=on), valid_from__lte=on)


class PlatformRole(Record):
    """Operator or auditor: persons of the agency, not of an institution."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="platform_roles")
    role = models.CharField(
        _("role"),
        max_length=16,
        choices=[(role.value, role.label) for role in (SessionRole.OPERATOR, SessionRole.AUDITOR)],
    )
    valid_from = models.DateField(_("valid from"), default=clock.today)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    objects = PlatformRoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("platform role")
        verbose_name_plural = _("platform roles")
        constraints = [
            # One role each: an auditor who also operates would review himself.
            models.UniqueConstraint(fields=["person"], name="one_platform_role_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"


class SessionQuerySet(models.QuerySet["Session"]):
    def alive(self, at: datetime) -> "SessionQuerySet":
        return self.filter(
            expire_date__gt=at,
            last_seen_at__gt=at - settings.SESSION_IDLE,
            person__is_active=True,
        )

    def of_card(self, issuer: str, serial: str) -> "SessionQuerySet":
        return self.filter(card_issuer=issuer, card_serial=serial)

    def of_workstation(self, workstation_id: uuid.UUID) -> "SessionQuerySet":
        return self.filter(workstation_id=workstation_id)

    def at_institution(self, institution_id: uuid.UUID) -> "SessionQuerySet":
        return self.filter(institution_id=institution_id)


class Session(AbstractBaseSession):
    """A login of one person for one institution, with the card that proved it.

    `session_key` is a digest: who reads the table cannot take a session over. Deleting the row ends
    the session at the next click. Institution and workstation are ids without foreign keys, because
    both stand above this app; their names are kept as they were at login, so that a page shows them
    without another query.
    """

    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=16, choices=SessionRole)
    institution_id = models.UUIDField(_("institution"), null=True, db_index=True)
    institution_code = models.CharField(_("institution code"), max_length=10, blank=True)
    institution_name = models.CharField(_("institution name"), max_length=200, blank=True)
    workstation_id = models.UUIDField(_("workstation"), null=True, db_index=True)
    card_kind = models.CharField(_("card kind"), max_length=12, choices=CardKind)
    card_issuer = models.CharField(_("card issuer"), max_length=64)
    card_serial = models.CharField(_("card serial number"), max_length=64)
    profession = models.CharField(_("profession on the card"), max_length=4, blank=True)
    card_expires_at = models.DateTimeField(_("card expires at"), null=True)
    card_proof_at = models.DateTimeField(_("card proved at"))
    card_removed_at = models.DateTimeField(_("card removed at"), null=True)
    # Fast authentication (醫師卡快速認證; manual 4): services that accept it do without the card until then.
    card_fast_until = models.DateTimeField(_("fast authentication until"), null=True)
    # Digits and dots only, so that a service's lowest version compares in SQL.
    agent_version = models.CharField(
        _("version of the reader program"), max_length=40, blank=True, default="", db_default=""
    )
    created_at = models.DateTimeField(_("created at"))
    last_seen_at = models.DateTimeField(_("last seen at"))

    objects = SessionQuerySet.as_manager()  # type: ignore[assignment, misc]

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return str(self.id)

    @classmethod
    def get_session_store_class(cls) -> type:
        from apps.accounts.sessions import SessionStore

        return SessionStore
