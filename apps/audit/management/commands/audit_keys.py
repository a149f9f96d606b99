"""`manage.py audit_keys`: new keys for sealer and witness, and what outsiders verify with."""

import base64
import secrets
from typing import Any

from django.core.management.base import BaseCommand

from apps.audit import keyring
from apps.audit.notes import COSIGNATURE, Signer
from config.environment import read


class Command(BaseCommand):
    help = "Prints a new pair of keys for the log and its witness; nothing is stored."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        sealing, witness = secrets.token_bytes(32), secrets.token_bytes(32)
        witness_name = read("ANKANG_WITNESS_NAME", "ankang-witness")
        log = Signer(keyring.log_name(), sealing).verifier
        cosigner = Signer(witness_name, witness, COSIGNATURE).verifier
        self.stdout.write(f"SEALING_KEY={base64.b64encode(sealing).decode()}")
        self.stdout.write(f"SEALING_VERIFIER={log}")
        self.stdout.write(f"WITNESS_KEY={base64.b64encode(witness).decode()}")
        self.stdout.write(f"WITNESS_VERIFIER={cosigner}")
