"""Who does something."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

SYSTEM_ROLE = "SYSTEM"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does this, in which role, from where, proven by which card.

    The middleware of accounts makes one for each request; services take it as `by`. All ids are
    public ids of the rows they name; `card_proof_at` is aware; `ip` is an IPv4 or IPv6 address or
    None.
    """

    person: UUID | None = None
    role: str = ""
    institution: UUID | None = None
    session: UUID | None = None
    workstation: UUID | None = None
    card_kind: str = ""
    card_serial: str = ""
    card_proof_at: datetime | None = None
    ip: str | None = None
    request_id: UUID | None = None
    job: str = ""
    # The service goes on although sealing stands still; every event of this says so.
    unsealed: bool = False

    @property
    def a_person(self) -> UUID:
        """For what only people do; a job that tries it is a bug."""
        assert self.person is not None
        return self.person

    @property
    def a_session(self) -> UUID:
        """For what is done in a browser only."""
        assert self.session is not None
        return self.session

    @property
    def an_institution(self) -> UUID:
        """For what is done at an institution only."""
        assert self.institution is not None
        return self.institution

    @classmethod
    def system(cls, job: str) -> Self:
        """The platform itself: a scheduled job or a command, named so that an auditor can look it up."""
        return cls(role=SYSTEM_ROLE, job=job)
