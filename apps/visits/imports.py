"""The file of who is insured, with what the card says of its own validity (FEATURES G2)."""

from django.utils.translation import gettext_lazy as _

from apps.imports.columns import Choice, Code, Day, Flag, Number, PersonNumber
from apps.imports.kinds import Kind, publishing, register, upsert
from apps.visits.models import InsuranceStatus
from apps.visits.terms import IdentityMark, InsuranceState

STATES = {state.value: state.value for state in InsuranceState} | {
    "在保": InsuranceState.INSURED.value,
    "停保": InsuranceState.SUSPENDED.value,
    "退保": InsuranceState.WITHDRAWN.value,
}
MARKS = {mark.value: mark.value for mark in IdentityMark}

# Visits were given since the list was made. The same list again must not refill them; another number,
# or a list of a later day, is the agency's newer word.
NEWER = 'given."known_on" > target."known_on"'
VISITS_LEFT = f"""
    CASE WHEN given."visits_reported" IS DISTINCT FROM target."visits_reported" OR {NEWER}
         THEN given."visits_left" ELSE target."visits_left" END
"""
OLDER = 'coalesce(given."known_on" < target."known_on", false)'

INSURANCE = register(
    Kind(
        name="insurance",
        label=_("Insurance status"),
        columns=[
            PersonNumber(
                name="national_id",
                label=_("national ID"),
                aliases=("身分證號", "身分證字號"),
                required=True,
            ),
            Choice(
                name="state", label=_("state"), aliases=("在保狀態",), words=STATES, required=True
            ),
            Flag(name="arrears", label=_("arrears"), aliases=("欠費",)),
            Code(
                name="insurer",
                label=_("insurer code"),
                aliases=("保險人代碼",),
                pattern="[0-9A-Z]{2}",
            ),
            Choice(
                name="identity_mark", label=_("identity mark"), aliases=("身分註記",), words=MARKS
            ),
            Day(name="birth_date", label=_("birth date"), aliases=("出生日期",), past=True),
            Day(name="card_valid_until", label=_("card valid until"), aliases=("卡片有效期限",)),
            Flag(name="card_cancelled", label=_("card cancelled"), aliases=("卡片註銷",)),
            Flag(name="card_password", label=_("card has a password"), aliases=("卡片密碼",)),
            Number(
                name="visits_left",
                label=_("visits left"),
                aliases=("就醫可用次數",),
                required=True,
                most=99,
            ),
            Day(name="known_on", label=_("as of"), aliases=("資料日期",), past=True),
            Day(
                name="newborn_birth_date",
                label=_("birth date of the newborn"),
                aliases=("新生兒出生日期",),
                past=True,
            ),
            Code(
                name="newborn_mark",
                label=_("which of twins"),
                aliases=("新生兒胞胎註記",),
                pattern="[0-9]",
            ),
        ],
        key=["national_id"],
        publish=publishing(
            upsert(
                InsuranceStatus._meta.db_table,
                key=["patient_id"],
                values={
                    "patient_id": "national_id",
                    "state": "state",
                    "arrears": "coalesce(arrears, false)",
                    "insurer": "coalesce(insurer, '01')",
                    "identity_mark": f"coalesce(identity_mark, '{IdentityMark.GENERAL}')",
                    "born_on": "birth_date",
                    "card_valid_until": "card_valid_until",
                    "card_cancelled": "coalesce(card_cancelled, false)",
                    "card_password": "card_password",
                    "visits_left": "visits_left",
                    "visits_reported": "visits_left",
                    "known_on": "known_on",
                    "newborn_born_on": "newborn_birth_date",
                    "newborn_mark": "coalesce(newborn_mark, '')",
                },
                corrections={
                    "visits_left": VISITS_LEFT,
                    "known_on": 'coalesce(given."known_on", target."known_on")',
                },
                unless=OLDER,
            )
        ),
    )
)
