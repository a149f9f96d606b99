"""The public pages, a person's own home, the language switch and the probes."""

from apps.portal.views.home import home, my_home, site_map, switch_language
from apps.portal.views.machines import healthz, readyz
from apps.portal.views.texts import (
    card_component,
    contact,
    download_file,
    downloads,
    for_staff,
    links,
    look_up_code,
    questions,
    security_notes,
    set_up_computer,
    statement,
)

__all__ = [
    "card_component",
    "contact",
    "download_file",
    "downloads",
    "for_staff",
    "healthz",
    "home",
    "links",
    "look_up_code",
    "my_home",
    "questions",
    "readyz",
    "security_notes",
    "set_up_computer",
    "site_map",
    "statement",
    "switch_language",
]
