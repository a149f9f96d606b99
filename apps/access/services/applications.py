"""健保服務申請作業: an institution applies for a service, the operator decides (manual 1, STEP.3)."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.access.audiences import has_facility, is_meant_for
from apps.access.models import Entitlement, Service, ServiceApplication
from apps.access.terms import ApplicationState, EntitlementSource, EntitlementState
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import Invalid, NotFound, Refusal
from apps.institutions.models import Institution


class NotForThisInstitution(Refusal):
    code = "ACC-AUDIENCE"
    message = _("This service is not meant for this kind of institution.")


class FacilityNeeded(NotForThisInstitution):
    """As the register says, which the branch can correct."""

    code = "ACC-FACILITY"
    message = _(
        "This service is only for institutions with an emergency department or video consultation."
    )
    way_on = _("If your institution has one, please ask your branch to correct the register.")


class AppliedAlready(Refusal):
    code = "ACC-APPLIED"
    message = _("Your institution has applied for this service or is entitled to it already.")


def apply_for_service(
    *, service: str, institution: UUID, note: str = "", by: Actor
) -> ServiceApplication:
    """Asks the operator for a service.

    Raises NotFound, NotForThisInstitution, FacilityNeeded, AppliedAlready.
    """
    wanted = Service.objects.filter(code=service, enabled=True).first()
    if wanted is None:
        raise NotFound(reason="no_such_service")
    place = Institution.objects.get(pk=institution)
    if not is_meant_for(wanted, place):
        raise NotForThisInstitution(reason="kind_of_institution")
    if not has_facility(wanted, place):
        raise FacilityNeeded(reason="facility")
    entitled = Entitlement.objects.in_force(clock.today()).filter(
        institution=institution, service=wanted
    )
    if entitled.exists():
        raise AppliedAlready
    try:
        with transaction.atomic():
            application = ServiceApplication.objects.create(
                institution_id=institution,
                service=wanted,
                note=note.strip(),
                requested_by_id=by.a_person,
            )
            record_change(_about(Action.APPLY_SERVICE, application, by=by))
    except IntegrityError as error:  # one_open_application_per_service
        raise AppliedAlready from error
    return application


def approve_application(*, application: UUID, reason: str = "", by: Actor) -> Entitlement:
    """Entitles the institution. Raises NotFound when somebody else decided."""
    with transaction.atomic():
        decided = _decide(ApplicationState.APPROVED, application, reason=reason, by=by)
        return open_entitlement(
            institution=decided.institution_id,
            service=decided.service_id,
            source=EntitlementSource.APPLICATION,
            by=by,
        )


def reject_application(*, application: UUID, reason: str, by: Actor) -> None:
    """Refuses, with a reason that the institution reads. Raises Invalid, NotFound."""
    if not reason.strip():
        raise Invalid(_("Please give a reason for the rejection."), code="ACC-REASON")
    with transaction.atomic():
        _decide(ApplicationState.REJECTED, application, reason=reason, by=by)


def open_entitlement(
    *, institution: UUID, service: str, source: EntitlementSource, by: Actor
) -> Entitlement:
    """Entitles an institution; an open entitlement of the same source stays, and is active again.

    Inside the caller's transaction.
    """
    entitlement, created = Entitlement.objects.exclude(state=EntitlementState.ENDED).get_or_create(
        institution_id=institution, service_id=service, source=source, campaign=None
    )
    if not created:
        Entitlement.objects.filter(pk=entitlement.pk).update(
            state=EntitlementState.ACTIVE, valid_until=None
        )
    record_change(about_entitlement(Action.OPEN_ENTITLEMENT, entitlement, by=by))
    return entitlement


def end_entitlement(*, entitlement: UUID, reason: str, by: Actor) -> None:
    """Ends what the institution may; its grants no longer count as of now. Raises NotFound."""
    if not reason.strip():
        raise Invalid(_("Please give a reason."), code="ACC-REASON")
    with transaction.atomic():
        changed = (
            Entitlement.objects.filter(pk=entitlement)
            .exclude(state=EntitlementState.ENDED)
            .update(state=EntitlementState.ENDED, valid_until=clock.today())
        )
        if not changed:
            raise NotFound(_("This entitlement has already ended."), code="ACC-ENDED")
        ended = Entitlement.objects.get(pk=entitlement)
        record_change(about_entitlement(Action.END_ENTITLEMENT, ended, note=reason.strip(), by=by))


def about_entitlement(
    action: Action, entitlement: Entitlement, *, note: str = "", by: Actor
) -> dict[str, object]:
    """The access event of a change to an entitlement."""
    return event(
        action,
        by=by,
        service=entitlement.service_id,
        object_type="entitlement",
        object_id=str(entitlement.pk),
        entitlement_id=entitlement.pk,
        detail={"at_institution": str(entitlement.institution_id), "note": note},
    )


def _decide(
    state: ApplicationState, application: UUID, *, reason: str, by: Actor
) -> ServiceApplication:
    changed = ServiceApplication.objects.filter(
        pk=application, state=ApplicationState.REQUESTED
    ).update(state=state, decided_by_id=by.person, decided_at=clock.now(), reason=reason.strip())
    if not changed:
        raise NotFound(_("This application is no longer open."), code="ACC-DECIDED")
    decided = ServiceApplication.objects.get(pk=application)
    record_change(_about(Action.DECIDE_APPLICATION, decided, by=by))
    return decided


def _about(action: Action, application: ServiceApplication, *, by: Actor) -> dict[str, object]:
    return event(
        action,
        by=by,
        service=application.service_id,
        object_type="application",
        object_id=str(application.pk),
        detail={
            "at_institution": str(application.institution_id),
            "state": application.state,
            "note": application.reason or application.note,
        },
    )
