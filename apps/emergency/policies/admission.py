"""Who may ask what for, and who sees which tab."""

from collections.abc import Sequence

from apps.emergency.terms import EMERGENCIES, PHARMACY_CODE, Purpose, Source


def purposes_of(*, has_emergency_department: bool, offers_video: bool) -> list[Purpose]:
    """What an institution may give as its purpose; none means that it may not query at all."""
    video = [Purpose.VIDEO] if offers_video else []
    return [*video, *EMERGENCIES] if has_emergency_department else video


def admits(*, enabled: bool, professions: Sequence[str], profession: str) -> bool:
    """Whether a tab is shown to a profession; without a list it is shown to all who may query (A8)."""
    return enabled and (not professions or profession in professions)


def source_of(*, institution_code: str, own_code: str) -> Source:
    """本院, 他院 or 藥局; one's own pharmacy is one's own."""
    if institution_code == own_code:
        return Source.OWN
    return Source.PHARMACY if institution_code.startswith(PHARMACY_CODE) else Source.OTHER
