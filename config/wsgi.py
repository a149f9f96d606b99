"""WSGI entry point, for `config.web`."""

import gc
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_PROCESS = frozenset(os.environ)
_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Without what the server adds of its process: keys and passwords are no part of a request, and a
    header named like a variable of the process (httpoxy) is none of ours.
    """
    for name in _PROCESS:
        environ.pop(name, None)
    return _django(environ, start_response)


# Imports every view and builds the table of addresses: a second that the first person to come after
# a deployment would wait for.
reverse("start_booking")
# What was loaded until now stays for good: the collector need not walk through it again and again, nor
# come every 700 objects, which is twice in each page.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 100)
