"""Words of imports, and every fault that a file or a line can have."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RunState(TextChoices):
    WAITING = "WAITING", _("waiting for a worker")
    READING = "READING", _("reading and checking")
    CHECKED = "CHECKED", _("checked, not published")
    PUBLISHING = "PUBLISHING", _("publishing")
    PUBLISHED = "PUBLISHED", _("published")
    REFUSED = "REFUSED", _("refused because of errors")
    CANCELLED = "CANCELLED", _("cancelled")
    FAILED = "FAILED", _("failed")


AT_WORK = (RunState.WAITING, RunState.READING, RunState.PUBLISHING)
CANCELLABLE = (RunState.WAITING, RunState.READING, RunState.CHECKED)


class ErrorMode(TextChoices):
    """What happens to a file in which lines are wrong."""

    ALL = "ALL", _("Publish nothing if any line is wrong")
    GOOD = "GOOD", _("Publish the good lines only")


class Fault(TextChoices):
    """Codes are stable; faults of a person's number keep the codes of apps.identities.numbers."""

    ENCODING = "IMP-ENCODING", _("The file is neither UTF-8 nor Big5 (cp950); save it as UTF-8.")
    NOT_TEXT = (
        "IMP-NOT-TEXT",
        _("This is an Excel, ZIP or PDF file under another name; save the table as CSV."),
    )
    NO_HEADER = "IMP-EMPTY-FILE", _("The file is empty: the first line must name the columns.")
    NO_LINES = "IMP-NO-LINES", _("The file has a line of column names only, and nothing below it.")
    UNKNOWN_COLUMN = "IMP-UNKNOWN-COLUMN", _("A file of this kind has no column of this name.")
    MISSING_COLUMN = "IMP-MISSING-COLUMN", _("This column is missing in the first line.")
    COLUMN_TWICE = "IMP-COLUMN-TWICE", _("The first line names this column twice.")
    NUL = "IMP-NUL", _("The line holds a NUL byte; the file is damaged or not a text file.")
    WIDTH = "IMP-WIDTH", _("The line has more or fewer fields than the first line has columns.")
    QUOTE = "IMP-QUOTE", _("A quotation mark is not closed, or text follows a closed one.")
    TOO_LONG = "IMP-LINE-LENGTH", _("The line is longer than 64 kB; line ends are missing.")
    EMPTY = "IMP-EMPTY", _("This field must not be empty.")
    FULL_WIDTH = "IMP-FULLWIDTH", _("Please use half-width letters and digits.")
    SCIENTIFIC = (
        "IMP-SCIENTIFIC",
        _("A spreadsheet turned this into a number (1.01E+09); format the column as text."),
    )
    ZERO = (
        "IMP-ZERO",
        _("A digit is missing; probably a spreadsheet took away the 0 in front. Format as text."),
    )
    FORMAT = "IMP-FORMAT", _("The value does not have the form of this column.")
    LENGTH = "IMP-LENGTH", _("The text is longer than this column allows.")
    CONTROL = "IMP-CONTROL", _("The text holds a line break or another control character.")
    FORMULA = "IMP-FORMULA", _("The text begins like a formula of a spreadsheet (= + - @).")
    UNREADABLE = "IMP-REPLACED", _("The text holds characters that were lost in a conversion (�).")
    CHOICE = "IMP-CHOICE", _("The value is not one of those of this column.")
    DAY = "IMP-DAY", _("This is no day: write 2026-11-21, 20261121 or 1151121.")
    FUTURE = "IMP-FUTURE", _("The day lies in the future.")
    NUMBER = "IMP-NUMBER", _("The number is outside the limits of this column.")
    REFERENCE = "IMP-REFERENCE", _("This code is not known here.")
    PERIOD = "IMP-PERIOD", _("The last day lies before the first.")
    NEEDED = "IMP-NEEDED", _("The institution is new; this must be given for it.")
    REOPEN = "IMP-REOPEN", _("A file may not reopen an institution; that is done by hand.")
    DUPLICATE = "IMP-DUPLICATE", _("An earlier line of this file is about the same.")
