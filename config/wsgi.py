"""WSGI entry point (`gunicorn config.wsgi`)."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# Imports every view and builds the table of addresses: a second that the first person to come after
# a deployment would wait for.
reverse("start_booking")
