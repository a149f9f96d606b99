"""How tabs are ordered, in words. What else stands on them is data (models.EmergencyText)."""

from django.utils.translation import gettext_lazy as _

LATEST_VISIT_FIRST = _("the latest visit first")
