"""Which version of the agent is the newest: agents that ask are told, and say so in their diagnosis."""

from django.conf import settings

from apps.workstations.models import AgentRelease


def note_release(*, version: str) -> None:
    """A bundle of this version was published; the same again changes nothing."""
    AgentRelease.objects.get_or_create(version=version)


def newest_version() -> str:
    """The highest of what was published and what the settings name."""
    published = AgentRelease.objects.values_list("version", flat=True)
    return max([settings.AGENT_NEWEST_VERSION, *published], key=numbers_of)


def numbers_of(version: str) -> list[int]:
    """`0.10.2` as numbers that compare; whatever is no version comes before all of them."""
    digits = "".join(letter if letter.isascii() and letter.isdigit() else " " for letter in version)
    return [int(number) for number in digits.split()]
