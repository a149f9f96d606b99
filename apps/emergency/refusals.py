"""What somebody who asks in an emergency is told when a page does not open."""

from django.utils.translation import gettext_lazy as _

from apps.core.errors import Denied, Refusal


class AlertFirst(Refusal):
    """The travel and contact history is shown before anything else (manual 3, 四(二) and (三))."""

    code = "IMQ-ALERT"
    message = _("The notice on travel and contact history has to be read and closed first.")
    way_on = _("Please go back to the notice and close it.")


class ConsentFirst(Refusal):
    """The card has a password (manual 3, 四(五))."""

    code = "IMQ-CONSENT"
    message = _("The patient's NHI card has a password: the patient's consent comes first.")
    way_on = _("Please go back and enter the consent, or why it could not be obtained.")


class TabNotShown(Denied):
    code = "IMQ-TAB"
    message = _("This tab is not shown to your profession, or is switched off.")
    way_on = _("Please use the tabs that the page offers.")
