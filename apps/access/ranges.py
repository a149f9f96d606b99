"""Reading the addresses that an institution types: one, a range or a block a line.

203.66.12.10        203.66.12.10-203.66.12.20        203.66.12.0/28        2001:b000:1::/64
"""

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import ip_address, ip_network, summarize_address_range

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.addresses import Address, plain

LARGEST = {4: 2**8, 6: 2**64}  # addresses in one line: a block of 256, or one IPv6 network
MOST = 20  # lines
_BETWEEN = re.compile(r"\s*[-~–—〜至到]\s*")


class WrongAddress(ValueError):
    """A line that names no addresses that could be registered; `message` says why."""

    def __init__(self, message: str | Promise) -> None:
        self.message = message
        super().__init__(str(message))


@dataclass(frozen=True)
class Range:
    """Both ends, of one family, in order."""

    first: Address
    last: Address

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"

    def overlaps(self, other: "Range") -> bool:
        same = self.first.version == other.first.version
        return same and int(self.first) <= int(other.last) and int(other.first) <= int(self.last)


def read_range(line: str) -> Range:
    """The addresses of one line. Raises WrongAddress."""
    text = unicodedata.normalize("NFKC", line).strip()
    try:
        found = _block(text) if "/" in text else _ends(text)
    except ValueError as error:
        if isinstance(error, WrongAddress):
            raise
        raise WrongAddress(
            _("This is no IPv4 or IPv6 address, no range and no block of addresses.")
        ) from error
    _check(found)
    return found


def _block(text: str) -> Range:
    network = ip_network(text)  # strict: 203.66.12.5/28 is more likely a slip than a wish
    return Range(network.network_address, network.broadcast_address)


def _ends(text: str) -> Range:
    ends = [plain(ip_address(part)) for part in _BETWEEN.split(text)]
    if len(ends) > 2:
        raise ValueError
    return Range(ends[0], ends[-1])


def _check(found: Range) -> None:
    first, last = found.first, found.last
    if first.version != last.version:
        raise WrongAddress(_("The two ends are an IPv4 and an IPv6 address."))
    if int(first) > int(last):
        raise WrongAddress(_("The first address lies after the last one."))
    if int(last) - int(first) >= LARGEST[first.version]:
        raise WrongAddress(
            _("These are too many addresses: at most 256 of IPv4, or one IPv6 network of /64.")
        )
    if not settings.PRIVATE_NETWORKS and not _is_of_the_internet(found):
        raise WrongAddress(
            _(
                "This is no fixed address of the internet, but a private, local or reserved one."
                " Your network provider knows the address that others see."
            )
        )


def _is_of_the_internet(found: Range) -> bool:
    pieces = summarize_address_range(found.first, found.last)
    return all(piece.is_global and not piece.is_multicast for piece in pieces)
