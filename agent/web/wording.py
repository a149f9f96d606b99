"""What every problem and every kind of card is called, in English source strings."""

from agent.cards.kinds import CardKind
from agent.web.language import gettext_noop
from agent.web.server_words import SERVER_WORDINGS
from agent.web.words import GO_BACK, Wording

KIND_NAMES = {
    CardKind.HPC: gettext_noop("Health professional card (HPC)"),
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
    "card_kind_wrong": Wording(
        gettext_noop("Another kind of card"),
        gettext_noop("This card is in order, but it is not the one wanted here."),
        gettext_noop("Take it out, or put the wanted card into the other reader."),
    ),
    "card_foreign": Wording(
        gettext_noop("A card this agent does not know"),
        gettext_noop(
            "It is neither an NHI card nor a card of the health, citizen or government certificates."
        ),
        gettext_noop("Take it out, and insert the card that is named above."),
    ),
    "pin_last_try": Wording(
        gettext_noop("This is the last try"),
        gettext_noop(
            "If the PIN is wrong once more, the card locks itself, and only its issuer can unlock it."
        ),
        gettext_noop("Cancel if you are not sure."),
    ),
    "card_missing": Wording(
        gettext_noop("The card is not in the reader"),
        gettext_noop("The readers of this computer hold no card yet."),
        gettext_noop("Insert the card that is named above."),
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
    "reader_missing": Wording(
        gettext_noop("No card reader is connected"),
        gettext_noop("The smart-card service knows of no reader on this computer."),
        gettext_noop("Connect a card reader to this computer."),
    ),
    "reader_gone": Wording(
        gettext_noop("The reader was unplugged"),
        gettext_noop("The card reader left the computer before the work was done."),
        gettext_noop("Plug the reader in again, wait until its light is on, and try again."),
    ),
    "service_stopped": Wording(
        gettext_noop("The smart-card service does not answer"),
        gettext_noop("Without this service of the operating system no reader can be used."),
        gettext_noop(
            "Plug the reader in again. If that does not help, restart the service (Smart Card on "
            "Windows, pcscd on Linux) or the computer."
        ),
    ),
    "card_module_missing": Wording(
        gettext_noop("The card's program library cannot be loaded"),
        gettext_noop("The PKCS#11 module of the card's issuer is missing or of another kind."),
        gettext_noop(
            "Install the issuer's card software, of the same kind (64-bit or 32-bit) as this agent."
        ),
    ),
    "card_module_failed": Wording(
        gettext_noop("The card's program library failed"),
        gettext_noop("The PKCS#11 module of the card's issuer gave no usable answer in time."),
        gettext_noop(
            "Take the card out, put it in again, and try again. If it fails again, reinstall the "
            "issuer's card software."
        ),
    ),
    "card_error": Wording(
        gettext_noop("The card could not be used"),
        gettext_noop("The reader reported a fault that this agent does not know."),
        gettext_noop("Take the card out, put it in again, and try again."),
    ),
    "pin_pad_cancelled": Wording(
        gettext_noop("The PIN was not confirmed on the reader"),
        gettext_noop("The cancel key was pressed, or the time to type was over."),
        gettext_noop("Start again, type the PIN on the reader and confirm it there."),
    ),
    "pin_wrong_uncounted": Wording(
        gettext_noop("This PIN is wrong"),
        gettext_noop(
            "The card does not say how many tries are left. When none are left, it locks itself."
        ),
        gettext_noop("Type the PIN again only if you are sure of it."),
    ),
    "agent_busy": Wording(
        gettext_noop("The agent is busy"),
        gettext_noop("Another page of this card request is still working with the card."),
        gettext_noop("Wait a moment, or finish typing the PIN on the reader, and try again."),
    ),
    "user_foreign": Wording(
        gettext_noop("The agent belongs to another user"),
        gettext_noop(
            "Another user of this computer started the card agent. It only serves that user."
        ),
        gettext_noop("Sign in to the computer as that user, or start an agent of your own."),
    ),
    "server_untrusted": Wording(
        gettext_noop("The server cannot prove who it is"),
        gettext_noop(
            "Its certificate or its key is not the one this computer was enrolled with. Something "
            "between this computer and the server may be reading along. Nothing was sent."
        ),
        gettext_noop("Do not go on. Tell the help desk."),
    ),
    "server_date": Wording(
        gettext_noop("The server's certificate is not valid on this day"),
        gettext_noop(
            "Either this computer's clock shows a wrong day, or the certificate has run out. Nothing "
            "was sent."
        ),
        gettext_noop(
            "Look at date, time and time zone of this computer and have them set automatically. If "
            "they are right, tell the help desk."
        ),
    ),
    "module_malformed": Wording(
        gettext_noop("This file is no security module"),
        gettext_noop("A security module is a file that ends in .SAM and was not changed."),
        gettext_noop("Download the security module again, and do not open it with an editor."),
    ),
    "reader_test_other_card": Wording(
        gettext_noop("This is no NHI card"),
        gettext_noop("The reader works, but the test needs an NHI card."),
        gettext_noop("Take this card out, and insert an NHI card."),
    ),
    "reader_test_too_early": Wording(
        gettext_noop("The card was removed too early"),
        gettext_noop("The card left the reader before it was read."),
        gettext_noop("Insert it again, and leave it there until this page says so."),
    ),
    "watch_off": Wording(
        gettext_noop("The window with the lights is switched off"),
        gettext_noop("CSWATCH is DISABLE, as it is by default."),
        gettext_noop("Switch it on in the settings."),
    ),
    "remote_session_off": Wording(
        gettext_noop("This is a remote-desktop session"),
        gettext_noop(
            "The readers that are seen here are those of the computer in front of you, and this agent "
            "is set to use the readers of its own computer only."
        ),
        gettext_noop(
            "Switch on CSREMOTE in the settings of the agent's console, or work at the computer itself."
        ),
    ),
    "options_conflict": Wording(
        gettext_noop("These two settings exclude each other"),
        gettext_noop("HPCFASTAUTH and CSREMOTE cannot both be ENABLE. Nothing was saved."),
        gettext_noop("Set one of them to DISABLE."),
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
        gettext_noop(
            "Its form was already used, here or in another tab. What was typed this time did not reach "
            "the card: no try was spent."
        ),
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
        gettext_noop("This card request was not completed"),
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
        gettext_noop("The agent no longer knows this card request"),
        gettext_noop(
            "It was restarted meanwhile, or this page was open for too long. The PIN was not used."
        ),
        gettext_noop("Try again: a card request that is still good is taken up where it was."),
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
        gettext_noop("The agent only answers under its own address on this computer, %(origin)s."),
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
        gettext_noop("The agent takes only %(wanted)s here, and the request has to say so."),
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

WORDINGS |= SERVER_WORDINGS
