"""Refusals of oversight; their codes are explained in apps/portal/data/refusal_codes.json."""

from django.utils.translation import gettext_lazy as _

from apps.core.errors import Denied, Gone, Invalid, NotFound, Refusal


class SearchGone(Gone):
    code = "LOG-GONE"
    message = _("This search is no longer available.")
    way_on = _("A search belongs to one login. Please search again.")


class WrongCursor(Invalid):
    code = "LOG-CURSOR"
    message = _("This page of the list does not exist.")
    way_on = _("Please start again from the newest events.")


class TooBroad(Refusal):
    code = "LOG-BROAD"
    message = _("There are too many events to count for a chart.")
    way_on = _("Please choose a shorter period, or a person, patient or institution.")


class NotSealedYet(Refusal):
    code = "LOG-UNSEALED"
    message = _("This event is not sealed yet, so there is no proof of it.")
    way_on = _("Events are sealed every few seconds. Please try again in a moment.")


class EventRetired(NotFound):
    status = 410
    code = "LOG-RETIRED"
    message = _("The month of this event has left the log, exported and verified.")
    way_on = _("The operators hand out its proof from the archive (audit_proof --archive).")


class SealBroken(Refusal):
    code = "LOG-TAMPERED"
    message = _("This event is not what was sealed. Somebody changed the log.")
    way_on = _("Please inform the operators at once; they run audit_verify.")


class NameTaken(Refusal):
    code = "LOG-NAME"
    message = _("You have a saved search of this name already.")
    way_on = _("Please choose another name.")


class OwnCase(Denied):
    code = "REV-OWN"
    message = _("This case is about the person who would review it.")
    way_on = _("Another auditor has to review it.")


class CaseClosed(Refusal):
    code = "REV-CLOSED"
    message = _("Somebody has closed this case already.")
    way_on = _("Open the case to see what was found.")


class NoReviewer(Invalid):
    code = "REV-NOBODY"
    message = _("Cases are assigned to auditors only.")
    way_on = _("Please choose somebody from the list.")
