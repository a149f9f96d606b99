"""Where revocation lists come from: an authority's web address, or a file of this machine."""

from pathlib import Path

import httpx

from apps.core.errors import Unavailable

TIMEOUT = httpx.Timeout(30, connect=5)
LARGEST_LIST = 64 * 1024 * 1024  # bytes; Taiwan's citizen certificates fill some megabytes


class ListUnreachable(Unavailable):
    code = "CRL-503"


def fetch_list(address: str) -> bytes:
    """The list as its authority publishes it, unchecked. Raises ListUnreachable.

    Plain http is usual for revocation lists and harmless: the list is signed.
    """
    if address.startswith(("http://", "https://")):
        return _download(address)
    try:
        return Path(address).read_bytes()
    except OSError as error:
        raise ListUnreachable(reason="list_file_missing") from error


def _download(address: str) -> bytes:
    body = bytearray()
    try:
        with httpx.stream("GET", address, timeout=TIMEOUT, follow_redirects=True) as answer:
            answer.raise_for_status()
            for part in answer.iter_bytes():
                body += part
                if len(body) > LARGEST_LIST:
                    raise ListUnreachable(reason="list_too_large")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ListUnreachable(reason="list_address_does_not_answer") from error
    return bytes(body)
