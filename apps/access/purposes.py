"""What a query may be for: a service that asks for a purpose registers its words from above.

Which of them are open at present is a rule of the service (`Service.purposes`), which decide() brings
along.
"""

from django.db.models import TextChoices

_words: dict[str, type[TextChoices]] = {}


def asks_for_purpose(service: str, purposes: type[TextChoices]) -> None:
    """For an app's ready(): the service (its code) has a purpose for each query, one of these."""
    _words[service] = purposes


def purposes_of(service: str) -> list[TextChoices]:
    """All that there are, in the order in which people choose; none where nobody asks."""
    return list(_words.get(service, ()))


def find_purpose(code: str) -> TextChoices:
    """The word of any service; ValueError for a code that none has."""
    for purposes in _words.values():
        if code in purposes.values:
            return purposes(code)
    raise ValueError(code)
