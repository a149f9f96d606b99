"""Columns of a file: each says in SQL what is wrong with a field and what its value is.

`fault` is an expression that yields a code of terms.Fault or NULL; `value` one that yields the
typed value, NULL for an empty field, and never fails, whatever the field holds. `good_value` is
asked only of fields without a fault and need not look at them twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise

from apps.core import clock
from apps.identities.numbers import check_entry_permit, check_national_id, check_passport
from apps.identities.terms import IdentifierKind
from apps.imports.terms import Fault

PERMIT_LENGTH = 12
# Full-width forms of ASCII (U+FF01 to U+FF5E) and the ideographic space.
_FULL_WIDTH = "'[！-～　]'"
# What a spreadsheet would execute; a spreadsheet set to Chinese takes the full-width forms as well.
_FORMULA = "'^[-=+@＝＋－＠]'"
_SCIENTIFIC = "'^[0-9]([.][0-9]+)?[eE][+]?[0-9]+$'"
_SUSPICIOUS = "'[[:cntrl:]\ufffd]|^[-=+@＝＋－＠]'"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A plain text. `aliases` are other names that the agencies' files give the column."""

    name: str
    label: str | Promise
    aliases: tuple[str, ...] = ()
    required: bool = False
    longest: int = 200

    @property
    def sql_type(self) -> str:
        return "text"

    def fault(self) -> str:
        """CASE … END; an empty field is wrong only where the column is required."""
        empty = f"'{Fault.EMPTY}'" if self.required else "NULL"
        return f"CASE WHEN {self.raw} = '' THEN {empty} WHEN {self.wrong()} THEN {self.which()} END"

    def wrong(self) -> str:
        """Whether a field that is not empty is wrong.

        As cheap as can be, a good file has a million of them.
        """
        return f"char_length({self.raw}) > {self.longest} OR {self.raw} ~ {_SUSPICIOUS}"

    def which(self) -> str:
        """The code of a wrong field."""
        return (
            f"CASE WHEN char_length({self.raw}) > {self.longest} THEN '{Fault.LENGTH}'"
            f" WHEN {self.raw} ~ '[[:cntrl:]]' THEN '{Fault.CONTROL}'"
            f" WHEN {self.raw} ~ {_FORMULA} THEN '{Fault.FORMULA}' ELSE '{Fault.UNREADABLE}' END"
        )

    def full_width_or(self, code: str) -> str:
        """Full-width digits are the commonest way to be wrong, and hard to see."""
        return f"CASE WHEN {self.raw} ~ {_FULL_WIDTH} THEN '{Fault.FULL_WIDTH}' ELSE '{code}' END"

    def value(self) -> str:
        return f"nullif({self.raw}, '')"

    def good_value(self) -> str:
        return self.value()

    @property
    def raw(self) -> str:
        return f'staged."{self.name}"'


@dataclass(frozen=True, kw_only=True)
class Code(Column):
    """A text of letters and digits in a fixed form.

    `pattern` is a regular expression of PostgreSQL for the whole field.
    """

    pattern: str

    def wrong(self) -> str:
        return f"{self.raw} !~ '^({self.pattern})$'"

    def which(self) -> str:
        """What spreadsheets do to codes of digits has names of its own: it cannot be seen there."""
        return (
            f"CASE WHEN {self.raw} ~ {_SCIENTIFIC} THEN '{Fault.SCIENTIFIC}'"
            f" WHEN {self.raw} ~ '^[0-9]+$' AND '0' || {self.raw} ~ '^({self.pattern})$'"
            f" THEN '{Fault.ZERO}' ELSE {self.full_width_or(Fault.FORMAT)} END"
        )


@dataclass(frozen=True, kw_only=True)
class Choice(Column):
    """One of some words. `words` maps what may stand in the file to the stored value."""

    words: Mapping[str, str]

    def wrong(self) -> str:
        known = ", ".join(f"'{word.upper()}'" for word in self.words)
        return f"upper({self.raw}) NOT IN ({known})"

    def which(self) -> str:
        return f"'{Fault.CHOICE}'"

    def value(self) -> str:
        cases = " ".join(f"WHEN '{word.upper()}' THEN '{v}'" for word, v in self.words.items())
        return f"CASE upper({self.raw}) {cases} END"


YES_OR_NO = {"Y": "true", "是": "true", "1": "true", "N": "false", "否": "false", "0": "false"}


@dataclass(frozen=True, kw_only=True)
class Flag(Choice):
    """Y or N."""

    words: Mapping[str, str] = field(default_factory=lambda: YES_OR_NO)

    def value(self) -> str:
        return f"({super().value()})::boolean"

    @property
    def sql_type(self) -> str:
        return "boolean"


@dataclass(frozen=True, kw_only=True)
class Day(Column):
    """A day, in the ways in which agencies and their spreadsheets write one.

    2026-11-21, 2026/1/5, 20261121, and of the Republic 1151121, 115/1/5 or 115.01.05.
    """

    past: bool = False

    @property
    def sql_type(self) -> str:
        return "date"

    def wrong(self) -> str:
        written = self._written()
        if not self.past:
            return f"pg_input_is_valid({written}, 'date') IS NOT TRUE"
        return (
            f"CASE WHEN pg_input_is_valid({written}, 'date')"
            f" THEN ({written})::date > DATE '{clock.today().isoformat()}' ELSE true END"
        )

    def which(self) -> str:
        return (
            f"CASE WHEN pg_input_is_valid({self._written()}, 'date') THEN '{Fault.FUTURE}'"
            f" ELSE {self.full_width_or(Fault.DAY)} END"
        )

    def value(self) -> str:
        return (
            f"CASE WHEN pg_input_is_valid({self._written()}, 'date')"
            f" THEN ({self._written()})::date END"
        )

    def good_value(self) -> str:
        return f"({self._written()})::date"

    def _written(self) -> str:
        """The field as PostgreSQL reads it, NULL where its shape is none of these."""
        raw, dashed = self.raw, f"translate({self.raw}, '/.', '--')"
        month = "[0-9]{1,2}"
        parts = f"(-{month}-|/{month}/|[.]{month}[.]){month}$'"
        return (
            f"CASE WHEN {raw} ~ '^[12][0-9]{{3}}{parts} THEN {dashed}"
            f" WHEN {raw} ~ '^[12][0-9]{{7}}$' THEN {raw}"
            f" WHEN {raw} ~ '^[0-9]{{7}}$'"
            f" THEN (left({raw}, 3)::int + 1911)::text || substr({raw}, 4)"
            f" WHEN {raw} ~ '^[0-9]{{2,3}}{parts}"
            f" THEN (split_part({dashed}, '-', 1)::int + 1911)::text"
            f" || substr({dashed}, strpos({dashed}, '-')) END"
        )


@dataclass(frozen=True, kw_only=True)
class Number(Column):
    """A whole number within limits."""

    least: int = 0
    most: int = 32767

    @property
    def sql_type(self) -> str:
        return "integer"

    def wrong(self) -> str:
        return (
            f"CASE WHEN {self.raw} ~ '^[0-9]{{1,9}}$'"
            f" THEN {self.raw}::int NOT BETWEEN {self.least} AND {self.most} ELSE true END"
        )

    def which(self) -> str:
        return (
            f"CASE WHEN {self.raw} ~ '^[0-9]{{1,9}}$' THEN '{Fault.NUMBER}'"
            f" ELSE {self.full_width_or(Fault.FORMAT)} END"
        )

    def value(self) -> str:
        return f"CASE WHEN {self.raw} ~ '^[0-9]{{1,9}}$' THEN {self.raw}::int END"

    def good_value(self) -> str:
        return f"nullif({self.raw}, '')::int"


@dataclass(frozen=True, kw_only=True)
class Amount(Column):
    """A number with up to `places` decimals, below ten million: quantities and doses."""

    places: int = 2

    @property
    def sql_type(self) -> str:
        return "numeric"

    @property
    def _is_number(self) -> str:
        return f"{self.raw} ~ '^[0-9]{{1,7}}([.][0-9]{{1,{self.places}}})?$'"

    def wrong(self) -> str:
        return f"NOT ({self._is_number})"

    def which(self) -> str:
        return self.full_width_or(Fault.FORMAT)

    def value(self) -> str:
        return f"CASE WHEN {self._is_number} THEN {self.raw}::numeric END"

    def good_value(self) -> str:
        return f"nullif({self.raw}, '')::numeric"


@dataclass(frozen=True, kw_only=True)
class Reference(Code):
    """A code that must be in a table already.

    `gives` is the column of that table which the value is; by default the code itself.
    """

    table: str
    column: str
    gives: str = ""
    gives_type: str = "text"
    pattern: str = ".{1,20}"

    @property
    def sql_type(self) -> str:
        return self.gives_type

    def wrong(self) -> str:
        known = f'SELECT FROM {self.table} known WHERE known."{self.column}" = {self.raw}'
        return f"NOT EXISTS ({known})"

    def which(self) -> str:
        return f"CASE WHEN {super().wrong()} THEN {super().which()} ELSE '{Fault.REFERENCE}' END"

    def value(self) -> str:
        if not self.gives:
            return super().value()
        return (
            f'(SELECT known."{self.gives}" FROM {self.table} known'
            f' WHERE known."{self.column}" = {self.raw})'
        )


@dataclass(frozen=True, kw_only=True)
class PersonNumber(Column):
    """A national or resident ID, checked and looked up while the file is read (staging).

    The number itself gets no further than the staged lines.
    """

    @property
    def sql_type(self) -> str:
        return "uuid"

    @property
    def identity(self) -> str:
        """The identity found while reading; NULL for a person never seen before."""
        return f'staged."{self.name}_identity"'

    def fault(self) -> str:
        return "NULL::text"

    def value(self) -> str:
        return self.identity

    def check(self, text: str) -> str:
        """The number in its one spelling, as the staged lines hold it. Raises InvalidNumber."""
        return check_national_id(text)

    def number_of(self, text: str) -> tuple[IdentifierKind, str]:
        """Kind and digested spelling of a number that `check` returned."""
        return IdentifierKind.NATIONAL_ID, text


@dataclass(frozen=True, kw_only=True)
class AnyPersonNumber(PersonNumber):
    """A number of any kind, told by its form (manual 2): 10 characters a national or resident ID, 12
    an entry permit, and a passport as `number-nationality`.
    """

    def check(self, text: str) -> str:
        number, dash, nationality = text.rpartition("-")
        if dash:
            joined = check_passport(number, nationality)
            return f"{joined[3:]}-{joined[:3]}"
        return check_entry_permit(text) if len(text) == PERMIT_LENGTH else check_national_id(text)

    def number_of(self, text: str) -> tuple[IdentifierKind, str]:
        number, dash, nationality = text.rpartition("-")
        if dash:
            return IdentifierKind.PASSPORT, nationality + number
        permit = len(text) == PERMIT_LENGTH
        return (IdentifierKind.ENTRY_PERMIT if permit else IdentifierKind.NATIONAL_ID), text
