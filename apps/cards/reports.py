"""What an agent reports of its workstation, and what that means (B8; protocol, section 6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.terms import CardKind
from apps.core.errors import Invalid
from apps.workstations.models import Workstation
from apps.workstations.releases import numbers_of

CLOCK_TOLERANCE = timedelta(minutes=2)
MOST_READERS = 16
_WORDS = {
    "running": _("running"),
    "stopped": _("stopped"),
    "virtual": _("virtual cards (demo)"),
    "piv": _("the card itself (PIV)"),
    "pkcs11": _("the program library of the card's issuer (PKCS#11)"),
}
SERVICE_WORKS = frozenset({"running", "virtual"})
_NAMES = {"version": 20, "platform": 80, "smart_card_service": 20, "signer": 20}


@dataclass(frozen=True)
class Item:
    """One line of the check.

    `required` ones make up the manual's result; `advice` says what to do when it failed.
    """

    code: str
    name: Promise
    passed: bool
    found: str
    advice: Promise | str
    required: bool = False


def clean_report(claims: Mapping[str, Any] | None, *, at: datetime) -> dict[str, Any]:
    """The report as it is kept: known parts only, of known shape. Raises Invalid for another."""
    try:
        given = dict(claims or {})
        report: dict[str, Any] = {
            name: _text(given[name], longest) for name, longest in _NAMES.items()
        }
        report["readers"] = [
            {"name": _text(reader["name"], 100), "card": _card(reader["card"])}
            for reader in given["readers"][:MOST_READERS]
        ]
        report["module"] = _module(given["module"])
        report["remote_session"] = bool(given["remote_session"])
        report["messages"] = [_text(line, 200) for line in given["messages"][:MOST_READERS]]
        clock = datetime.fromisoformat(_text(given["clock"], 40))
        report["clock_off_by"] = round((clock - at).total_seconds())
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise Invalid(
            _("The report of the card component cannot be read."), code="CHECK-DATA"
        ) from error
    return report


def items_of(report: Mapping[str, Any], *, workstation: Workstation | None) -> list[Item]:
    """What a report means: the three items of manual 0 first, then what helps to find a fault.

    `workstation` is what the server knows this agent as, if it is enrolled.
    """
    return [*_required(report), _module_item(workstation), *_helpful(report)]


def is_complete(items: list[Item]) -> bool:
    """檢查結果：安裝完成."""
    return all(item.passed for item in items if item.required)


def _required(report: Mapping[str, Any]) -> list[Item]:
    """The component itself, the smart card service below it, and a reader."""
    readers = [reader["name"] for reader in report["readers"]]
    return [
        Item(
            "component",
            _("Card component (Ankang agent)"),
            numbers_of(report["version"]) >= numbers_of(settings.AGENT_MINIMUM_VERSION),
            report["version"],
            _("Please install the present version of the card component."),
            required=True,
        ),
        Item(
            "service",
            _("Smart card service of the computer"),
            report["smart_card_service"] in SERVICE_WORKS,
            _word(report["smart_card_service"]),
            _("Start the service “Smart Card” of this computer, or restart the computer."),
            required=True,
        ),
        Item(
            "readers",
            _("Card reader"),
            bool(readers),
            pgettext("between the items of a list", ", ").join(readers),
            _("Connect the card reader to another USB port and install its driver."),
            required=True,
        ),
    ]


def _module_item(workstation: Workstation | None) -> Item:
    """By the server's own register: what an agent says of its module may be out of date."""
    return Item(
        "module",
        _("Security module"),
        workstation is not None,
        f"{workstation.institution.code} {workstation.module_code}" if workstation else "",
        _(
            "Without one this computer reads no NHI cards. The representative of the institution"
            " can apply for it."
        ),
    )


def _helpful(report: Mapping[str, Any]) -> list[Item]:
    off_by = report["clock_off_by"]
    return [
        Item(
            "clock",
            _("Clock of the computer"),
            abs(off_by) <= CLOCK_TOLERANCE.total_seconds(),
            gettext("off by %(seconds)s s") % {"seconds": f"{off_by:+d}" if off_by else "0"},
            _("Logging in works all the same. Switch on setting the time automatically."),
        ),
        Item(
            "remote",
            _("Remote desktop"),
            not report["remote_session"],
            "",
            _("Within a remote session only readers of the other computer are seen."),
        ),
        Item(
            "signer", _("Reads keys through"), bool(report["signer"]), _word(report["signer"]), ""
        ),
        Item("platform", _("System"), bool(report["platform"]), report["platform"], ""),
    ]


def _word(told: str) -> str:
    """What an agent says in a word of the protocol, for people."""
    return str(_WORDS.get(told, told))


def plain_version(version: str) -> str:
    """The numbers of a version, at most four of six digits: what SQL can compare without failing."""
    return ".".join(str(min(number, 999_999)) for number in numbers_of(version)[:4])


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise ValueError("not a short line of text")
    return value


def _card(value: Any) -> str:
    return CardKind(value).value if value else ""


def _module(value: Any) -> dict[str, str] | None:
    if value is None:
        return None
    return {name: _text(value[name], 40) for name in ("institution", "module_code")}
