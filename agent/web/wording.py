"""What every problem and every kind of card is called, in English source strings."""

from dataclasses import dataclass

from agent.cards.kinds import CardKind
from agent.web.language import gettext_noop

KIND_NAMES = {
    CardKind.HPC: gettext_noop("Medical personnel card (HPC)"),
    CardKind.NHI: gettext_noop("NHI card"),
    CardKind.CITIZEN: gettext_noop("Citizen digital certificate"),
    CardKind.INSTITUTION: gettext_noop("Medical institution card"),
    CardKind.GOVERNMENT: gettext_noop("Government certificate card"),
}
UNKNOWN_CARD = gettext_noop("A card this agent does not know")
MUTE_CARD = gettext_noop("A card that does not answer")

UNLOCK = {
    CardKind.HPC: gettext_noop(
        "Ask the Healthcare Certification Authority (HCA) to unlock it, on its website or by phone."
    ),
    CardKind.INSTITUTION: gettext_noop(
        "Ask the Healthcare Certification Authority (HCA) to unlock it, on its website or by phone."
    ),
    CardKind.CITIZEN: gettext_noop(
        "Unlock it on the website of MOICA (the Ministry of the Interior's certification "
        "authority), or at any household registration office."
    ),
    CardKind.GOVERNMENT: gettext_noop(
        "Ask the Government Certification Authority (GCA) to unlock it, through your agency."
    ),
}


@dataclass(frozen=True)
class Wording:
    """`text` says what happened, `way` what to do now."""

    title: str
    text: str
    way: str = ""


GO_BACK = gettext_noop("Go back and start again from there.")

WORDINGS = {
    "card_removed": Wording(
        gettext_noop("The card was removed"),
        gettext_noop("The card left the reader before the work was done. Nothing was sent."),
        gettext_noop("Put the card in, leave it there, and try again."),
    ),
    "card_mute": Wording(
        gettext_noop("The card does not answer"),
        gettext_noop("There is a card in the reader, but its chip does not answer."),
        gettext_noop(
            "Check that the chip faces the right way, wipe it with a dry cloth, and try again."
        ),
    ),
    "card_unreadable": Wording(
        gettext_noop("The card cannot be read"),
        gettext_noop("The card answered, but its data are damaged or not those of its kind."),
        gettext_noop(
            "Take the card out, put it in again, and try once more. If it fails again, the card "
            "has to be replaced by its issuer."
        ),
    ),
    "card_changed": Wording(
        gettext_noop("Another card is in the reader"),
        gettext_noop("The card was changed after this page was shown. No try was spent."),
        gettext_noop("Check the name below, then type the PIN of this card."),
    ),
    "reader_busy": Wording(
        gettext_noop("The reader is busy"),
        gettext_noop("Another program is using the card at this moment."),
        gettext_noop("Wait until the other program has finished, and try again."),
    ),
    "pin_length": Wording(
        gettext_noop("The PIN has 6 to 8 digits"),
        gettext_noop("What was typed has another length or other characters. No try was spent."),
        gettext_noop("Type the PIN again."),
    ),
    "pin_wrong": Wording(
        gettext_noop("The PIN is wrong"),
        gettext_noop("Tries left: %(tries)s. When none are left, the card locks itself."),
        gettext_noop("Type the PIN again."),
    ),
    "pin_locked": Wording(
        gettext_noop("The card's PIN is locked"),
        gettext_noop("The PIN was wrong too often, and the card has locked itself."),
    ),
    "form_outdated": Wording(
        gettext_noop("This page was out of date"),
        gettext_noop("The form was already used, here or in another tab. No try was spent."),
        gettext_noop("Type the PIN again."),
    ),
    "server_unknown": Wording(
        gettext_noop("This server is not in the list"),
        gettext_noop(
            "The agent on this computer only works with the servers it was installed for."
        ),
        gettext_noop("Add the server with the installation program, or ask the help desk."),
    ),
    "server_unreachable": Wording(
        gettext_noop("The server cannot be reached"),
        gettext_noop("The agent got no answer from the server in time."),
        gettext_noop("Check the network connection of this computer, and try again."),
    ),
    "server_answer_invalid": Wording(
        gettext_noop("The server's answer cannot be understood"),
        gettext_noop(
            "The server answered something that this agent does not know. Nothing was sent on."
        ),
        gettext_noop("Try again. If it fails again, the agent or the server has to be updated."),
    ),
    "server_refused": Wording(
        gettext_noop("The server refused"),
        gettext_noop("The server does not accept this card request."),
        GO_BACK,
    ),
    "transaction_expired": Wording(
        gettext_noop("The time for this card request is over"),
        gettext_noop("A card request is good for a few minutes only."),
        GO_BACK,
    ),
    "transaction_superseded": Wording(
        gettext_noop("A newer card request has taken over"),
        gettext_noop("Another card request was started on this computer after this one."),
        GO_BACK,
    ),
    "transaction_forgotten": Wording(
        gettext_noop("The agent was restarted"),
        gettext_noop("The agent no longer knows this card request. The PIN was not used."),
        gettext_noop("Try again: the card request is taken up where it was."),
    ),
    "transaction_malformed": Wording(
        gettext_noop("This address is not complete"),
        gettext_noop(
            "The address of a card request is made by the server and cannot be typed by hand."
        ),
        GO_BACK,
    ),
    "host_foreign": Wording(
        gettext_noop("Wrong address"),
        gettext_noop("The agent only answers under its own address on this computer."),
    ),
    "origin_foreign": Wording(
        gettext_noop("This request came from another site"),
        gettext_noop("The agent only takes orders from its own pages. Nothing was done."),
    ),
    "not_a_navigation": Wording(
        gettext_noop("This page must be opened by itself"),
        gettext_noop("The agent's pages cannot be loaded ahead, inside other pages or by scripts."),
        GO_BACK,
    ),
    "content_type_unsupported": Wording(
        gettext_noop("Wrong kind of content"),
        gettext_noop("The agent does not take this kind of content here."),
    ),
    "request_malformed": Wording(
        gettext_noop("The request cannot be read"),
        gettext_noop("Something is missing in the request, or has the wrong form."),
    ),
    "card_unknown": Wording(
        gettext_noop("There is no such card"),
        gettext_noop("The folder of virtual cards holds no sound card of this name."),
    ),
    "reader_unknown": Wording(
        gettext_noop("There is no such reader"),
        gettext_noop("The agent has no reader of this number."),
    ),
    "not_found": Wording(
        gettext_noop("There is no such page"),
        gettext_noop("The agent has nothing under this address."),
    ),
    "method_not_allowed": Wording(
        gettext_noop("This cannot be done here"),
        gettext_noop("This address does not take this kind of request."),
    ),
}
