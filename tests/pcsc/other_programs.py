"""Other programs at the same card, as the HIS of the institution is one."""

from collections.abc import Iterator
from contextlib import contextmanager

from agent.readers.pcsc.winscard import Winscard
from tests.pcsc.conftest import Rack


@contextmanager
def another_program(rack: Rack, *, exclusive: bool) -> Iterator[None]:
    """A program that keeps the card to itself, as a badly behaved HIS might."""
    from smartcard import scard

    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    mode = scard.SCARD_SHARE_EXCLUSIVE if exclusive else scard.SCARD_SHARE_SHARED
    code, card, _ = scard.SCardConnect(context, rack.reader().name, mode, scard.SCARD_PROTOCOL_T1)
    assert code == scard.SCARD_S_SUCCESS
    if not exclusive:
        assert scard.SCardBeginTransaction(card) == scard.SCARD_S_SUCCESS
    try:
        yield
    finally:
        if not exclusive:
            scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
        scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(context)


@contextmanager
def another_program_connected(rack: Rack) -> Iterator[None]:
    """A HIS that keeps a shared connection to the card."""
    api = Winscard()
    context = api.establish()
    api.connect(context, rack.reader().name)
    try:
        yield
    finally:
        api.release(context)
