"""Whose address a request carries: nobody's claim about himself is believed."""

from ipaddress import ip_network

import pytest
from django.test import RequestFactory

from apps.core.addresses import client_address

PROXY, NEXT, CLIENT, LIE = "172.30.250.7", "172.30.250.8", "203.66.12.10", "8.8.8.8"


@pytest.fixture(autouse=True)
def behind_our_proxies(settings) -> None:
    settings.TRUSTED_PROXIES = [ip_network("172.30.250.0/24"), ip_network("fd00:1::/64")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        pytest.param(CLIENT, None, CLIENT, id="nobody between"),
        pytest.param(CLIENT, LIE, CLIENT, id="a client that claims to be a proxy"),
        pytest.param(PROXY, CLIENT, CLIENT, id="our proxy speaks"),
        pytest.param(PROXY, f"{LIE}, {CLIENT}", CLIENT, id="a lie before the proxy's word"),
        pytest.param(PROXY, f"{LIE}, {CLIENT}, {NEXT}", CLIENT, id="two proxies of ours"),
        pytest.param(PROXY, f"{CLIENT}, {LIE}", LIE, id="only the right end counts"),
        pytest.param(PROXY, f"{PROXY}", PROXY, id="nobody but ourselves"),
        pytest.param(PROXY, None, PROXY, id="no word"),
        pytest.param(PROXY, f"{CLIENT}, unknown", PROXY, id="a word that is no address"),
        pytest.param(PROXY, "'; DROP TABLE x", PROXY, id="rubbish"),
        pytest.param("::ffff:203.66.12.10", None, CLIENT, id="IPv4 inside IPv6"),
        pytest.param("::ffff:172.30.250.7", CLIENT, CLIENT, id="our proxy inside IPv6"),
        pytest.param("fd00:1::9", "2001:b000::1", "2001:b000::1", id="IPv6"),
        pytest.param("fe80::1%eth0", None, "fe80::1", id="a zone"),
        pytest.param("", None, None, id="a socket file"),
    ],
)
def test_the_address_of_the_client(peer, forwarded, expected) -> None:
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)
    assert client_address(request) == expected


def test_without_proxies_the_header_means_nothing(settings) -> None:
    settings.TRUSTED_PROXIES = []
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=LIE)
    assert client_address(request) == "127.0.0.1"
