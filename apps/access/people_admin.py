"""People in the back office: a name or birth date that was registered wrongly is corrected.

Whoever registers somebody first says how they are called; nobody else can change it by appointing
them again, so a slip would keep that person out everywhere.
"""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from apps.access.deeds import Deed, DeedAdmin
from apps.access.fetches import masked_ids
from apps.access.forms import CorrectionForm
from apps.access.models import Membership
from apps.access.services.people import correct_person
from apps.accounts.models import Person
from apps.audit.terms import Action
from apps.core import clock


@admin.register(Person)
class PersonAdmin(DeedAdmin):
    """The birth date is not shown: who calls says it, from the card."""

    list_display = ["name", "number", "is_active", "created_at"]
    search_fields = ["name"]
    fields = ["name", "number", "belongs_to", "is_active", "created_at"]
    readonly_fields = ["number", "belongs_to", "created_at"]
    target = "person"
    deeds = (
        Deed(
            "correct_person",
            _("Correct name and birth date"),
            correct_person,
            Action.CORRECT_PERSON,
            _("Corrected: the person can be appointed with these details now."),
            CorrectionForm,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        return super().get_queryset(request).filter(is_service=False)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The numbers of a whole page are asked for at once, not one for each line."""
        shown = super().get_changelist_instance(request)
        shown.result_list = people = list(shown.result_list)
        numbers = masked_ids([person.identity_id for person in people])
        for person in people:
            person.masked_id = numbers.get(person.identity_id, "")
        return shown

    @admin.display(description=_("National ID"))
    def number(self, person: Person) -> str:
        known: str | None = getattr(person, "masked_id", None)
        if known is not None:
            return known
        return masked_ids([person.identity_id]).get(person.identity_id, "")

    @admin.display(description=_("institution"))
    def belongs_to(self, person: Person) -> str:
        here = Membership.objects.in_force(clock.today()).filter(person=person)
        told = (
            f"{each.institution} {each.get_role_display()}"
            for each in here.select_related("institution").order_by("institution__code", "role")
        )
        return pgettext("between the parts of a list", ", ").join(told)
