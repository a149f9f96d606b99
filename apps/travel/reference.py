"""The first version of the alert: the printed wordings of manuals 2 and 3, and ours where they print none.

Loaded where there is no version yet; from then on versions are the operators' data.
"""

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from apps.travel.models import AlertLink, AlertRule, AlertText, RuleSet
from apps.travel.rules import as_content, compile_rules
from apps.travel.terms import RulesState

FIRST = Path(__file__).parent / "data" / "alert.json"


def load() -> None:
    if RuleSet.objects.exists():
        return
    data: dict[str, Any] = json.loads(FIRST.read_text())
    with transaction.atomic():
        rules = RuleSet.objects.create(
            version=1, note=data["note"], state=RulesState.PUBLISHED, valid_from=data["valid_from"]
        )
        AlertRule.objects.bulk_create(AlertRule(rules=rules, **each) for each in data["rules"])
        AlertText.objects.bulk_create(AlertText(rules=rules, **each) for each in data["texts"])
        AlertLink.objects.bulk_create(AlertLink(rules=rules, **each) for each in data["links"])
        rules.refresh_from_db()
        rules.content = as_content(compile_rules(rules))
        rules.save(update_fields=["content"])
