"""Words of visits: the manual's marks, kinds and return codes."""

from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

SERVICE = "HIS"  # in events; a HIS works by its workstation, not by a person's grant
ROLE = "WORKSTATION"
WEB_SERVICE = "11"  # service code of the web API for visit identifiers (manual 4, chapter 5)
SAM_CARD = "3"  # sCardType: the signature is the security module's


class InsuranceState(TextChoices):
    """Whether somebody is insured (在保、停保、退保)."""

    INSURED = "INSURED", _("insured")
    SUSPENDED = "SUSPENDED", _("suspended")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")


class IdentityMark(TextChoices):
    """身分註記 of API 1.2 (reference/cards.md 3.3)."""

    LOW_INCOME = "1", _("low income")
    VETERAN = "2", _("veteran")
    GENERAL = "3", _("general")
    LOWER_MIDDLE = "4", _("lower middle income")
    DISASTER = "8", _("disaster victim")


class OrderKind(TextChoices):
    """醫令類別, D02."""

    DRUG = "1", _("drug, not long-term")
    LONG_TERM_DRUG = "2", _("long-term drug")
    TREATMENT = "3", _("treatment")
    MATERIAL = "4", _("special material")


class DeliveryMark(TextChoices):
    """交付註記."""

    SELF_DISPENSED = "01", _("dispensed here")
    HANDED_OVER = "02", _("handed over for dispensing")
    SELF_DONE = "03", _("carried out here")


# 就醫類別 that take a number of the year and one of the visits left; the others go on with the last
# one (same course, preventive care). Kept as data because they change with versions
# (reference/cards.md 8).
COUNTED_ITEMS = frozenset({"01", "02", "03", "04", "05"})
UNCOUNTED_ITEMS = frozenset(
    {f"A{letter}" for letter in "ABCDEFGHI"} | {f"B{letter}" for letter in "ABCDEF"} | {"CA"}
)
TREAT_ITEMS = COUNTED_ITEMS | UNCOUNTED_ITEMS
MAKE_UP = {"1": False, "2": True}  # 補卡註記: 1 normal, 2 made up later
NEWBORN = {"": False, "N": False, "Y": True}  # 新生兒就醫註記
NEWBORN_DAYS = 60  # a newborn is treated on a parent's card for so long
TAKEN_BACK_WITHIN = timedelta(hours=24)  # 退掛 (reference/cards.md 3.3, API 1.39)
