"""The probes of the machines around us."""

from django.http import JsonResponse
from django.views.decorators.http import require_GET

from apps.access.guards import Open, guard
from apps.access.http import GuardedRequest
from apps.portal.services import check_readiness, check_warnings, measure_sealing_lag


@guard(Open())
@require_GET
def healthz(request: GuardedRequest) -> JsonResponse:
    """The process is alive; nothing else is asked."""
    return JsonResponse({"alive": True})


@guard(Open())
@require_GET
def readyz(request: GuardedRequest) -> JsonResponse:
    """503 while a part that requests need does not answer; warnings are for the operators."""
    checks = check_readiness()
    ready = all(checks.values())
    answer = {
        "ready": ready,
        "checks": checks,
        "warnings": check_warnings(),
        "sealing_lag": measure_sealing_lag(),
    }
    return JsonResponse(answer, status=200 if ready else 503)
