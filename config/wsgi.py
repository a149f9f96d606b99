"""WSGI entry point (`gunicorn config.wsgi`)."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# Imports every view and builds the table of addresses: a second that the first person to come after
# a deployment would wait for.
reverse("start_booking")
# What was loaded until now stays for good: the collector need not walk through it again and again, nor
# come every 700 objects, which is twice in each page.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 50)
