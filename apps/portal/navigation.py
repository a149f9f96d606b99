"""Where a person can go: pages of the role, then the services that this person may use here."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.access.models import Service
from apps.access.policies import manages, services_here
from apps.accounts.http import PersonRequest
from apps.accounts.terms import SessionRole
from apps.portal.terms import StatementName

# A page stands here by its URL name, because some of these live above the portal.
PAGES_OF_ROLE: dict[str, list[tuple[str, Promise]]] = {
    SessionRole.REPRESENTATIVE: [
        ("maintain_managers", _("Managers")),
        ("list_modules", _("Security modules")),
        ("list_cards", _("Cards and codes of our people")),
    ],
    SessionRole.OPERATOR: [
        ("admin:index", _("Back office")),
        ("show_figures", _("Booking figures")),
    ],
    SessionRole.AUDITOR: [
        ("search_log", _("Access log")),
        ("list_cases", _("Review queue")),
        ("list_exports", _("Exports")),
    ],
}
PAGES_OF_MANAGERS: list[tuple[str, Promise]] = [
    ("apply_services", _("Service applications")),
    ("apply_networks", _("System networks")),
    ("maintain_users", _("Users")),
    ("authorize_users", _("User authorization")),
    ("show_workstations", _("Workstations")),
    ("review_grants", _("Review of authorizations")),
    ("search_own_log", _("Access log")),
]

# Manual 2's tabs, and the menu beside them in manual 1's order; 系統元件 as in manual 0.
TABS: list[tuple[Promise, str]] = [
    (_("System announcements"), "home"),
    (_("Security notes"), "security_notes"),
    (_("Setting up the computer"), "set_up_computer"),
    (_("Frequently asked questions"), "questions"),
]
MENU: list[tuple[Promise, str]] = [
    (_("For medical staff"), "for_staff"),
    (_("Log in as a medical institution"), "log_in"),
    (_("Downloads"), "downloads"),
    (_("Card component"), "card_component"),
    (_("Who looked at my data"), "ask_own"),
    (_("Contact"), "contact"),
    (_("Useful links"), "links"),
]

# Pages that no menu leads to, by the entry that they lie below. Also of apps above, and of the short
# menus that some pages have in its place (booking/site_frame).
PAGES_BELOW: dict[str, tuple[str, ...]] = {
    "maintain_managers": ("appoint_manager", "end_manager"),
    "maintain_users": ("add_user", "add_users_by_file", "end_user"),
    "apply_networks": ("end_network",),
    "search_own_log": ("show_own_search",),
    "search_log": (
        *("show_search", "save_search", "show_timeline", "repeat_search", "show_event"),
        "show_around",
    ),
    "list_cases": ("show_case", "assign_case", "note_case", "close_case"),
    "list_exports": ("issue_log_token",),
    "list_cards": ("issue_code",),
    "list_modules": ("replace_module",),
    "show_slots": ("show_month", "publish_slots", "copy_week", "change_slot", "relieve_slot"),
    "show_site_day": (
        *("change_day", "move_day", "cancel_day", "check_in", "meet_citizen", "give_dose"),
        *("mark_arrived", "mark_no_show"),
    ),
}
ENTRY_OF = {page: entry for entry, pages in PAGES_BELOW.items() for page in pages}


@dataclass(frozen=True)
class Place:
    """A link of the navigation."""

    name: str
    url_name: str
    url: str
    code: str = ""


def _place(name: str | Promise, url_name: str, code: str = "") -> Place | None:
    """The link, or None for a page that this installation does not have."""
    try:
        return Place(str(name), url_name, reverse(url_name), code)
    except NoReverseMatch:
        return None


def find_services(request: PersonRequest) -> list[Place]:
    """The services of this person at this institution, those with a page, in their order."""
    places = (place_of(service) for service in services_here(by=request.actor))
    return [place for place in places if place]


def place_of(service: Service) -> Place | None:
    """The entry of a service, if this installation has its pages."""
    return _place(service.label, service.url_name, service.code)


def find_pages(role: str) -> list[Place]:
    """The pages that come with a role, without any grant."""
    places = (_place(name, url_name) for url_name, name in PAGES_OF_ROLE.get(role, []))
    return [place for place in places if place]


def find_manager_pages(request: PersonRequest) -> list[Place]:
    """What a manager does for the institution; nothing for others. One statement, if not known."""
    known = getattr(request, "manages", None)  # behind the guard Manages it is
    if known is None:
        known = manages(session=request.actor.session).permit
    places = (_place(name, url_name) for url_name, name in PAGES_OF_MANAGERS) if known else ()
    return [place for place in places if place]


def find_tabs() -> list[Place]:
    return [place for name, url_name in TABS if (place := _place(name, url_name))]


def find_menu() -> list[Place]:
    return [place for name, url_name in MENU if (place := _place(name, url_name))]


def find_statements() -> list[Place]:
    return [
        Place(str(each.label), each.value, reverse("statement", args=[each.value]))
        for each in StatementName
    ]
