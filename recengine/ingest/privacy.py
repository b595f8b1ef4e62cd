"""Personal data in a file: e-mail addresses, telephone and card numbers are found, and a column can be replaced by a keyed hash."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from recengine.columns import Reject
from recengine.ingest.packed_values import is_blank
from recengine.ingest.raw import RawTable

KEY_BYTES, DIGEST_BYTES = 32, 16
LEAST_SHARE = 0.02  # of the filled cells that are distinct; below, it is an accident
SAMPLE = 5_000
EMAIL = r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}"
# numbers that are dialled: +49 30 901820, (020) 7946 0958, 138-1234-5678 and Chinese mobiles; plain digits alone are ids
PHONE = r"(?:\+\d{1,3}[ .()/-]?)(?:\d[ .()/-]{0,2}){6,12}\d|\(0\d{1,4}\)[ .-]?\d(?:[ .-]?\d){4,9}|0\d{2,4}[ /-]\d{3,4}[ -]?\d{3,5}"
CHINESE_MOBILE = r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}"
CARD = r"(?:\d[ -]?){12,18}\d"
WORDS = {"email": "e-mail addresses", "phone": "telephone numbers", "card": "card numbers"}
PHONE_NAMES = re.compile(r"phone|mobile|tel|handy|手机|电话|联系", re.IGNORECASE)


@dataclass(frozen=True)
class PersonalData:
    """One column that seems to hold personal data."""

    column: str
    kind: str  # email, phone or card
    share: float  # of the distinct filled cells that were looked at, 0 to 1
    example: str  # one cell with its middle hidden

    @property
    def words(self) -> str:
        """What it holds, for people."""
        return WORDS[self.kind]


def find_personal_data(raw: RawTable) -> list[PersonalData]:
    """Columns with e-mail addresses, telephone or card numbers.

    Card numbers have 13 to 19 digits, begin as a card does, and pass the check digit of Luhn (ISO/IEC 7812-1). A column of long
    numbers passes by chance once in ten, so at least half of its cells must. Telephone numbers must look dialled, or stand in a
    column whose name says so. Cost: at most 5,000 distinct cells a column.
    """
    found = []
    for name in raw.names:
        cells = pc.unique(raw.some(name, 0, 10 * SAMPLE))
        cells = cells.filter(pc.invert(is_blank(cells))).slice(0, SAMPLE)
        texts = [text for text in cells.to_pylist() if text]
        if not texts:
            continue
        for kind, hits in (("email", _emails(texts)), ("card", _cards(texts)), ("phone", _phones(texts, name))):
            least = 0.5 if kind == "card" else LEAST_SHARE
            if len(hits) >= max(1, least * len(texts)):
                found.append(PersonalData(name, kind, len(hits) / len(texts), hidden(hits[0])))
                break
    return found


def _emails(texts: list[str]) -> list[str]:
    pattern = re.compile(EMAIL)
    return [text for text in texts if "@" in text and pattern.search(text)]


def _phones(texts: list[str], name: str) -> list[str]:
    dialled, mobile = re.compile(PHONE), re.compile(CHINESE_MOBILE)
    named = bool(PHONE_NAMES.search(name))
    plain = [text.strip() for text in texts]
    return [t for t in plain if dialled.fullmatch(t) or (named and (mobile.fullmatch(t) or (t.isdecimal() and 7 <= len(t) <= 15)))]


def _cards(texts: list[str]) -> list[str]:
    pattern = re.compile(CARD)
    return [text for text in texts if pattern.fullmatch(text.strip()) and is_card(text)]


def is_card(text: str) -> bool:
    """Whether the digits are a card number: 13 to 19 digits, beginning with 2 to 6, with the right check digit."""
    digits = [int(char) for char in text if char.isdecimal()]
    if not 13 <= len(digits) <= 19 or not 2 <= digits[0] <= 6:
        return False
    doubled = [d if k % 2 == 0 else (2 * d - 9 if d > 4 else 2 * d) for k, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def hidden(text: str) -> str:
    """A cell with its middle hidden, for showing."""
    text = text.strip()
    return text[:2] + "…" + text[-2:] if len(text) > 5 else "…"


def without_addresses(text: str) -> str:
    """A text with its e-mail addresses, card and telephone numbers replaced by …"""
    for pattern in (EMAIL, CARD, PHONE, CHINESE_MOBILE):
        text = re.sub(pattern, "…", text)
    return text


def secret_key(path: Path) -> bytes:
    """The key of a workspace's hashes, made on first use and readable by its owner alone. It is never exported or shown."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}-{os.getpid()}")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)  # whoever is first makes the key
        except FileExistsError:
            pass
        finally:
            aside.unlink()
        return path.read_bytes()


def hashed_cells(column: pa.ChunkedArray, key: bytes) -> pa.ChunkedArray:
    """Every non-blank cell as 32 hexadecimal digits of keyed BLAKE2b (RFC 7693); blank cells stay blank.

    The same bytes give the same digits in one workspace and others in another. Cost: 1 µs a distinct cell.
    """
    coded = pc.dictionary_encode(column).unify_dictionaries()
    words = coded.chunk(0).dictionary if coded.num_chunks else pa.array([], pa.string())
    made = [
        text if text is None or not text.strip() else hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES, key=key).hexdigest()
        for text in words.to_pylist()
    ]
    texts = pa.array(made, pa.string())
    return pa.chunked_array([texts.take(chunk.indices) for chunk in coded.chunks], pa.string())


def hashed(raw: RawTable, columns: tuple[str, ...], key: bytes) -> RawTable:
    """The file with some columns replaced by keyed hashes; what it tells of rows that could not be cut is hidden where it holds an
    address or a number."""
    chosen = [name for name in columns if name in raw.names]
    if not chosen:
        return raw
    cells = raw.cells
    for name in chosen:
        cells = cells.set_column(raw.names.index(name), name, hashed_cells(raw.column(name), key))
    values = raw.rejects[Reject.VALUE]
    for pattern in (EMAIL, CARD, PHONE, CHINESE_MOBILE):
        values = pc.replace_substring_regex(values, pattern, "…")
    rejects = raw.rejects.set_column(raw.rejects.column_names.index(Reject.VALUE), Reject.VALUE, values)
    return replace(raw, cells=cells, rejects=rejects)
