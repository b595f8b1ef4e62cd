"""What stands between and around the cells of a text: delimiter, quote and escape."""

from __future__ import annotations

import re
from dataclasses import dataclass

UNIT, ESCAPED_QUOTE, ESCAPED_ESCAPE, ESCAPED_DELIMITER = "\x1f", "\x1e", "\x1d", "\x1c"
STAND_INS = UNIT + ESCAPED_QUOTE + ESCAPED_ESCAPE + ESCAPED_DELIMITER


@dataclass(frozen=True)
class Marks:
    """Delimiter of one or several characters; quote, "" for none; escape before a quote, "" where quotes are doubled instead.

    Parsers cut at one byte. A longer delimiter and escaped characters are replaced by control characters before the text is
    parsed (`flat`), and put back in the cells (`restored`).
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""

    @property
    def sep(self) -> str:
        """The one ASCII character that a flat text is cut at."""
        return UNIT if self.long else self.delimiter

    @property
    def long(self) -> bool:
        """Whether the delimiter takes more than one byte."""
        return len(self.delimiter.encode()) > 1

    @property
    def plain(self) -> bool:
        """Whether a text is flat as it is."""
        return not self.long and not self.escape

    def flat(self, data: bytes) -> bytes:
        """UTF-8 bytes with stand-ins for a long delimiter and for escaped characters; doing it twice changes nothing."""
        if self.escape:
            data = self._escapes().sub(self._stand_in, data)
        if self.long:
            data = data.replace(self.delimiter.encode(), UNIT.encode())
        return data

    def flat_text(self, text: str) -> str:
        """The same for text."""
        return text if self.plain else self.flat(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def restored(self, cell: str) -> str:
        """A cell of a flat text as it was meant: escapes undone, a long delimiter inside quotes put back."""
        for stand_in, text in self.meanings():
            if stand_in in cell:
                cell = cell.replace(stand_in, text)
        return cell

    def written(self, text: str) -> str:
        """A piece of flat text as it stood in the file, for showing what was left out."""
        for stand_in, meaning in self.meanings():
            if stand_in in text:
                text = text.replace(stand_in, meaning if stand_in == UNIT else self.escape + meaning)
        return text

    def meanings(self) -> tuple[tuple[str, str], ...]:
        """(stand-in, what it means inside a cell)."""
        if self.plain:
            return ()
        return ((UNIT, self.delimiter), (ESCAPED_QUOTE, self.quote), (ESCAPED_ESCAPE, self.escape), (ESCAPED_DELIMITER, self.delimiter))

    def in_use(self, data: bytes) -> bytes | None:
        """A stand-in that the untouched text itself holds, or None; always None where none is needed."""
        if self.plain:
            return None
        return next((code for code in (char.encode() for char in STAND_INS) if code in data), None)

    def unfinished(self, data: bytes) -> int:
        """How many bytes at the end of a block may belong to a delimiter or an escape that goes on in the next block."""
        if self.plain:
            return 0
        chars = (self.delimiter if self.long else "").encode() + self.escape.encode()
        return len(data) - len(data.rstrip(chars))

    def _escapes(self) -> re.Pattern[bytes]:
        after = "|".join(re.escape(text) for text in (self.quote, self.escape, self.delimiter) if text)
        return re.compile(f"{re.escape(self.escape)}({after})".encode())

    def _stand_in(self, found: re.Match[bytes]) -> bytes:
        text = found.group(1).decode()
        return (ESCAPED_QUOTE if text == self.quote else ESCAPED_ESCAPE if text == self.escape else ESCAPED_DELIMITER).encode()
