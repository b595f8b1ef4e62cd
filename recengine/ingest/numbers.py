"""Number cells of shops and spreadsheets → float64: signs of currency, thousands marks, decimal commas, full-width digits."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PLAIN = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$"
FLOAT32_MAX = 3.4e38
CURRENCIES = "£$€¥₹"


def parse_numbers(column: pa.ChunkedArray | pa.Array, decimal: str = ".") -> tuple[np.ndarray, np.ndarray]:
    """Values of a text column.

    Args:
        column: string [n], or whole numbers.
        decimal: "." or ",", the mark before the fraction; the other one groups thousands.

    Returns:
        float64 [n], NaN where empty or not understood; bool [n], True where a non-empty cell is no finite number.

    Cost: each distinct cell is parsed once.
    """
    if pa.types.is_integer(column.type):
        whole = np.array(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
        return whole, np.zeros(len(whole), dtype=bool)
    coded = pc.dictionary_encode(column)
    if isinstance(coded, pa.ChunkedArray):
        if not len(coded):
            return np.empty(0), np.empty(0, dtype=bool)
        coded = coded.combine_chunks() if coded.num_chunks != 1 else coded.chunk(0)
    words = coded.dictionary
    values, bad = _values(words, decimal)
    indices = coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    return np.append(values, np.nan)[indices], np.append(bad, False)[indices]


def _values(words: pa.Array, decimal: str) -> tuple[np.ndarray, np.ndarray]:
    plain = pc.match_substring_regex(words, PLAIN).fill_null(False)
    if decimal == ",":
        plain = pc.and_(plain, pc.invert(pc.match_substring(words, ".").fill_null(False)))
    easy = plain.to_numpy(zero_copy_only=False)
    values = np.full(len(words), np.nan)
    values[easy] = words.filter(plain).cast(pa.float64()).to_numpy(zero_copy_only=False)
    bad = np.zeros(len(words), dtype=bool)
    for k in np.flatnonzero(~easy):  # few: only spellings a plain cast refuses
        word = words[k].as_py() or ""
        if word.strip():
            value = written_number(word, decimal)
            bad[k] = value is None
            values[k] = np.nan if value is None else value
    huge = np.abs(values) > FLOAT32_MAX
    bad |= huge
    values[huge] = np.nan
    return values, bad


def written_number(word: str, decimal: str = ".") -> float | None:
    """One number as people write it, or None."""
    text = unicodedata.normalize("NFKC", word).strip().strip(CURRENCIES).strip()
    text = re.sub(r"^([+-])?\s*[" + CURRENCIES + r"]\s*", r"\1", text)
    text = re.sub(r"\s*(GBP|USD|EUR|CNY|RMB|元)$|^(GBP|USD|EUR|CNY|RMB)\s*", "", text, flags=re.IGNORECASE)
    text = text.replace("−", "-")
    if match := re.fullmatch(r"\((.+)\)", text):  # accountants' minus
        text = "-" + match.group(1)
    group = "." if decimal == "," else ","
    if re.fullmatch(rf"[+-]?\d{{1,3}}([{group}\u00a0\u202f '’]\d{{3}})+([{decimal}]\d*)?", text):
        text = re.sub(rf"[{group}\u00a0\u202f '’]", "", text)
    if decimal == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    return float(text) if re.fullmatch(PLAIN, text) else None


def guess_decimal(cells: list[str]) -> str:
    """The decimal mark of a sample: a comma when cells such as 1,5 or 1.234,56 outnumber those that need a point."""
    comma = sum(bool(re.fullmatch(r"\D*(\d{1,3}(\.\d{3})+|\d+),(\d{1,2}|\d{4,})\D*", cell.strip())) for cell in cells)
    point = sum(bool(re.fullmatch(r"\D*(\d{1,3}(,\d{3})+|\d+)\.\d+\D*", cell.strip())) for cell in cells)
    return "," if comma > point else "."
