"""The short-lived process that loads the vendor's module: one order in, one answer out.

Standard input has one line of JSON and, behind it, the PIN; standard output has one line of JSON.
Faults are answered as `{"error": <code of agent.cards.errors>, "detail", "flags"}`. A crash or an
endless wait of the module ends this process only, and a PIN held here is gone with it.
"""

import base64
import hashlib
import json
import os
import sys
from typing import Any

import pkcs11
from pkcs11 import Attribute, Mechanism, ObjectClass, TokenFlag
from pkcs11.exceptions import (
    DeviceRemoved,
    FunctionCancelled,
    FunctionFailed,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
    SessionHandleInvalid,
    TokenNotPresent,
    TokenNotRecognised,
)

ERRORS: dict[type[PKCS11Error], str] = {
    PinIncorrect: "pin_wrong",
    PinInvalid: "pin_wrong",
    PinLenRange: "pin_length",
    PinLocked: "pin_locked",
    DeviceRemoved: "card_removed",
    TokenNotPresent: "card_removed",
    SessionHandleInvalid: "card_removed",
    TokenNotRecognised: "card_unreadable",
    FunctionCancelled: "pin_pad_cancelled",
}
# DigestInfo of SHA-256, RFC 8017 section 9.2 note 1
SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


class Refusal(Exception):
    """An answer that is a fault; `code` is one of agent.cards.errors."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def main() -> None:
    """Serve one order."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # modules print to standard output, which must stay clean
    order = json.loads(sys.stdin.buffer.readline())
    answer: dict[str, Any] = {}
    try:
        answer = _serve(order)
    except Refusal as refusal:
        answer = {"error": refusal.code, "detail": str(refusal)}
    answers.write(json.dumps(answer) + "\n")
    answers.close()
    # A module may crash or hang at its end: the answer is given before.
    pkcs11.unload(order["module"])
    os._exit(0)


def _serve(order: dict[str, Any]) -> dict[str, Any]:
    try:
        module = pkcs11.lib(order["module"])
    except (PKCS11Error, RuntimeError, OSError) as error:
        raise Refusal("card_module_missing", type(error).__name__) from error
    try:
        if order["do"] == "look":
            return {"tokens": [_described(token) for token in _tokens(module)]}
        return _sign(module, order)
    except PKCS11Error as error:
        raise _refusal(error) from error


def _tokens(module: Any) -> list[pkcs11.Token]:
    """What lies in the slots; slots without a finished token (SoftHSM2 has one) are left out."""
    found = []
    for slot in module.get_slots(token_present=True):
        try:
            token = slot.get_token()
        except PKCS11Error:
            continue
        if token.flags & TokenFlag.TOKEN_INITIALIZED:
            found.append(token)
    return found


def _described(token: pkcs11.Token) -> dict[str, Any]:
    with token.open() as session:
        certificates = [
            {"id": found[Attribute.ID].hex(), "der": _base64(found[Attribute.VALUE])}
            for found in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
        ]
    return {
        "slot": token.slot.slot_id,
        "reader": token.slot.slot_description.strip("\0 "),
        "flags": _flags(token),
        "certificates": certificates,
    }


def _flags(token: pkcs11.Token) -> dict[str, bool]:
    """The flags that speak of the PIN, as the token has them now."""
    flags = token.slot.get_token().flags
    return {
        "pin_pad": bool(flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH),
        "count_low": bool(flags & TokenFlag.USER_PIN_COUNT_LOW),
        "final_try": bool(flags & TokenFlag.USER_PIN_FINAL_TRY),
        "locked": bool(flags & TokenFlag.USER_PIN_LOCKED),
    }


def _sign(module: Any, order: dict[str, Any]) -> dict[str, Any]:
    token = next((t for t in _tokens(module) if _is_ordered(t, order)), None)
    if token is None:  # the PIN is shown to the card that the page named, and to no other
        raise Refusal("card_removed", "the card is not there any more")
    pin: Any = pkcs11.PROTECTED_AUTH if order["pin_pad"] else sys.stdin.buffer.read().decode()
    try:
        with token.open(user_pin=pin) as session:
            key = session.get_key(
                object_class=ObjectClass.PRIVATE_KEY, id=bytes.fromhex(order["key"])
            )
            signature = _signature(key, order, pin, token.slot.get_mechanisms())
    except (PinIncorrect, PinInvalid, PinLocked, FunctionFailed) as error:
        refusal = _refusal(error)
        return {"error": refusal.code, "detail": str(refusal), "flags": _flags(token)}
    return {"signature": _base64(signature)}


def _is_ordered(token: pkcs11.Token, order: dict[str, Any]) -> bool:
    if token.slot.slot_id != order["slot"]:
        return False
    with token.open() as session:
        certificates = session.get_objects(
            {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.ID: bytes.fromhex(order["key"])}
        )
        digests = {hashlib.sha256(found[Attribute.VALUE]).hexdigest() for found in certificates}
    return order["certificate"] in digests


def _signature(key: Any, order: dict[str, Any], pin: Any, mechanisms: set[Mechanism]) -> bytes:
    """RSA: PKCS #1 v1.5; EC: r and s side by side. The card hashes where it can, else we do."""
    message = base64.b64decode(order["message"])
    hashing = hashlib.sha384 if order["algorithm"] == "ES384" else hashlib.sha256
    digest = hashing(message).digest()
    once_more = {"pin": pin} if isinstance(pin, str) and key[Attribute.ALWAYS_AUTHENTICATE] else {}
    if order["algorithm"] == "RS256":
        if Mechanism.SHA256_RSA_PKCS in mechanisms:
            return bytes(key.sign(message, mechanism=Mechanism.SHA256_RSA_PKCS, **once_more))
        block = SHA256_DIGEST_INFO + digest
        return bytes(key.sign(block, mechanism=Mechanism.RSA_PKCS, **once_more))
    return bytes(key.sign(digest, mechanism=Mechanism.ECDSA, **once_more))


def _refusal(error: PKCS11Error) -> Refusal:
    name = type(error).__name__
    return Refusal(ERRORS.get(type(error), "card_module_failed"), name)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


if __name__ == "__main__":
    main()
