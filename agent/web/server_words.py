"""What servers refuse, in the agent's words."""

from agent.web.language import gettext_noop
from agent.web.words import GO_BACK, Wording

# What servers refuse, by their own codes: the text is the server's sentence where it sent one, title
# and way on are ours. Codes that are not here are shown as "server_refused".
SERVER_WORDINGS = {
    "AGENT-OLD": Wording(
        gettext_noop("The agent is too old"),
        gettext_noop("The server asks for a newer version of the card agent."),
        gettext_noop("Install the newest version from the server's download page."),
    ),
    "CARD-DEMO": Wording(
        gettext_noop("Virtual cards do not work here"),
        gettext_noop("This server takes real cards only."),
        gettext_noop("Use your real card, at an agent without virtual cards."),
    ),
    "CARD-NOT-ENROLLED": Wording(
        gettext_noop("This workstation is not enrolled"),
        gettext_noop("NHI cards can only be read at a workstation with a security module."),
        gettext_noop(
            "Ask the representative of the institution for a security module, and load it on the "
            "agent's console."
        ),
    ),
    "CARD-WORKSTATION": Wording(
        gettext_noop("This workstation belongs to another institution"),
        gettext_noop("The session in the browser is of another institution or workstation."),
        gettext_noop("Log out, and log in again at this workstation."),
    ),
    "CARD-OTHER-PERSON": Wording(
        gettext_noop("This is another person's card"),
        gettext_noop("The card has to be the one of the person who is logged in."),
        gettext_noop("Insert your own card, or log out so that the other person can log in."),
    ),
    "CARD-READER": Wording(
        gettext_noop("This reader does not serve here"),
        gettext_noop("The server asks for another kind of reader with this card."),
        gettext_noop("Go back and choose the chip card reader, or use another workstation."),
    ),
    "CARD-EXPIRED": Wording(
        gettext_noop("The server has closed this card request"),
        gettext_noop("A card request is good for a few minutes only, and once."),
        GO_BACK,
    ),
    "WS-REVOKED": Wording(
        gettext_noop("This workstation's security module was revoked"),
        gettext_noop("The server does not accept card requests of this workstation any more."),
        gettext_noop(
            "Ask the representative of the institution for a new security module, and load it on "
            "the agent's console."
        ),
    ),
    "WS-UNKNOWN": Wording(
        gettext_noop("The server does not know this workstation"),
        gettext_noop("The server knows no workstation with this agent's key."),
        gettext_noop(
            "Ask the representative of the institution for a security module, and load it on the "
            "agent's console."
        ),
    ),
    "SAM-UNKNOWN": Wording(
        gettext_noop("The server does not know this security module"),
        gettext_noop("The file is of another server, or was changed."),
        gettext_noop("Download the security module again, and do not open it with an editor."),
    ),
    "SAM-USED": Wording(
        gettext_noop("This security module was already used"),
        gettext_noop("A security module enrols one workstation, once."),
        gettext_noop("Ask the representative of the institution for another one."),
    ),
    "SAM-EXPIRED": Wording(
        gettext_noop("This security module is too old"),
        gettext_noop("A security module has to be used within 30 days of its download."),
        gettext_noop("Ask the representative of the institution for another one."),
    ),
    "SAM-REVOKED": Wording(
        gettext_noop("This security module was revoked"),
        gettext_noop("The institution or the operator withdrew it."),
        gettext_noop("Ask the representative of the institution for another one."),
    ),
    "SAM-OTHER-INSTITUTION": Wording(
        gettext_noop("This workstation is enrolled for another institution"),
        gettext_noop("Its key is already registered with another institution."),
        gettext_noop("Ask the help desk to release the workstation first."),
    ),
    "his_function_unknown": Wording(
        gettext_noop("There is no such function"),
        gettext_noop("The functions and their exact names stand in the HIS reference."),
    ),
    "his_function_misspelt": Wording(
        gettext_noop("There is no function of exactly this name"),
        gettext_noop("%(meant)s is written nearly so. Names are exact, also in their case."),
    ),
    "his_body_malformed": Wording(
        gettext_noop("The parameters cannot be read"),
        gettext_noop(
            "The body has to be one JSON object in UTF-8 of at most 64 KiB, for example {}. Big5 stands in "
            "the answer's buffer only."
        ),
    ),
    "his_no_program": Wording(
        gettext_noop("This is no call of a program"),
        gettext_noop(
            "HIS functions are for programs on this computer, not for pages in a browser: a call carries "
            "neither Origin nor Sec-Fetch-Site, not even of the agent's own pages."
        ),
    ),
    "his_token_wrong": Wording(
        gettext_noop("The local token is missing or wrong"),
        gettext_noop(
            "A HIS program sends the content of the file his.token of the agent's home as "
            "Authorization: Bearer."
        ),
    ),
}
