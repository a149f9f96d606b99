"""Refusals: what a person or a program is told when something is not done.

A refusal is an answer, not a fault: it has a stable code, a sentence in the reader's language, and
a way on. Faults end in Error and are bugs or broken machines. One middleware (core.middleware) and
one handler (core.api) turn refusals into pages and JSON.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Message = str | Promise


class Refusal(Exception):
    """Something is not done, for a reason that the person is told.

    `code` is stable and may be looked up; `detail` holds more for programs (JSON values only);
    `reason` is for the access log alone and never leaves the server.
    """

    status = 409
    code = "ANK-409"
    message: Message = _("This cannot be done now.")
    way_on: Message = ""

    def __init__(
        self,
        message: Message | None = None,
        *,
        code: str | None = None,
        way_on: Message | None = None,
        detail: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        self.message = self.message if message is None else message
        self.code = code or self.code
        self.way_on = self.way_on if way_on is None else way_on
        self.detail = dict(detail or {})
        self.reason = reason or self.code
        super().__init__(self.code)

    def as_json(self) -> dict[str, Any]:
        """The machine-readable refusal of DESIGN section 7."""
        return {"code": self.code, "message": str(self.message), "detail": self.detail}


class Invalid(Refusal):
    """The request itself is wrong: a shape, a length, a missing part."""

    status = 400
    code = "ANK-400"
    message = _("The request is not complete or not well formed.")


class SignInNeeded(Refusal):
    status = 401
    code = "ANK-401"
    message = _("Please log in with your card.")


class Denied(Refusal):
    """The person may not do this. What failed stands in the log only (FEATURES A10)."""

    status = 403
    code = "ANK-403"
    message = _("You are not authorized to use this function.")
    way_on = _("Please ask the manager of your institution to check your authorization.")


class NotFound(Refusal):
    """There is no such thing, or it belongs to another institution: the answer is the same."""

    status = 404
    code = "ANK-404"
    message = _("This page or record was not found.")


class MethodRefused(Refusal):
    """A form's address was opened, or a page was posted to."""

    status = 405
    code = "ANK-405"
    message = _("This address only receives forms; it cannot be opened or reloaded by itself.")
    way_on = _("Please go back to the page and press its button again.")


class Gone(Refusal):
    status = 410
    code = "ANK-410"
    message = _("This is no longer available.")


class Unprocessable(Refusal):
    status = 422
    code = "ANK-422"


class Unavailable(Refusal):
    """A part that is needed does not answer; nothing was done."""

    status = 503
    code = "ANK-503"
    message = _("The service is not available for a moment. Nothing was changed; please try again.")
