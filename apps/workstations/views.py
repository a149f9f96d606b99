"""The representative's page of security modules (安全模組; manual 4)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.access.guards import Manages, Represents, guard
from apps.access.http import GuardedRequest, own_institution
from apps.audit.terms import Action
from apps.workstations import fetches, services
from apps.workstations.forms import ApplyModuleForm
from apps.workstations.modules import file_content, file_name
from apps.workstations.releases import newest_version


@guard(Represents(), Action.APPLY_MODULE)
@require_http_methods(["GET", "POST"])
def list_modules(request: GuardedRequest) -> HttpResponse:
    """The institution's modules and computers; applying for one more."""
    here = own_institution(request)
    form = ApplyModuleForm(request.POST or None)
    if request.method == "GET":
        services.issue_first_module(institution=fetches.fetch_institution(here))
    if request.method == "POST" and form.is_valid():
        services.apply_module(
            institution=fetches.fetch_institution(here),
            name=form.cleaned_data["name"],
            by=request.actor,
        )
        messages.success(request, _("The security module is ready to be downloaded."))
        return redirect("list_modules")
    context = {"form": form, **_computers(here)}
    status = 400 if form.errors else 200
    return render(request, "workstations/list_modules.html", context, status=status)


@guard(Manages())
@require_GET
def show_workstations(request: GuardedRequest) -> HttpResponse:
    """For managers, to look at: which computers there are, when seen, with which version."""
    context = _computers(own_institution(request))
    return render(request, "workstations/show_workstations.html", context)


def _computers(institution: UUID) -> dict[str, Any]:
    """What both pages show."""
    return {
        "modules": fetches.fetch_modules(institution),
        "others": fetches.fetch_other_workstations(institution),
        "newest_version": newest_version(),
    }


@guard(Represents(), Action.DOWNLOAD_MODULE)
@require_POST
def download_module(request: GuardedRequest, module_id: UUID) -> HttpResponse:
    """The `.SAM` file, once."""
    module = fetches.fetch_module(module_id, institution=own_institution(request))
    token = services.download_module(module=module, by=request.actor)
    response = HttpResponse(file_content(module, token), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{file_name(module)}"'
    return response


@guard(Represents(), Action.REVOKE_MODULE)
@require_POST
def revoke_module(request: GuardedRequest, module_id: UUID) -> HttpResponse:
    module = fetches.fetch_module(module_id, institution=own_institution(request))
    services.revoke_module(module=module, by=request.actor)
    messages.success(request, _("The security module is revoked; its computer is locked out."))
    return redirect("list_modules")


@guard(Represents(), Action.APPLY_MODULE)
@require_POST
def replace_module(request: GuardedRequest, module_id: UUID) -> HttpResponse:
    """For a computer that was exchanged, or a file that was lost."""
    module = fetches.fetch_module(module_id, institution=own_institution(request))
    services.replace_module(module=module, by=request.actor)
    messages.success(
        request, _("The old security module has ended; the new one is ready to be downloaded.")
    )
    return redirect("list_modules")


@guard(Represents(), Action.REVOKE_WORKSTATION)
@require_POST
def revoke_workstation(request: GuardedRequest, workstation_id: UUID) -> HttpResponse:
    """A computer that came in without a module."""
    here = own_institution(request)
    workstation = fetches.fetch_workstation(workstation_id, institution=here)
    services.revoke_workstation(workstation=workstation, by=request.actor)
    messages.success(request, _("The computer is locked out."))
    return redirect("list_modules")
