"""The file of who belongs to a campaign: registered intent and listed groups (FEATURES C1)."""

from django.utils.translation import gettext_lazy as _

from apps.booking.models import Campaign, EligibilityEntry
from apps.booking.terms import EntryKind
from apps.imports.columns import Choice, Flag, PersonNumber, Reference
from apps.imports.kinds import Kind, publishing, register, removal, upsert

TABLE = EligibilityEntry._meta.db_table

# The words of manual 1.
KINDS = {kind.value: kind.value for kind in EntryKind} | {
    "意願登記": EntryKind.INTENT.value,
    "類別對象": EntryKind.GROUP.value,
}

ELIGIBILITY = register(
    Kind(
        name="eligibility",
        label=_("Eligibility list"),
        columns=[
            Reference(
                name="campaign",
                label=_("campaign code"),
                aliases=("期別", "期別代碼"),
                required=True,
                table=Campaign._meta.db_table,
                column="code",
                gives="id",
                gives_type="uuid",
            ),
            PersonNumber(
                name="national_id",
                label=_("national ID"),
                aliases=("身分證號", "身分證字號"),
                required=True,
            ),
            Choice(name="kind", label=_("kind"), aliases=("類別",), words=KINDS, required=True),
            Flag(name="listed", label=_("on the list"), aliases=("在名單",)),
        ],
        key=["national_id", "campaign", "kind"],
        publish=publishing(
            upsert(
                TABLE,
                key=["patient_id", "campaign_id", "kind"],
                values={"patient_id": "national_id", "campaign_id": "campaign", "kind": "kind"},
                where="listed IS NOT FALSE",
            ),
            removed=removal(
                TABLE,
                match={
                    "patient_id": "lines.national_id",
                    "campaign_id": "lines.campaign",
                    "kind": "lines.kind",
                },
                where="lines.listed IS FALSE",
            ),
        ),
    )
)
