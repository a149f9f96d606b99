"""From which address a request comes, as far as that can be believed.

Whoever connects may write anything into X-Forwarded-For, so it is read only behind a proxy of ours
(settings.TRUSTED_PROXIES) and from its right end, which our own proxies wrote (ASVS 4.1.3).
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address


def client_address(request: HttpRequest) -> str | None:
    """The client's IPv4 or IPv6 address; None where the server knows none (a socket file)."""
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    if peer is None:
        return None
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while _is_ours(peer) and forwarded:
        before = _address(forwarded.pop())
        if before is None:  # empty, or nothing that a proxy of ours writes
            break
        peer = before
    return str(peer)


def plain(address: Address) -> Address:
    """Without what only one machine understands: `::ffff:192.0.2.1` is IPv4, `fe80::1%eth0` has a zone."""
    if isinstance(address, IPv4Address):
        return address
    return address.ipv4_mapped or IPv6Address(int(address))


@lru_cache
def _address(text: str) -> Address | None:
    try:
        return plain(ip_address(text.strip()))
    except ValueError:
        return None


def _is_ours(address: Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)
