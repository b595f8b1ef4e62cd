"""Views of a waiting file as it is read, before its columns mean anything."""

from __future__ import annotations

from dataclasses import dataclass

from recengine.types.base import said


@dataclass(frozen=True)
class RawLine:
    line: int = said("Line in the file; the first line is 1.")
    text: str = said("Its bytes: plain ASCII as it is, every other byte as \\x and two digits.")
    cut: bool = said("There is more of it than is shown.")


@dataclass(frozen=True)
class ReadRow:
    line: int = said("Line in the file, or number of the row where the file has no lines.")
    cells: tuple[str, ...] = said("Its cells as read.")


@dataclass(frozen=True)
class LeftOut:
    line: int = said("Line in the file.")
    reason: str = said("Why it is no row of the table.")
    text: str = said("Its beginning.")


@dataclass(frozen=True)
class ReadingView:
    encoding: str = said("Name of the codec that the bytes were read with; empty for files that know it themselves.")
    encoding_words: str = said("The same as people call it.")
    encoding_confidence: float = said("How sure that is, 0 to 1.")
    encoding_how: str = said("How it was found.")
    delimiter: str = said("What stands between two cells; empty for files that are no text.")
    dialect: str = said("How the text was cut into cells, in words.")
    header_line: int = said("Line of the header; 0 = there is none.")
    names: tuple[str, ...] = said("Names of the columns.")
    rows: tuple[ReadRow, ...] = said("The first rows.")
    left_out: tuple[LeftOut, ...] = said("The first lines that are no rows.")
    n_left_out: int = said("All of them.")
    records: int = said("Records of the file, those left out included.")
    sheet: str = said("Sheet that was read; empty for files that are no workbook.", default="")
    sheets: tuple[tuple[str, int], ...] = said("Name and rows of every sheet of a workbook.", default=())


@dataclass(frozen=True)
class ReadingChoices:
    encodings: tuple[tuple[str, str], ...] = said("Encodings that can be asked for: codec and name.")
    delimiters: tuple[tuple[str, str], ...] = said("Delimiters that can be asked for: character and name.")


@dataclass(frozen=True)
class WaitingView:
    upload: str = said("Handle of the file that waits for its import.")
    file_name: str = said("Name it came with; of several files that of the first.")
    files: int = said("Files that are read as one.")
    size_bytes: int = said("Size of all of them as they came.")
    since: str = said("When it came, ISO, UTC.")


@dataclass(frozen=True)
class OtherColumns:
    file: str = said("A log that came with the opened one and was not read together with it.")
    missing: tuple[str, ...] = said("Columns of the opened one that it lacks.")
    more: tuple[str, ...] = said("Columns that only it has.")


@dataclass(frozen=True)
class Arrival:
    upload: str = said("Handle of the file to open first.")
    waiting: tuple[str, ...] = said("Handles of the files that came with it and wait for their own turn.", default=())
    differ: tuple[OtherColumns, ...] = said("Why logs among them were not read as one with it.", default=())


@dataclass(frozen=True)
class ServerFolder:
    path: str = said("A folder on the server whose files may be imported.")
    files: int = said("Files in it and in the folders below it; at most 500 are counted.")


@dataclass(frozen=True)
class ServerFile:
    name: str = said("Path below its folder.")
    path: str = said("Whole path on the server.")
    size_bytes: int = said("Size.")
    changed: str = said("When it was written last, ISO, UTC.")
