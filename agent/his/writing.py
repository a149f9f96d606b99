"""Writes of a visit: diagnoses and fees (1.16, 1.17, 1.47), prescriptions (1.48, 1.49)."""

from agent.his import buffers
from agent.his.answers import Answer, Arguments
from agent.his.arguments import unpack
from agent.his.codes import Code, HisError
from agent.his.fields import Record
from agent.his.functions import Function, Needs
from agent.his.nhi import Cards, NhiCard
from agent.his.online import HisServer

CODES = tuple(f"diagnosis_{number}" for number in range(1, 7))


class Writing:
    """Everything may raise HisError."""

    def __init__(self, *, cards: Cards, server: HisServer) -> None:
        self._cards = cards
        self._server = server

    async def treatment(
        self, function: Function, arguments: Arguments, layout: Record, records: list[bytes]
    ) -> Answer:
        """1.16 and 1.47 answer the physician's number, with the NUL that ends it in C; 1.17 nothing."""
        values = unpack(layout, records[0])
        payload: dict[str, object] = {}
        if "make_up" in values:
            payload |= _diagnoses(values)
        if "fee" in values:
            payload["fees"] = {field.name: values[field.name] for field in buffers.FEES.fields}
        told = await self._write("treatments", function, arguments, payload)
        if function.buffer is None:
            return Answer()
        doctor = str(told.get("doctor_id", ""))
        buffer = doctor.encode("ascii", errors="replace").ljust(function.buffer.length, b"\0")
        return Answer(buffer=buffer[: function.buffer.length], fields={"doctor_id": doctor})

    async def prescriptions(
        self, function: Function, arguments: Arguments, layout: Record, records: list[bytes]
    ) -> Answer:
        """Each order's signature of 40 bytes, in the order of the orders."""
        if arguments.get("count", "") not in {"", str(len(records)), f"{len(records):02d}"}:
            raise HisError(Code.FIELD_INVALID, field="iWriteCount")
        for record in records:
            unpack(layout, record)
        lines = [record.decode("ascii") for record in records]
        told = await self._write("prescriptions", function, arguments, {"orders": lines})
        signatures = told.get("signatures")
        if not isinstance(signatures, list) or len(signatures) != len(records):
            raise HisError(Code.SERVER_FAILED)
        buffer = b"".join(buffers.ORDER_SIGNATURE.pack({"signature": each}) for each in signatures)
        fields: dict[str, object] = {"signatures": signatures, "count": len(signatures)}
        if function.data is not None and function.data.most == 1:
            fields = {"signature": signatures[0]}
        return Answer(buffer=buffer, fields=fields)

    async def _write(
        self, call: str, function: Function, arguments: Arguments, payload: dict[str, object]
    ) -> dict[str, object]:
        card = await self._cards.read()
        if arguments["national_id"].upper() != card.reading.national_id:
            raise HisError(Code.OTHER_PATIENT, field="pPatientID")
        if Needs.HPC in function.needs:
            payload = payload | {"hpc": await self._cards.professional()}
        return await self._server.call(call, _named(function, arguments, card) | payload)


def _named(function: Function, arguments: Arguments, card: NhiCard) -> dict[str, object]:
    """The visit as the HIS names it, and the card that is in the reader."""
    return {
        "function": function.number,
        "card": card.reading.as_json(),
        "visited_at": arguments["visited_at"],
        "national_id": arguments["national_id"],
        "birth_date": arguments["birth_date"],
    }


def _diagnoses(values: dict[str, object]) -> dict[str, object]:
    """The codes without the blank ones; the main one has to be there, and none after a gap."""
    codes = [str(values[name]).replace(".", "").upper() for name in CODES]
    given = [code for code in codes if code]
    if not given or codes[: len(given)] != given:
        raise HisError(Code.FIELD_INVALID, field=CODES[codes.index("")])
    return {"make_up": str(values["make_up"]) or "1", "diagnoses": given}
