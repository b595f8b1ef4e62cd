"""Names the text encoding of a file from its bytes; decoding is always strict."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recengine.errors import BadInput

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
WORDS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "gb18030": "GB18030",
    "cp1252": "Windows-1252",
    "big5": "Big5",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1254": "Windows-1254",
    "euc_kr": "EUC-KR",
    "cp932": "Shift JIS",
    "shift_jis": "Shift JIS",
    "mac-roman": "Mac Roman",
    "iso8859-1": "Latin-1",
    "koi8-r": "KOI8-R",
    "ascii": "UTF-8",
}
EAST_ASIAN = frozenset({"gb18030", "big5", "cp932", "shift_jis", "euc_kr"})  # a wrong one among them gives no word of the right one
# Code pages of mainframes and forgotten printers: their letters fit almost any bytes, and no shop exports them.
RARE = ["hp_roman8", "cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140", "ptcp154", "kz1048", "cp1125", "mac_iceland"]

# Signs inside words: ¿ ¡ ¢ £ ¥ behind a letter, ¹ ³ before one. In cp1250 the same bytes are letters.
MISPLACED = re.compile(r"(?<=[^\W\d_])[¿¡¢£¥¼¾](?=[^\W\d_])|[¹³](?=[^\W\d_])")
# In a wrong reading: a capital outside ASCII behind a small letter, or a sign between two letters (but ’ · and hyphens).
INSIDE = re.compile(r"(?<=[a-zß-öø-ÿ])[À-ÖØ-ÞŒŠŽŸ¡-¶¸-¿÷×\x80-\x9f†‡‰‹›•…„“”˜ˆ–—€™∞∂∑∏π∫Ω≈∆◊√ƒ≤≥≠ﬁﬂ˙˚¸˝˛ˇ](?=[a-z])")


@dataclass(frozen=True)
class Encoding:
    """How bytes become text."""

    name: str  # a Python codec name
    confidence: float  # 0 to 1
    how: str  # "byte order mark", "valid UTF-8", "guessed from 3,120 bytes outside ASCII", "chosen"
    bom_bytes: int = 0
    damaged: bool = False  # UTF-8 with some lines that are not: those are rejected one by one

    @property
    def words(self) -> str:
        return WORDS.get(self.name, self.name)

    def borne_out_by(self, known_names: Sequence[str]) -> Encoding:
        """The same, and surer where a guessed encoding of East Asia reads a column name that exports are known to use."""
        word = next((name for name in known_names if not name.isascii()), None)
        if word is None or self.name not in EAST_ASIAN or not self.how.startswith("guessed"):
            return self
        return replace(self, confidence=0.99, how=f"{self.how}, and by the name {word}")


def detect(sample: bytes, complete: bool, not_utf8: bool = False) -> Encoding:
    """The encoding of a sample: byte order mark, strict UTF-8, UTF-16 by its zero bytes, then by the shape of the high bytes.

    Args:
        sample: Bytes from the start of the file (or the lines that failed to decode).
        complete: Whether the sample ends where a character ends.
        not_utf8: Skip the UTF-8 trial: a later part of the file has refused it.

    Raises:
        BadInput: zero bytes that are no UTF-16, or no encoding fits.
    """
    for bom, name in BOMS:
        if sample.startswith(bom):
            return Encoding(name, 1.0, "byte order mark", len(bom))
    if b"\x00" in sample[:65_536]:
        return _utf16(sample[:65_536])
    if not not_utf8:
        try:
            codecs.getincrementaldecoder("utf-8")("strict").decode(sample, complete)
            ascii_only = sample.isascii()
            return Encoding("utf-8", 0.99 if ascii_only else 1.0, "plain ASCII so far" if ascii_only else "valid UTF-8")
        except UnicodeDecodeError:
            share = utf8_share(sample)
            if share >= 0.8:
                return Encoding("utf-8", share, "valid UTF-8 in most lines", damaged=True)
    return _legacy(sample)


def utf8_share(block: bytes) -> float:
    """Share of the lines outside ASCII that are valid UTF-8; lines are those that end in LF or CR."""
    foreign = [line for line in block.splitlines() if not line.isascii()]
    return sum(is_utf8(line) for line in foreign) / max(len(foreign), 1)


def is_utf8(data: bytes) -> bool:
    """Whether all bytes decode strictly."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def chosen_encoding(name: str, head: bytes) -> Encoding:
    """An encoding named by a person; a byte order mark of that family is still left out of the text.

    Raises:
        BadInput: there is no such codec.
    """
    try:
        codec = codecs.lookup(name).name
    except LookupError as error:
        raise BadInput(f"There is no encoding called {name}.", "", "Choose UTF-8, UTF-16, GB18030 or Windows-1252.") from error
    codec = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "ascii": "utf-8"}.get(codec, codec)
    for bom, marked in BOMS:
        if head.startswith(bom) and codec[:5] == marked[:5]:
            return Encoding(marked, 1.0, "chosen", len(bom))
    return Encoding(codec, 1.0, "chosen")


def _utf16(sample: bytes) -> Encoding:
    raw = np.frombuffer(sample[: len(sample) // 2 * 2], dtype=np.uint8)
    even, odd = float((raw[0::2] == 0).mean()), float((raw[1::2] == 0).mean())
    # Line ends, digits and delimiters have a zero byte in any tongue; the wrong order of bytes has zeros on both sides, or none of these.
    for name, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        ends = sample.count("\n".encode(name)) + sample.count("\r".encode(name))
        whole = ends >= 0.9 * (sample.count(b"\n") + sample.count(b"\r"))
        if zeros > 0.02 and others < 0.1 * zeros and (zeros > 0.3 or whole) and _decodes(sample, name):
            return Encoding(name, 0.95 if zeros > 0.3 else 0.92, "every second byte is zero" if zeros > 0.3 else "line ends of two bytes")
    raise BadInput(
        "This is not a text file.", "It holds zero bytes, as pictures and programs do.", "Upload a CSV, Excel, JSON or Parquet file."
    )


def _legacy(sample: bytes) -> Encoding:
    raw = np.frombuffer(sample, dtype=np.uint8)
    high = raw >= 0x80
    n_high = int(high.sum())
    alone = alone_share(sample)
    how = f"guessed from {n_high:,} bytes outside ASCII"
    if alone >= 0.5 and (_decodes(sample, "cp1252") or _decodes(sample, "mac-roman")):
        return Encoding(_single_byte(sample, n_high), round(0.6 + 0.25 * alone, 2), how)
    common, late = common_hanzi(sample)
    if common >= 0.7 and late >= 0.05:
        return Encoding("gb18030", round(min(0.97, common), 2), how)
    if common >= 0.7 and _decodes(sample, "euc_kr"):
        return Encoding("euc_kr", 0.85, how)
    return _charset_normalizer(sample, how)


def _decodes(sample: bytes, name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)("strict").decode(sample, False)
    except UnicodeDecodeError:
        return False
    return True


def alone_share(sample: bytes) -> float:
    """Share of the bytes outside ASCII that stand between two ASCII bytes, as accented letters of western tongues do."""
    high = np.frombuffer(sample, dtype=np.uint8) >= 0x80
    before, after = np.r_[False, high[:-1]], np.r_[high[1:], False]
    return float((high & ~before & ~after).sum()) / max(int(high.sum()), 1)


def _single_byte(sample: bytes, n_high: int) -> str:
    """Mac Roman when capitals and signs stand inside words in cp1252 and not in Mac Roman, else cp1252 or cp1250."""

    def odd(name: str) -> int:
        return len(INSIDE.findall(sample[:200_000].decode(name))) if _decodes(sample, name) else n_high

    west = odd("cp1252")
    if west >= 0.1 * n_high and odd("mac-roman") <= 0.3 * west and odd("cp1250") > 0.3 * west:
        return "mac-roman"
    return _western_or_central(sample, n_high) if _decodes(sample, "cp1252") else "mac-roman"


def _western_or_central(sample: bytes, n_high: int) -> str:
    """cp1250 when signs such as ³ or ¿ stand inside words in cp1252 and turn into letters in cp1250, else cp1252."""

    def odd(name: str) -> int:
        return len(MISPLACED.findall(sample[:200_000].decode(name)))

    west = odd("cp1252")
    central = west >= 0.1 * n_high and _decodes(sample, "cp1250") and odd("cp1250") <= 0.3 * west
    return "cp1250" if central else "cp1252"


def common_hanzi(sample: bytes) -> tuple[float, float]:
    """Shares of the characters outside ASCII that are level-1 hanzi of GB 2312 or its punctuation, and that are hanzi of its later
    half, where Korean in EUC-KR has no letters; zeros when it is no GB18030."""
    try:
        text = codecs.getincrementaldecoder("gb18030")("strict").decode(sample, False)
    except UnicodeDecodeError:
        return 0.0, 0.0
    foreign = "".join(c for c in text[:200_000] if ord(c) >= 0x80)
    if not foreign:
        return 0.0, 0.0
    packed = np.frombuffer(foreign.encode("gb18030"), dtype=np.uint8)
    if len(packed) != 2 * len(foreign):
        return 0.0, 0.0
    lead, trail = packed[0::2], packed[1::2]
    level1 = (lead >= 0xB0) & (lead <= 0xD7) & (trail >= 0xA1)
    marks = (lead >= 0xA1) & (lead <= 0xA3) & (trail >= 0xA1)
    return float((level1 | marks).mean()), float((level1 & (lead >= 0xC9)).mean())


def _charset_normalizer(sample: bytes, how: str) -> Encoding:
    from charset_normalizer import from_bytes  # 0.1 s to import, rarely needed

    best = from_bytes(sample[:200_000], cp_exclusion=RARE).best()
    if best is None or best.encoding in ("utf_8", "ascii"):
        raise BadInput("The text encoding is unknown.", "No common encoding fits all bytes.", "Save the file as UTF-8 and upload it again.")
    if best.encoding in ("cp1252", "latin_1", "iso8859_15", "cp1250", "iso8859_2") and _decodes(sample, "cp1252"):
        return Encoding(_western_or_central(sample, sum(byte >= 0x80 for byte in sample)), 0.7, how)
    return Encoding(best.encoding, round(max(0.3, 0.85 - best.chaos), 2), how)
