"""Asking for the alert: for TCH's own page, and before the tabs of IMQ."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from apps.access.policies import Decision
from apps.audit.actors import Actor
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import Unavailable
from apps.queries.models import Query
from apps.queries.providers import ask
from apps.queries.services import record_answer
from apps.travel.alerts import Alert, evaluate
from apps.travel.facts import Fact, facts_source, question_about
from apps.travel.models import RuleSet
from apps.travel.rules import Rules, read_rules
from apps.travel.terms import Slot

TAB = "alert"  # as the access event names it


class RulesMissing(Unavailable):
    code = "TCH-RULES"
    message = _("No version of the alert's rules is in force.")
    way_on = _("Please call the help desk; the operator has to publish one.")


def rules_in_force(on: date) -> Rules:
    """The version that counts on this day. One statement. Raises RulesMissing."""
    found = RuleSet.objects.in_force(on).first()
    if found is None:
        raise RulesMissing(reason="no_rules_in_force")
    return read_rules(found)


def show_alert(
    *,
    query: Query,
    more: Sequence[Fact] = (),
    action: Action = Action.QUERY_RECORDS,
    decision: Decision,
    by: Actor,
) -> Alert:
    """The alert of the query's service about its patient, recorded before anybody sees it.

    `more` are facts that other apps know: an antiviral prescription is
    Fact(kind=FactKind.ANTIVIRAL, day=…). Three statements. Raises RulesMissing and LogUnavailable.
    """
    today = clock.today()
    rules = rules_in_force(today)
    answer = ask(facts_source(), question_about(query.patient_id, on=today))
    if answer.failed:
        alert = _failed(rules, query.service_id, answer.missing)
    else:
        alert = evaluate(
            rules,
            [*answer.rows, *more],
            service=query.service_id,
            number_kind=query.number_kind,
            on=today,
        )
    record_answer(
        answer,
        query=query,
        tab=TAB,
        action=action,
        count=alert.count,
        policy_version=str(rules.version),
        decision=decision,
        by=by,
    )
    return alert


def _failed(rules: Rules, service: str, missing: Sequence[object]) -> Alert:
    """Nothing is said to be absent; whom to ask stands there all the same."""
    return Alert(
        found=False,
        version=rules.version,
        prompt=rules.text(Slot.PROMPT, service=service),
        footer=rules.text(Slot.FOOTER, service=service),
        failed=True,
        missing=tuple(map(str, missing)),
    )
