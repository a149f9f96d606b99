"""The shape of what the agent says to people."""

from dataclasses import dataclass

from agent.web.language import gettext_noop


@dataclass(frozen=True)
class Wording:
    """`text` says what happened, `way` what to do now."""

    title: str
    text: str
    way: str = ""


GO_BACK = gettext_noop("Go back and start again from there.")
