"""The words of the codes that stand in events."""

from django.db.models import TextChoices

from apps.access.terms import Reason
from apps.accounts.terms import CardKind, SessionRole
from apps.audit.terms import Fault
from apps.emergency.terms import Purpose as EmergencyPurpose
from apps.oversight.terms import OwnRole, SearchPurpose
from apps.queries.terms import Consent

# Where the words of a code stand. Whoever brings a new code adds its words here.
ROLES: tuple[type[TextChoices], ...] = (SessionRole, OwnRole)
REASONS: tuple[type[TextChoices], ...] = (Reason, Fault)
PURPOSES: tuple[type[TextChoices], ...] = (SearchPurpose, EmergencyPurpose)
CONSENTS: tuple[type[TextChoices], ...] = (Consent,)
CARDS: tuple[type[TextChoices], ...] = (CardKind,)


def words_of(code: str, *places: type[TextChoices]) -> str:
    """The words of a code, or the code itself where nobody has written any."""
    for place in places:
        if code and code in place.values:
            return str(place(code).label)
    return code
