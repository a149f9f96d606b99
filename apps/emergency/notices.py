"""The notices of manual 3 (四、(三)), and ours for what it leaves unsaid."""

from django.utils.translation import gettext_lazy as _

# Manual 3, notices 1 and 2 (printed on one line), 3 and 4.
DRUGS_MAY_BE_MISSING = _(
    "1. The data of this system hold no drugs paid for by oneself, and drugs claimed in summary may be"
    " under-reported; data arrive with a delay of 24 to 48 hours. 2. Please ask the patient about the"
    " drugs taken, in order to know them all."
)
DIAGNOSIS_FROM_CLAIMS = _(
    "3. The column “main diagnosis” shows data of the claims of contracted institutions, for reference"
    " only; the medical record tells the true diagnosis."
)
DISPENSE_WITHIN_TEN_DAYS = _(
    "4. A prescription for chronic illness may be dispensed again only within the ten days before the"
    " supply ends."
)
DRUGS = (DRUGS_MAY_BE_MISSING, DIAGNOSIS_FROM_CLAIMS)
# Ours.
DELAY = _("Data arrive with a delay of 24 to 48 hours.")
CLAIMS = (DELAY, DIAGNOSIS_FROM_CLAIMS)
LATEST_VISIT_FIRST = _("the latest visit first")
