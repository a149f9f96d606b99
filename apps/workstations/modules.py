"""What can be wrong with a security module, and the file itself (card-protocol, section 8)."""

import json

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Denied, Gone, Refusal
from apps.workstations.models import SecurityModule

FORMAT = "ankang-sam/1"


class ModuleUnknown(Denied):
    code = "SAM-UNKNOWN"
    message = _("This security module is not known or its file was changed.")
    way_on = _("Please ask the representative of your institution for a new security module.")


class ModuleUsed(Refusal):
    code = "SAM-USED"
    message = _("This security module is already in use at another computer.")
    way_on = _("Each computer needs a security module of its own: please apply for another one.")


class ModuleExpired(Gone):
    code = "SAM-EXPIRED"
    message = _("This security module was not put to use within 30 days and has expired.")
    way_on = _("Please ask the representative of your institution for a new security module.")


class ModuleRevoked(Denied):
    code = "SAM-REVOKED"
    message = _("This security module has been revoked.")
    way_on = _("Please ask the representative of your institution for a new security module.")


class WorkstationUnknown(Denied):
    code = "WS-UNKNOWN"
    message = _("This computer is not a workstation of any institution.")
    way_on = _("Please ask the representative of your institution for a new security module.")


class WorkstationRevoked(Denied):
    code = "WS-REVOKED"
    message = _("The security module of this workstation has been revoked.")
    way_on = _("Please ask the representative of your institution for a new security module.")


class OtherInstitution(Refusal):
    code = "SAM-OTHER-INSTITUTION"
    message = _("This computer is a workstation of another institution.")
    way_on = _("Its representative has to revoke it first.")


class AlreadyDownloaded(Refusal):
    code = "SAM-DOWNLOADED"
    message = _("This security module was already downloaded; its file exists only once.")
    way_on = _("If the file was lost, please revoke the module and apply for a new one.")


def file_name(module: SecurityModule) -> str:
    return f"{module.institution.code}{module.module_code}.SAM"


def file_content(module: SecurityModule, token: str) -> str:
    """The one-time bundle, as UTF-8 JSON."""
    body = {
        "format": FORMAT,
        "origin": settings.ORIGIN,
        "institution_code": module.institution.code,
        "institution_name": module.institution.name,
        "module_code": module.module_code,
        "token": token,
        "pins": settings.TLS_PINS if settings.SECURE else [],
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"
