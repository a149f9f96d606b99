"""Who may talk to the agent at all.

Every page of the internet can send a browser to the loopback address, so each request has to show
that it is what it says: DESIGN section 3, shared/reference/cards.md section 2 (what browsers send).
"""

from starlette.requests import Request

from agent import peers
from agent.problems import Problem
from agent.web.context import agent_of

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
UPLOAD = "multipart/form-data"
OWN_SITES = frozenset({"", "same-origin", "none"})


def check_every_request(request: Request) -> None:
    """The agent's own user, the exact Host (a name that resolves here would open us to DNS
    rebinding), and no prefetch.
    """
    _require_own_user(request)
    if request.headers.getlist("host") != [agent_of(request).settings.host]:
        origin = agent_of(request).settings.origin
        raise Problem("host_foreign", status=403, retry=False, origin=origin)
    purposes = [request.headers.get(name, "") for name in ("sec-purpose", "purpose", "x-moz")]
    if any("prefetch" in purpose or "prerender" in purpose for purpose in purposes):
        raise Problem("not_a_navigation", status=403, retry=False)


def require_navigation(request: Request) -> None:
    """A browser opening a page in a tab. Frames, scripts and images name another destination."""
    if request.headers.get("sec-fetch-dest") != "document":
        raise Problem("not_a_navigation", status=403, retry=False)


def refuse_embedding(request: Request) -> None:
    """For the console: a program without these headers may read it, a frame or script may not."""
    if request.headers.get("sec-fetch-dest", "document") != "document":
        raise Problem("not_a_navigation", status=403, retry=False)


def require_own_reader(request: Request) -> None:
    """For JSON answers: our own pages and local programs, no page of another site."""
    if request.headers.get("sec-fetch-site", "") not in OWN_SITES:
        raise Problem("origin_foreign", status=403, retry=False)
    _require_origin(request, absent_allowed=True)


def require_own_form(request: Request) -> None:
    """A form of our own page: browsers always name the origin of a POST."""
    _require_origin(request, absent_allowed=False)
    _require_content(request, FORM)
    _take(request)


def require_own_upload(request: Request) -> None:
    """A form of our own page with a file in it."""
    _require_origin(request, absent_allowed=False)
    _require_content(request, UPLOAD)
    _take(request)


def require_own_json(request: Request) -> None:
    """JSON from our own page, or from a program that is no browser."""
    require_own_reader(request)
    _require_content(request, JSON)


def _take(request: Request) -> None:
    """The form is our own page's: what is wrong with it is said there. What it was told is over."""
    request.state.own_form = True
    agent_of(request).bench.refused.pop(request.url.path, None)


def _require_origin(request: Request, *, absent_allowed: bool) -> None:
    origins = request.headers.getlist("origin")
    if origins == [agent_of(request).settings.origin] or (absent_allowed and not origins):
        return
    raise Problem("origin_foreign", status=403, retry=False)


def _require_content(request: Request, content_type: str) -> None:
    """Exactly this type: the ones a foreign form can send without asking are other ones."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != content_type:
        raise Problem("content_type_unsupported", status=415, retry=False, wanted=content_type)


def _require_own_user(request: Request) -> None:
    """On a shared computer the loopback address is everybody's (DESIGN section 3)."""
    settings = agent_of(request).settings
    if settings.peers != "user" or not peers.can_tell():
        return
    port = request.client.port if request.client else 0
    if not peers.is_own(peer_port=port, port=settings.port):
        raise Problem("user_foreign", status=403, retry=False)
