"""Refusals of the HIS interface. `HIS-<n>` is the manual's return code n; agents hand n to the HIS.

Numbers: shared reference of the control software (docs/reference/his.md).
"""

from django.utils.translation import gettext_lazy as _

from apps.core.errors import Denied, Gone, Invalid, Refusal

ASK_INSURER = _("Please ask the patient to contact the NHI Administration.")
LOOK_AGAIN = _("Please compare what the HIS sends with the card and the visit.")


class FieldInvalid(Invalid):
    """A field of a call is wrong; `detail` names it."""

    code = "HIS-FIELD"
    message = _("A field of this call is not as it has to be.")
    way_on = LOOK_AGAIN


class ChallengeOld(Denied):
    """The agent fetches a new challenge and repeats by itself."""

    code = "HIS-CHALLENGE"
    message = _("The proof of this workstation is too old.")
    way_on = _("Please repeat the call.")


class TooManyCalls(Refusal):
    status = 429
    code = "HIS-429"
    message = _("This workstation calls too often.")
    way_on = _("Please wait a minute.")


class ModuleRefused(Denied):
    code = "HIS-4051"
    message = _("The security module of this workstation is not accepted.")
    way_on = _("Please ask the representative of your institution for a new security module.")


class InstitutionRefused(Denied):
    code = "HIS-9129"
    message = _("This institution cannot use the NHI functions at present.")
    way_on = _("Please ask your branch of the NHI Administration.")


class TestCardRefused(Denied):
    __test__ = False
    code = "HIS-4033"
    message = _("Test cards and real cards cannot be mixed.")
    way_on = _("Please use a card of the right kind.")


class NoVisitsLeft(Refusal):
    code = "HIS-5001"
    message = _("No visits are left on this card.")
    way_on = _("Please have the card updated.")


class CardCancelled(Refusal):
    code = "HIS-5002"
    message = _("This NHI card has been reported as cancelled.")
    way_on = ASK_INSURER


class CardExpired(Refusal):
    code = "HIS-5003"
    message = _("The validity of this NHI card has ended.")
    way_on = ASK_INSURER


class NotInsured(Refusal):
    """Nothing is known of this person, so no number is invented."""

    code = "HIS-5012"
    message = _("This person is not on the list of the insured.")
    way_on = ASK_INSURER


class OtherPatient(Refusal):
    code = "HIS-5020"
    message = _("These data are not of the person whose card is in the reader.")
    way_on = LOOK_AGAIN


class VisitUnknown(Refusal):
    code = "HIS-5022"
    message = _("There is no visit of this person at this moment and institution.")
    way_on = _("Please give the date and time that came with the visit number.")


class NoIdentifier(Refusal):
    code = "HIS-5174"
    message = _("There is no visit identifier for this visit.")
    way_on = _("Please give the date and time that came with the visit number.")


class VisitWritten(Refusal):
    """Ours: a number under which something was prescribed or charged stays."""

    code = "HIS-5130"
    message = _("Something was written to this visit already, so its number stays.")
    way_on = _("Please correct what was written instead.")


class NothingToTakeBack(Refusal):
    code = "HIS-5150"
    message = _("There is no such visit of this person to be taken back.")
    way_on = _("Please give the date and time that came with the visit number.")


class KindStays(Refusal):
    code = "HIS-5151"
    message = _("Only kinds of visit that took a number (01 to 05) can be taken back.")
    way_on = _("Nothing has to be done: no number and no visit was used.")


class VisitElsewhere(Refusal):
    code = "HIS-5152"
    message = _("This visit is another institution's.")
    way_on = _("Only the institution that asked for the number can take it back.")


class AlreadyTakenBack(Refusal):
    code = "HIS-5153"
    message = _("This visit was taken back already.")
    way_on = _("Nothing has to be done; for a new visit please ask for a new number.")


class TakenBackTooLate(Refusal):
    code = "HIS-5154"
    message = _("A visit can be taken back within 24 hours only.")
    way_on = _("Please correct the visit when it is declared.")


class IdentityMismatch(Refusal):
    code = "HIS-9093"
    message = _("The identity of the insured does not agree with the card.")
    way_on = ASK_INSURER


class InsuranceEnded(Refusal):
    code = "HIS-9094"
    message = _("The insurance of this person is suspended or has ended.")
    way_on = ASK_INSURER


class InArrears(Refusal):
    code = "HIS-9095"
    message = _("This person is in arrears with the premium.")
    way_on = ASK_INSURER


class ProfessionalMissing(Refusal):
    code = "HIS-4014"
    message = _("A health professional card is needed for this.")
    way_on = _("Please insert the card, or authenticate by it for eight hours.")


class ProfessionalUnknown(Denied):
    code = "HIS-9130"
    message = _("This health professional card is not accepted here.")
    way_on = _("Please use the card of somebody who works at this institution.")


class ProfessionalExpired(Denied):
    code = "HIS-9140"
    message = _("The certificate of this health professional card has expired.")
    way_on = _("Please contact the authority that issued the card.")


class RandomNumberOld(Gone):
    code = "HIS-RANDOM"
    message = _("This random number is not known or has expired.")
    way_on = _("Please draw a new one and sign it.")


class SignatureRefused(Denied):
    code = "HIS-SIGNATURE"
    message = _("The signature over the random number is not right.")
    way_on = _("Please sign the random number with the security module of this workstation.")
