"""Return codes: what a HIS program compares with, and what a person is told.

Numbers and meanings: public facts of the control software (shared reference, section 3.3) and manual
4. Negative ones are ours, where the manual prints none.
"""

from dataclasses import dataclass
from enum import IntEnum

from agent.web.language import gettext_noop


class Code(IntEnum):
    OK = 0
    FIELD_INVALID = -1
    STOPPED = -2
    TIMEOUT = 4000
    NO_SAM = 4012
    NO_NHI_CARD = 4013
    NO_HPC = 4014
    NOT_PERMITTED = 4029
    WRONG_NHI_CARD = 4033
    WRONG_HPC = 4034
    READ_FAILED = 4043
    SAM_NOT_AUTHENTICATED = 4050
    SAM_REFUSED = 4051
    NETWORK_DOWN = 4061
    NO_VISITS_LEFT = 5001
    CARD_CANCELLED = 5002
    CARD_EXPIRED = 5003
    NOT_INSURED = 5012
    OTHER_PATIENT = 5020
    VISIT_UNKNOWN = 5022
    VISIT_WRITTEN = 5130
    NOTHING_TO_TAKE_BACK = 5150
    KIND_STAYS = 5151
    VISIT_ELSEWHERE = 5152
    ALREADY_TAKEN_BACK = 5153
    TAKEN_BACK_TOO_LATE = 5154
    NO_IDENTIFIER = 5174
    SERVER_FAILED = 9003
    IDENTITY_MISMATCH = 9093
    INSURANCE_ENDED = 9094
    IN_ARREARS = 9095
    INSTITUTION_REFUSED = 9129
    HPC_INVALID = 9130
    HPC_EXPIRED = 9140
    CONSOLE_NOT_RUNNING = 9240

    @property
    def word(self) -> str:
        """The code as a word, for programs that are easier to read with it."""
        return self.name.lower()


MEANINGS: dict[Code, str] = {
    Code.OK: gettext_noop("Done"),
    Code.FIELD_INVALID: gettext_noop("A field of this call is not as it has to be."),
    Code.STOPPED: gettext_noop("This function has been stopped."),
    Code.TIMEOUT: gettext_noop("The reader or the card did not answer in time."),
    Code.NO_SAM: gettext_noop("There is no security module on this workstation."),
    Code.NO_NHI_CARD: gettext_noop("There is no NHI card in a reader."),
    Code.NO_HPC: gettext_noop("There is no health professional card in a reader."),
    Code.NOT_PERMITTED: gettext_noop("This card is not permitted to do that."),
    Code.WRONG_NHI_CARD: gettext_noop("The card in the reader for NHI cards is another one."),
    Code.WRONG_HPC: gettext_noop("The card in the reader for medical personnel is another one."),
    Code.READ_FAILED: gettext_noop("The card could not be read."),
    Code.SAM_NOT_AUTHENTICATED: gettext_noop("The security module is not authenticated yet."),
    Code.SAM_REFUSED: gettext_noop("The server does not accept this security module."),
    Code.NETWORK_DOWN: gettext_noop(
        "The server cannot be reached: there is no answer. Please call again when it can."
    ),
    Code.NO_VISITS_LEFT: gettext_noop("No visits are left on this card."),
    Code.CARD_CANCELLED: gettext_noop("This NHI card has been cancelled."),
    Code.CARD_EXPIRED: gettext_noop("The validity of this NHI card has ended."),
    Code.NOT_INSURED: gettext_noop("This person is not on the list of the insured."),
    Code.OTHER_PATIENT: gettext_noop("These data are not of the person whose card is inserted."),
    Code.VISIT_UNKNOWN: gettext_noop("There is no such visit of this person here."),
    Code.VISIT_WRITTEN: gettext_noop("Something was written to this visit, so its number stays."),
    Code.NOTHING_TO_TAKE_BACK: gettext_noop("There is no such visit to be taken back."),
    Code.KIND_STAYS: gettext_noop("Only kinds of visit from 01 to 05 can be taken back."),
    Code.VISIT_ELSEWHERE: gettext_noop("This visit is another institution's."),
    Code.ALREADY_TAKEN_BACK: gettext_noop("This visit was taken back already."),
    Code.TAKEN_BACK_TOO_LATE: gettext_noop("A visit can be taken back within 24 hours only."),
    Code.NO_IDENTIFIER: gettext_noop("There is no visit identifier for this visit."),
    Code.SERVER_FAILED: gettext_noop("The server answered something unexpected."),
    Code.IDENTITY_MISMATCH: gettext_noop("The identity of the insured does not agree."),
    Code.INSURANCE_ENDED: gettext_noop("The insurance is suspended or has ended."),
    Code.IN_ARREARS: gettext_noop("This person is in arrears with the premium."),
    Code.INSTITUTION_REFUSED: gettext_noop("This institution cannot use the NHI functions."),
    Code.HPC_INVALID: gettext_noop("This health professional card is not accepted here."),
    Code.HPC_EXPIRED: gettext_noop("The certificate of this health professional card has expired."),
    Code.CONSOLE_NOT_RUNNING: gettext_noop("The card agent is not running."),
}


@dataclass
class HisError(Exception):
    """A function that did not do its work. `told` is the server's own sentence, where it has one."""

    code: int
    told: str = ""
    field: str = ""


def meaning(code: int) -> str:
    """The English source string; "" for a code that only a newer server knows."""
    try:
        return MEANINGS[Code(code)]
    except ValueError:
        return ""


def word(code: int) -> str:
    try:
        return Code(code).word
    except ValueError:
        return f"code_{code}"
