"""The last city, district and site of this browser: the next citizen needs only a phone number.

Nothing personal stands in the cookie.
"""

from urllib.parse import parse_qs, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.booking.choices import Wish

COOKIE = "ankang_last_site"
PATH = "/booking/"
HALF_A_YEAR = 182 * 24 * 60 * 60
FIELDS = ("city", "district", "site")


def remember_place(response: HttpResponse, wish: Wish) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        urlencode({name: getattr(wish, name) for name in FIELDS}),  # cookies hold ASCII only
        max_age=HALF_A_YEAR,
        path=PATH,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def last_place(request: HttpRequest) -> Wish:
    """Whatever the cookie says that still fits; the offer drops what does not exist."""
    values = parse_qs(request.COOKIES.get(COOKIE, ""), max_num_fields=len(FIELDS) + 5)
    return Wish(**{name: values.get(name, [""])[0] for name in FIELDS})
