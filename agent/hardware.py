"""Which readers and which signer an agent works with, by its settings."""

import logging

from agent.readers.base import ReaderBackend
from agent.readers.none import NoReaders
from agent.readers.pcsc.backend import PcscReaders
from agent.readers.pcsc.winscard import PcscMissing
from agent.readers.virtual.card_files import CardFolder
from agent.readers.virtual.tray import VirtualTray
from agent.settings import Settings
from agent.signers.base import Signer
from agent.signers.card_kinds import read_card_kinds
from agent.signers.piv import PivSigner
from agent.signers.pkcs11.signer import Pkcs11Signer

logger = logging.getLogger("agent.readers")


def open_backend(settings: Settings) -> ReaderBackend:
    """The readers. Where PC/SC is not installed there are none, and the pages say so."""
    if settings.backend == "virtual" and settings.virtual_cards is not None:
        return VirtualTray(CardFolder(settings.virtual_cards), readers=settings.virtual_readers)
    try:
        return PcscReaders()
    except PcscMissing as error:
        logger.error("PC/SC cannot be used: %s", error)
        return NoReaders()


def choose_signer(settings: Settings, backend: ReaderBackend) -> Signer:
    """The vendor's module where one is set; plain PIV commands otherwise.

    Raises CardRulesError.
    """
    kinds = read_card_kinds(settings.home)
    if settings.pkcs11_module is None or backend.virtual:
        return PivSigner(kinds)
    return Pkcs11Signer(
        settings.pkcs11_module,
        kinds,
        reader_names=lambda: [reader.name for reader in backend.readers()],
    )
