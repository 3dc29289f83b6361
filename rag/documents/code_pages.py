"""Which old code page a text is in, told by the letters it would have.

Every candidate is tried; each non-ASCII character it gives is weighed by how common it is in the
five languages and by its neighbours (a Cyrillic letter beside a Latin one, a capital inside a word
or a sign between two letters is no text). What stays doubtful is refused, never guessed.
"""

import math
import re
from functools import lru_cache
from itertools import islice

from rag.text.language import identify

_RUSSIAN_PER_MILLE = (
    "о110 е85 а80 и74 н67 т63 с55 р47 в45 л44 к35 м32 д30 п28 у26 я20 ы19 ь17 г17 з16 б16 ч14 й12 "
    "х10 ж9 ш7 ю6 ц5 щ4 э3 ф3 ъ.5 ё.5"
)
_RUSSIAN = {entry[0]: float(entry[1:]) / 1000 for entry in _RUSSIAN_PER_MILLE.split()}
"""Share of each letter in running text."""
_LATIN = "éèêëàâçùûîïôœüöışğ"
_LATIN_RARE = "áíóúýñãõäåæøßžšìòðþ"
_SIGNS = "«»“”„‘’–—…•·€£°§©®™№½¼¾\u00a0\xad"
_NEEDS_NEIGHBOUR = frozenset("œŒžŽšŠ")
_BETWEEN_LETTERS = frozenset("’”»·–—…\u00a0\xad")
_NOT_AFTER_LETTER = frozenset("„½¼¾")
_NOT_BEFORE_LETTER = frozenset("€½¼¾")
_ODD = 1e-6
_MAX_ODD = 0.005
"""Share of characters that may be out of place: a real article has a foreign name or sign."""
_MIN_LEAD = 3.0
"""Natural logarithm of how many times likelier the best reading must be than the next."""
_SAMPLE = 20_000
"""Words with a non-ASCII byte that are weighed; more change nothing but the time."""

_WORD = re.compile(rb"[^\s\x80-\xff]*[\x80-\xff][^\s]*")
_ASCII_LETTER = re.compile(rb"[A-Za-z]")
_TURKISH_BYTES = re.compile(rb"[\xd0\xdd\xde\xf0\xfd\xfe]")
_PLAIN = bytes.maketrans(b"\xd0\xdd\xde\xf0\xfd\xfe", b"GISgis")
_TURKISH_VARIETY = 3
"""Different ones of those letters: a French text may name one Icelander, or one Czech."""
_ONLY_IN_CP1252 = re.compile(rb"[\x8e\x9e]")
_CANDIDATES = ("cp1252", "cp1254", "cp1251", "koi8_r", "iso8859_15")


def guess(data: bytes) -> str:
    """Codec name of ``data``, which is not UTF-8; "" when it cannot be told.

    One of cp1251, koi8_r, cp1252, cp1254 (which serve latin-1 and iso-8859-9) and iso8859_15.
    """
    sample = b" ".join(match.group() for match in islice(_WORD.finditer(data), _SAMPLE))
    scores: dict[str, tuple[float, str]] = {}
    for codec in _CANDIDATES:
        text = _decoded(sample, codec)
        if text and text not in scores and _decoded(data, codec):
            scores[text] = (_weight(text, _latin_share(data)), codec)
    ranked = sorted(scores.values(), reverse=True)
    if not ranked or not is_plausible(_decoded(sample, ranked[0][1])):
        return ""
    latin = ("cp1252", "cp1254")
    rivals = [
        score for score, codec in ranked[1:] if not (codec in latin and ranked[0][1] in latin)
    ]
    if rivals and ranked[0][0] - rivals[0] < _MIN_LEAD:
        return ""
    return _which_latin(data) if ranked[0][1] in latin else ranked[0][1]


def is_plausible(text: str) -> bool:
    """Whether next to no character of ``text`` stands where no text has one."""
    odd = count = 0
    for before, char, after in _with_neighbours(text):
        count += 1
        odd += _is_odd(before, char, after)
    return odd <= count * _MAX_ODD


def _which_latin(data: bytes) -> str:
    """cp1252 or cp1254, which differ in six letters: ğİışŞĞ here are ðÝýþÞÐ there."""
    turkish, western = _TURKISH_BYTES.search(data), _ONLY_IN_CP1252.search(data)
    if not turkish:
        return "cp1252"
    if western:
        return ""
    is_turkish = len(set(_TURKISH_BYTES.findall(data))) >= _TURKISH_VARIETY or identify(
        # Without those letters, which would make any text look Turkish.
        data.translate(_PLAIN).decode("cp1254", "ignore")
    ) in ("tr", "az")
    return "cp1254" if is_turkish else ""


def _decoded(data: bytes, codec: str) -> str:
    """The text, or "" when the code page has no such byte or gives a control character."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return ""
    return "" if re.search("[\x7f-\x84\x86-\x9f]", text) else text


def _latin_share(data: bytes) -> float:
    """Share of ASCII letters among ASCII letters and non-ASCII bytes."""
    head = data[:200_000]
    plain = len(_ASCII_LETTER.findall(head))
    return plain / max(1, plain + sum(byte > 127 for byte in head))


def _weight(text: str, latin_share: float) -> float:
    """Log likelihood of the non-ASCII characters of ``text``."""
    return sum(
        math.log(_probability(before, char, after, latin_share))
        for before, char, after in _with_neighbours(text)
    )


def _with_neighbours(text: str) -> list[tuple[str, str, str]]:
    padded = f" {text} "
    return [(padded[i], char, padded[i + 2]) for i, char in enumerate(text) if char > "\x7f"]


@lru_cache(maxsize=65536)
def _probability(before: str, char: str, after: str, latin_share: float) -> float:
    if _is_odd(before, char, after):
        return _ODD
    if char in _SIGNS:
        return 0.02
    lower = char.lower()
    in_capitals = before.isupper() or after.isupper()
    capital = 1.0 if char == lower else 0.9 if in_capitals else 0.05
    if lower in _RUSSIAN:
        # In a text that is mostly Latin a word of one letter is à, not Cyrillic а.
        alone = latin_share > 0.6 and not (before.isalpha() or after.isalpha())
        return _RUSSIAN[lower] * capital * (0.01 if alone else 1)
    accents = 0.1 if _is_accented(before) or _is_accented(after) else 1
    return (0.05 if lower in _LATIN or char == "İ" else 0.0005) * capital * accents


@lru_cache(maxsize=65536)
def _is_odd(before: str, char: str, after: str) -> bool:
    """Whether no text of the five languages has ``char`` there."""
    lower = "i" if char == "İ" else char.lower()
    around = [c for c in (before, after) if c.isalpha()]
    if lower in _RUSSIAN:
        alien = any(not _is_cyrillic(c) for c in around)
    elif lower in _LATIN or lower in _LATIN_RARE or char == "İ":
        inside = char.isupper() and before.isupper() and after.islower()
        alien = inside or any(_is_cyrillic(c) for c in around)
        alien = alien or (char in _NEEDS_NEIGHBOUR and not around)
    else:
        return _is_odd_sign(before, char, after)
    return alien or (char.isupper() and before.islower())


def _is_odd_sign(before: str, char: str, after: str) -> bool:
    if char not in _SIGNS:
        return True
    if before.isalpha() and after.isalpha() and char not in _BETWEEN_LETTERS:
        return True
    return (char in _NOT_AFTER_LETTER and before.isalpha()) or (
        char in _NOT_BEFORE_LETTER and after.isalpha()
    )


def _is_accented(char: str) -> bool:
    return char > "\x7f" and char.isalpha()


def _is_cyrillic(char: str) -> bool:
    return "\u0400" <= char <= "\u04ff"
