"""Text files of tables: CSV in the encodings that Vietnamese offices have used.

Unicode is told by its marks or by its form. Of the older ones (Windows-1258, Windows-1252, and the
fonts' own TCVN3 and VNI) that is taken in which most words are Vietnamese syllables; a file in
which hardly any are is refused rather than read as something that nobody wrote.
"""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Callable

from targets.spreadsheets import limits
from targets.spreadsheets.model import RefusedError, Value

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS = "\t;,|"
_LOOKED_AT = 64 * 1024
GOOD_SHARE = 0.6

_TCVN3 = str.maketrans(
    *(
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\xadõøö÷ùúýûüþ¡¢§£¤¥¦",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
    )
)
_VNI_MARKS = {
    **dict(zip("øùûõï", "\u0300\u0301\u0309\u0303\u0323", strict=True)),
    **dict(
        zip(
            "âàáåãä",
            ("\u0302", *(f"\u0302{tone}" for tone in "\u0300\u0301\u0309\u0303\u0323")),
            strict=True,
        )
    ),
    **dict(
        zip(
            "êèéúüë",
            ("\u0306", *(f"\u0306{tone}" for tone in "\u0300\u0301\u0309\u0303\u0323")),
            strict=True,
        )
    ),
}
_VNI_ALONE = dict(zip("ñìíæóòîôö", "đìíỉĩịỵơư", strict=True))
_VNI_SECOND = "".join(_VNI_MARKS)
_VNI_LETTER = re.compile(
    rf"(?P<letter>[aeouyôö](?=[{_VNI_SECOND}])|[{''.join(_VNI_ALONE)}])(?P<mark>[{_VNI_SECOND}])?",
    re.IGNORECASE,
)

_INITIALS = r"(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnpqrstvx])?"
_NUCLEI = (
    "uyê uya uyu yêu iêu ươi ươu uôi uây oai oay oao oeo ai ao au ay âu ây eo êu ia iê iu oa oă "
    "oe oi ôi ơi ua uâ ue uê ui uô uơ uy ưa ưi ươ ưu yê a ă â e ê i o ô ơ u ư y"
)
_SYLLABLE = re.compile(rf"{_INITIALS}(?:{'|'.join(_NUCLEI.split())})(?:ch|ng|nh|[cmnpt])?")
_WORD = re.compile(r"[^\W\d_]+|[^\x00-\x7f]+")
_LOST = re.compile(r"[^\W\d_]\?|\?[^\W\d_]")
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0309\u0303\u0323"))


def read_table(content: bytes) -> tuple[str, list[list[Value]]]:
    """The encoding and the rows of a text file; empty rows stay. Raises RefusedError."""
    encoding, text = decode(content)
    if lost_letters(text):
        raise RefusedError("lossy")
    text = unicodedata.normalize("NFC", text)
    separator = separator_of(text)
    if text[:4].lower() == "sep=":
        text = text.partition("\n")[2]
    csv.field_size_limit(limits.MAX_TEXT)
    rows: list[list[Value]] = []
    cells = 0
    try:
        for row in csv.reader(text.splitlines(keepends=True), delimiter=separator):
            if len(rows) >= limits.MAX_ROWS:
                raise RefusedError("rows", count=limits.MAX_ROWS)
            if len(row) > limits.MAX_COLUMNS:
                raise RefusedError("columns", count=limits.MAX_COLUMNS)
            cells += len(row)
            if cells > limits.MAX_CELLS:
                raise RefusedError("cells", count=limits.MAX_CELLS)
            rows.append([cell or None for cell in row])
    except csv.Error:
        raise RefusedError("broken") from None
    return encoding, rows


def decode(content: bytes) -> tuple[str, str]:
    """The encoding and the text. Raises RefusedError for what is not text, or of no known one."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding, _strict(
                content[len(mark) :] if encoding == "utf-8" else content, encoding
            )
    if b"\0" in content[:_LOOKED_AT]:
        # Western text in UTF-16 has every other byte zero.
        zeros = [content[start:_LOOKED_AT:2].count(0) for start in (0, 1)]
        if max(zeros) * 4 < min(len(content), _LOOKED_AT):
            raise RefusedError("encoding")
        encoding = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
        return encoding, _strict(content, encoding)
    try:
        return "utf-8", content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    found = [
        (share, name, text)
        for name, text in _older(content)
        for share in (share_of_syllables(text),)
    ]
    share, name, text = max(found, key=lambda one: one[0], default=(0.0, "", ""))
    if share < GOOD_SHARE:
        raise RefusedError("encoding")
    return name, text


def _strict(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise RefusedError("encoding") from None
    if "\0" in text:
        raise RefusedError("not_a_workbook")
    return text


def _older(content: bytes) -> list[tuple[str, str]]:
    """The text in each of the older encodings that it can be in; the first goes before the last."""
    found = []
    for name, codec, change in OLDER:
        try:
            found.append((name, change(content.decode(codec))))
        except UnicodeDecodeError:
            continue
    return found


def _from_vni(text: str) -> str:
    """VNI writes a letter, and its marks as a second letter behind it."""
    return _VNI_LETTER.sub(_vni_letter, text)


def _vni_letter(match: re.Match[str]) -> str:
    letter, mark = match["letter"], match["mark"] or ""
    base = _VNI_ALONE.get(letter.lower(), letter.lower())
    whole = unicodedata.normalize("NFC", base + _VNI_MARKS.get(mark.lower(), ""))
    return whole.upper() if letter.isupper() else whole


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


# Name, codec of Python, and what the codec's text must still be put through, line by line.
OLDER: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("windows-1258", "cp1258", _composed),
    ("tcvn3", "latin-1", lambda text: text.translate(_TCVN3)),
    ("vni", "cp1252", _from_vni),
    ("windows-1252", "cp1252", str),
)


def share_of_syllables(text: str) -> float:
    """Which part of the words with letters beyond ASCII are Vietnamese syllables."""
    words = [word for word in _WORD.findall(text[:_LOOKED_AT]) if not word.isascii()]
    if not words:
        return 1.0
    return sum(_is_syllable(word) for word in words) / len(words)


def _is_syllable(word: str) -> bool:
    apart = unicodedata.normalize("NFD", word.lower())
    tones = sum(sign in "\u0300\u0301\u0309\u0303\u0323" for sign in apart)
    plain = unicodedata.normalize("NFC", apart.translate(_TONES))
    return tones <= 1 and _SYLLABLE.fullmatch(plain) is not None


def lost_letters(text: str) -> bool:
    """Whether a program wrote ? for every letter that its encoding does not have (T? l? h? s?)."""
    part = text[:_LOOKED_AT]
    return len(_LOST.findall(part)) > max(3, len(part.split()) // 10)


def separator_of(text: str) -> str:
    """The sign that cuts the lines into the most even columns."""
    first, _end, _rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        return first.strip()[4]
    lines = [line for line in text[:_LOOKED_AT].splitlines()[:200] if line.strip()]
    best, best_score = ",", (0, 0)
    for separator in _SEPARATORS:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=separator))
        counts.pop(1, None)
        if counts:
            columns, often = max(counts.items(), key=lambda one: (one[1], one[0]))
            if (often, columns) > best_score:
                best, best_score = separator, (often, columns)
    return best
