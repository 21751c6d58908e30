"""What a dictionary file holds that its reader should know, and what a text needs that it lacks."""

import codecs
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from snapml_ocr.files import decoded
from snapml_ocr.ocr.dictionary import Dictionary

MAX_SHOWN = 5
"""Lines or entries that a remark names."""


@dataclass(frozen=True)
class Missing:
    """A character that a dictionary lacks, and how often a text has it."""

    character: str
    count: int

    @property
    def name(self) -> str:
        """Code point and Unicode name."""
        named = unicodedata.name(self.character, "no name")
        return f"U+{ord(self.character):04X} {named}"


def remarks_on(path: Path) -> list[str]:
    """Return what is unusual in a dictionary file, one sentence each; all of it can be as its model wants it.

    Raises `UserError` for a file that is no dictionary.
    """
    entries = Dictionary.read(path).entries
    content = path.read_bytes()
    remarks = []
    if content.startswith(codecs.BOM_UTF8):
        remarks.append("begins with a byte order mark, which is no part of the first entry here")
    elif content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        remarks.append("is in UTF-16; PaddleOCR and others read UTF-8")
        content = decoded(content).encode()
    crlf, ends = content.count(b"\r\n"), content.count(b"\n")
    if crlf:
        remarks.append(f"{crlf} of {ends} lines end in CRLF; the CR is no part of an entry")
    if ends and not content.endswith(b"\n"):
        remarks.append("the last line has no line end, which is fine")
    lines = dict(enumerate(entries, start=1))
    places: dict[str, list[int]] = {}
    for number, entry in lines.items():
        places.setdefault(entry, []).append(number)
    blank = places.pop("", [])
    if blank:
        remarks.append(f"{_numbered(blank)} empty: such a class writes nothing")
    repeated = {entry: found for entry, found in places.items() if len(found) > 1}
    if repeated:
        shown = "; ".join(
            f"{entry!r} in lines {', '.join(map(str, found))}"
            for entry, found in list(repeated.items())[:MAX_SHOWN]
        )
        remarks.append(f"{len(repeated)} entries stand there more than once: {shown}")
    padded = [number for number, entry in lines.items() if len(entry) > 1 and entry != entry.strip()]
    if padded:
        remarks.append(f"{_numbered(padded)} with blanks around characters: the reader writes them too")
    if " " in places:
        remarks.append(f"{_numbered(places[' '])} a single space: the space character itself")
    longer = sum(len(entry) > 1 for entry in entries)
    if longer:
        remarks.append(f"{longer} entries have more than one character (ligatures, combining marks)")
    return remarks


def missing_from(dictionary: Dictionary, text: str) -> list[Missing]:
    """Return the characters of `text` that no entry has, the most frequent first.

    A character counts as there when an entry of several characters has it. Line ends and tabs are no
    characters of a line.
    """
    known = set("".join(dictionary.characters)) | set("\n\r\t")
    counts = Counter(character for character in text if character not in known)
    return [Missing(character, count) for character, count in sorted(counts.items(), key=_most_first)]


def composed_is_known(dictionary: Dictionary, text: str) -> bool:
    """Whether writing `text` in composed form (NFC) leaves fewer characters missing."""
    composed = unicodedata.normalize("NFC", text)
    return len(missing_from(dictionary, composed)) < len(missing_from(dictionary, text))


def _most_first(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def _numbered(lines: Sequence[int]) -> str:
    shown = ", ".join(map(str, lines[:MAX_SHOWN]))
    more = f" and {len(lines) - MAX_SHOWN} more" if len(lines) > MAX_SHOWN else ""
    return f"line {shown} is" if len(lines) == 1 else f"lines {shown}{more} are"
