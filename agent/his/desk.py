"""Does what a HIS program asks for: one method for each function of the table."""

import re
import uuid
from collections.abc import Awaitable, Callable, Mapping

from agent.cards.kinds import CardKind
from agent.his import buffers
from agent.his.answers import Answer, Arguments
from agent.his.arguments import read_arguments, read_records
from agent.his.codes import Code, HisError
from agent.his.fields import Day
from agent.his.functions import FUNCTIONS, Function
from agent.his.nhi import Cards, NhiCard, reset
from agent.his.online import HisServer
from agent.his.reports import ReadingReports
from agent.his.writing import Writing

RANDOM = re.compile(r"[0-9]{4}[0-9A-Z]{16}")
# What a reader of a medical institution holds, besides nothing; any other card is "another" (1.15).
EXPECTED = frozenset({None, CardKind.NHI, CardKind.HPC})
VPN = "VPN"  # functions of the VPN's component, which have no number


class HisDesk:
    """All functions of one agent."""

    def __init__(self, *, cards: Cards, server: HisServer) -> None:
        self._cards = cards
        self._server = server
        self.reports = ReadingReports(server)
        # Calls whose answer never came: the same call on the same insertion is the same request.
        self._unanswered: dict[tuple[object, ...], str] = {}
        self._work: dict[str, Callable[[Function, Arguments], Awaitable[Answer]]] = {
            "1.1": self._basic_data,
            "1.2": self._register,
            "1.14": self._last_sequence,
            "1.15": self._card_status,
            "1.31": self._open,
            "1.32": self._close,
            "1.36": self._password_set,
            "1.37": self._number,
            "1.38": self._register_2,
            "1.39": self._take_back,
            "1.52": self._reset,
            "1.53": self._number,
            "1.55": self._insurance,
            "1.56": self._identifier,
            "2.1": self._verify_module,
            "2.2": self._institution,
            "GetRandom": self._random,
            "H_Sign": self._sign_random,
        }
        writing = Writing(cards=cards, server=server)
        self._writes = {
            "1.16": writing.treatment,
            "1.17": writing.treatment,
            "1.47": writing.treatment,
            "1.48": writing.prescriptions,
            "1.49": writing.prescriptions,
        }
        assert {*self._work, *self._writes} == {
            _key(each) for each in FUNCTIONS if each.retired is None
        }

    def forget(self) -> None:
        """As at the start: no challenge, and no call that waits for its answer."""
        self._server.forget()
        self._unanswered.clear()
        self.reports.forget()

    async def run(self, function: Function, body: Mapping[str, object]) -> Answer:
        """Raises HisError; a wrong field has the name under which the function takes it."""
        if function.retired is not None:
            raise HisError(function.retired)
        try:
            return await self._run(function, body)
        except HisError as error:
            own = {each.plain: each.name for each in function.parameters}
            error.field = own.get(error.field, error.field)
            raise

    async def _run(self, function: Function, body: Mapping[str, object]) -> Answer:
        arguments = read_arguments(function, body)
        if function.data is not None:
            records = read_records(function.data, body)
            return await self._writes[function.number](function, arguments, *records)
        return await self._work[_key(function)](function, arguments)

    async def _basic_data(self, function: Function, arguments: Arguments) -> Answer:
        card = await self._cards.read()
        self.reports.add(card)
        return Answer(buffer=card.data, fields=buffers.BASIC.unpack(card.data))

    async def _register(self, function: Function, arguments: Arguments) -> Answer:
        """The first 58 bytes are the card's own, as it has them; the rest is the server's."""
        card, told = await self._read_register(function)
        whole = card.data[: buffers.PERSON_LENGTH] + buffers.REGISTER_TAIL.pack(told)
        return Answer(buffer=whole, fields=buffers.REGISTER.unpack(whole))

    async def _register_2(self, function: Function, arguments: Arguments) -> Answer:
        _, told = await self._read_register(function)
        buffer = buffers.REGISTER_2.pack(told)
        return Answer(buffer=buffer, fields=buffers.REGISTER_2.unpack(buffer))

    async def _last_sequence(self, function: Function, arguments: Arguments) -> Answer:
        _, told = await self._read_register(function)
        buffer = buffers.LAST_SEQUENCE.pack(told)
        return Answer(buffer=buffer, fields=buffers.LAST_SEQUENCE.unpack(buffer))

    async def _password_set(self, function: Function, arguments: Arguments) -> Answer:
        _, told = await self._read_register(function)
        if told["password_set"] is None:
            raise HisError(Code.READ_FAILED)
        return Answer(code=int(bool(told["password_set"])))

    async def _number(self, function: Function, arguments: Arguments) -> Answer:
        card = await self._cards.read()
        wish = {name: arguments[name] for name in ("treat_item", "newborn")}
        wish["make_up"] = arguments["make_up"] or "1"
        told = await self._once(function, card, wish, arguments["request"])
        buffer = (function.buffer or buffers.NUMBER).pack(told)
        return Answer(buffer=buffer, fields=(function.buffer or buffers.NUMBER).unpack(buffer))

    async def _insurance(self, function: Function, arguments: Arguments) -> Answer:
        card = await self._cards.read()
        await self._server.call("insurance-checks", {**_call(function, card), **arguments})
        return Answer()

    async def _identifier(self, function: Function, arguments: Arguments) -> Answer:
        card = await self._cards.read()
        told = await self._server.call("visit-identifiers", {**_call(function, card), **arguments})
        buffer = buffers.IDENTIFIER.pack(told)
        return Answer(buffer=buffer, fields=buffers.IDENTIFIER.unpack(buffer))

    async def _take_back(self, function: Function, arguments: Arguments) -> Answer:
        """退掛: of the person whose card is in the reader."""
        card = await self._cards.read()
        told = await self._server.call("visits-taken-back", {**_call(function, card), **arguments})
        return Answer(fields={"visited_at": arguments["visited_at"], **told})

    async def _open(self, function: Function, arguments: Arguments) -> Answer:
        """There is nothing to open: only whether readers are there."""
        if not await self._cards.look():
            raise HisError(Code.TIMEOUT)
        return Answer()

    async def _close(self, function: Function, arguments: Arguments) -> Answer:
        """Readers are never kept: each call lets its card go."""
        return Answer()

    async def _verify_module(self, function: Function, arguments: Arguments) -> Answer:
        self._server.forget()
        await self._server.authenticate()
        return Answer()

    async def _institution(self, function: Function, arguments: Arguments) -> Answer:
        told = await self._server.whose()
        buffer = buffers.INSTITUTION.pack(told)
        return Answer(buffer=buffer, fields=buffers.INSTITUTION.unpack(buffer))

    async def _random(self, function: Function, arguments: Arguments) -> Answer:
        """取亂數: the server's, for this workstation."""
        told = await self._server.call("random-numbers", arguments)
        buffer = buffers.RANDOM.pack(told)
        return Answer(buffer=buffer, fields=dict(told))

    async def _sign_random(self, function: Function, arguments: Arguments) -> Answer:
        """取簽章: by the security module; 256 hexadecimal digits."""
        if not RANDOM.fullmatch(arguments["random"]):
            raise HisError(Code.FIELD_INVALID, field="Random")
        told = await self._server.sign_random(arguments["random"])
        return Answer(buffer=buffers.RANDOM_SIGNATURE.pack(told), fields=dict(told))

    async def _card_status(self, function: Function, arguments: Arguments) -> Answer:
        kinds = {"1": self._sam_status, "2": self._nhi_status, "3": self._hpc_status}
        if arguments["card_type"] not in kinds:
            raise HisError(Code.FIELD_INVALID, field="CardType")
        status = await kinds[arguments["card_type"]]()
        return Answer(code=status, fields={"status": status})

    async def _sam_status(self) -> int:
        """0 none, 1 not authenticated, 2 authenticated with the server."""
        if not self._server.enrolled:
            return 0
        try:
            await self._server.authenticate()
        except HisError:
            return 1
        return 2

    async def _nhi_status(self) -> int:
        """0 none, 1 not with the SAM, 2 with the SAM, 3 with an HPC whose PIN was shown, 9 another."""
        seen = await self._cards.look()
        labels = {card.label for card in seen}
        if CardKind.NHI not in labels:
            return 9 if labels - EXPECTED else 0
        if await self._sam_status() < 2:
            return 1
        return 3 if self._cards.is_proved(seen) else 2

    async def _hpc_status(self) -> int:
        """0 none, 1 not with the SAM, 2 with the SAM, 3 PIN shown (or fast authentication), 9 another."""
        seen = await self._cards.look()
        labels = {card.label for card in seen}
        proved = self._cards.is_proved(seen)
        if CardKind.HPC not in labels and not proved:
            return 9 if labels - EXPECTED else 0
        if await self._sam_status() < 2:
            return 1 if CardKind.HPC in labels else 0
        return 3 if proved else 2

    async def _reset(self, function: Function, arguments: Arguments) -> Answer:
        """0 the readers, 1 the SAM, 2 the HPC, 3 the NHI card."""
        kind = arguments["type"]
        if kind == "0":
            await self._cards.restart()
            await self._cards.look()
        elif kind == "1":
            self._server.forget()
            await self._server.authenticate()
        elif kind in {"2", "3"}:
            card = await self._cards.find(CardKind.HPC if kind == "2" else CardKind.NHI)
            await self._cards.use(card, reset)
            self._cards.forget()
        else:
            raise HisError(Code.FIELD_INVALID, field="iType")
        return Answer()

    async def _read_register(self, function: Function) -> tuple[NhiCard, dict[str, object]]:
        card = await self._cards.read()
        told = await self._server.call("registers", _call(function, card))
        return card, {**told, **_iso_days(told)}

    async def _once(
        self, function: Function, card: NhiCard, wish: Mapping[str, str], request: str
    ) -> dict[str, object]:
        """A number for this wish. Without an answer, the next same call asks for the same number."""
        same = (card.insertion, function.number, *sorted(wish.items()), request)
        named = request or self._unanswered.get(same) or str(uuid.uuid4())
        payload = {**_call(function, card), **wish, "request": named}
        try:
            told = await self._server.call("visits", payload)
        except HisError as error:
            if error.code in {Code.NETWORK_DOWN, Code.SERVER_FAILED}:
                self._unanswered = {same: named}
            raise
        self._unanswered.pop(same, None)
        return told


def _key(function: Function) -> str:
    """The manual's number, or the name of what has none."""
    return function.name if function.number == VPN else function.number


def _call(function: Function, card: NhiCard) -> dict[str, object]:
    return {"function": function.number, "card": card.reading.as_json()}


def _iso_days(told: Mapping[str, object]) -> dict[str, object]:
    """The server's days as the records take them."""
    days = {name: str(told[name]).encode() for name in ("valid_until", "newborn_birth_date")}
    return {name: Day(name).unpack(data) for name, data in days.items()}
