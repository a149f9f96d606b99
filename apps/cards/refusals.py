"""Everything that can be wrong with a card, a reader program or a login: code, sentence, way on.

What is wrong with a certificate stands in `certificates`, with a password in `accounts.passwords`.
"""

from django.utils.translation import gettext_lazy as _

from apps.core.errors import Denied, Gone, Refusal


class TransactionGone(Gone):
    code = "CARD-EXPIRED"
    message = _("This card operation is over or has expired.")
    way_on = _("Please go back to the page and start again.")


class OtherAgent(Refusal):
    code = "CARD-OTHER-AGENT"
    message = _("Another card component is already working on this.")
    way_on = _("Please go back to the page and start again.")


class OtherBrowser(Denied):
    code = "CARD-OTHER-BROWSER"
    message = _("This card operation was started in another browser.")
    way_on = _("Please start it again in this browser.")


class WrongWorkstation(Denied):
    code = "CARD-WORKSTATION"
    message = _("This workstation belongs to another institution or is not the one you work at.")
    way_on = _("Please log out and log in again at this workstation.")


class NotEnrolled(Denied):
    code = "CARD-NOT-ENROLLED"
    message = _("NHI cards can only be read at a workstation with a security module.")
    way_on = _("Please ask the representative of your institution to set up this workstation.")


class ReaderNotEnrolled(Denied):
    code = "CARD-READER"
    message = _("The NHI reader can only be used at a workstation with a security module.")
    way_on = _("Please go back and choose the chip card reader, or another workstation.")


class DemoAgent(Denied):
    code = "CARD-DEMO"
    message = _("Test cards cannot be used with the real service.")
    way_on = _("Please use your real card.")


class AgentTooOld(Denied):
    code = "AGENT-OLD"
    message = _("The card component on this workstation is too old.")
    way_on = _("Please install the present version of the card component.")


class WrongCardKind(Denied):
    code = "CARD-KIND"
    message = _("This kind of card cannot be used here.")
    way_on = _("Please insert a card of the kind that the page asks for.")


class OtherPerson(Denied):
    """A step-up renews the proof of whoever is logged in, nobody else's (threat 18)."""

    code = "CARD-OTHER-PERSON"
    message = _("This card belongs to somebody else than the person who is logged in.")
    way_on = _("Please insert your own card, or log out so that the other person can log in.")


class NoStepUp(Denied):
    code = "CARD-NO-STEP-UP"
    message = _("This login cannot be renewed with a card.")
    way_on = _("Please log out and log in again with the card that the service asks for.")


class UnknownHolder(Denied):
    """One message for unknown people and for people of elsewhere.

    Nobody learns who is registered (threat 15).
    """

    code = "LOGIN-NOT-HERE"
    message = _("You are not registered as a user of this institution.")
    way_on = _("Please ask the manager of your institution to register you as a user.")


class MembershipEnded(Denied):
    """Told only to the holder, who has proved with card and PIN to be the one it is about."""

    code = "LOGIN-ENDED"
    message = _("You no longer belong to this institution: your membership has ended.")
    way_on = _("If that is a mistake, please ask the manager of the institution.")


class UnknownInstitution(Denied):
    code = "LOGIN-INSTITUTION"
    message = _("The institution on this card is not registered here or is not active.")
    way_on = _("Please ask your branch of the NHI Administration to check the registration.")


class WayClosed(Denied):
    code = "LOGIN-WAY"
    message = _("This card cannot log in with this kind of reader.")
    way_on = _("Please go back and choose another card or the other kind of reader.")
