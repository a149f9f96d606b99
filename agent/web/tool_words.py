"""What the console's tools say: settings, lights and the steps of the reader test."""

from dataclasses import dataclass

from agent.web.language import gettext_noop
from agent.web.words import Wording


@dataclass(frozen=True)
class SettingWords:
    """A setting of manual 4; `default` as the manual prints it."""

    title: str
    text: str
    default: str = ""


SETTINGS = {
    "hpcfastauth": SettingWords(
        gettext_noop("fast authentication of health professional cards"),
        gettext_noop(
            "One reader is enough: for 8 hours after the PIN, NHI services that accept it do without the "
            "card. Services of other agencies always want the card. Not together with CSREMOTE."
        ),
        "DISABLE",
    ),
    "cswatch": SettingWords(
        gettext_noop("small window with the reader's lights"),
        gettext_noop("Opens by itself when the agent starts, and from the console."),
        "DISABLE",
    ),
    "csremote": SettingWords(
        gettext_noop("use in remote-desktop sessions"),
        gettext_noop(
            "Off: the readers of this computer only (local). On: within a remote session the readers of "
            "the computer in front of you (remote), without fast authentication."
        ),
        "DISABLE",
    ),
    "clscsfsim": SettingWords(
        gettext_noop("closing the console leaves HIS programs running"),
        gettext_noop(
            "On: after the console was closed, HIS programs keep their interface. Off: the agent ends as "
            "a whole."
        ),
        "ENABLE",
    ),
    "reader_nhi": SettingWords(
        gettext_noop("Reader for the NHI card"),
        gettext_noop("Of several NHI cards, the one in this reader is taken without asking."),
    ),
    "reader_hpc": SettingWords(
        gettext_noop("Reader for the health professional's card"),
        gettext_noop("Of several such cards, the one in this reader is taken without asking."),
    ),
}

# The meanings of the lights, 0 to 3, as the manual prints them.
LIGHTS = {
    "nhi": (
        gettext_noop("not inserted"),
        gettext_noop("inserted"),
        gettext_noop("authenticated with the security module"),
        gettext_noop("medical mode, with the health professional's card"),
    ),
    "hpc": (
        gettext_noop("not inserted"),
        gettext_noop("inserted"),
        gettext_noop("authenticated with the security module"),
        gettext_noop("PIN verified"),
    ),
}

READER_TEST = {
    "insert": Wording(
        gettext_noop("Insert an NHI card into the reader"),
        gettext_noop("This page goes on by itself as soon as the card is in the reader."),
    ),
    "remove": Wording(
        gettext_noop("The NHI card was read. Remove it"),
        gettext_noop("This page goes on by itself as soon as the card is out."),
    ),
    "insert_again": Wording(
        gettext_noop("Once more: insert the NHI card"),
        gettext_noop("This page goes on by itself as soon as the card is in the reader."),
    ),
    "remove_again": Wording(
        gettext_noop("The NHI card was read again. Remove it"),
        gettext_noop("This page goes on by itself as soon as the card is out."),
    ),
    "insert_last": Wording(
        gettext_noop("The first stage is complete. Insert the NHI card"),
        gettext_noop("This page goes on by itself as soon as the card is in the reader."),
    ),
    "done": Wording(
        gettext_noop("The test is complete: this reader is OK"),
        gettext_noop("It can be used for everything this agent does."),
    ),
    "failed": Wording(
        gettext_noop("The test has failed"),
        gettext_noop("What was wrong is said below. Start the test again when it is put right."),
    ),
}
