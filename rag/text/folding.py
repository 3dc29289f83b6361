"""Folding: one form for what is written in many ways (accents, case, Cyrillic, inflection).

Folded forms are only ever compared. A span always comes from the original text: tokens are cut
from it first and folded one at a time, so nothing has to be mapped back.
"""

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from rag.model import Span

_TOKEN = re.compile(
    r"\d{1,3}(?:[.,\u00a0\u202f ]\d{3}(?!\d))+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
    r"|(?:[^\W\d_][\u0300-\u036f]*)+(?:\d[^\W_]*)?"
)
_LATIN = str.maketrans(
    {"ə": "e", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"}
)
# Russian to Latin after the practice of French, English, Azerbaijani and Turkish newsrooms,
# reduced to what they share.
_CYRILLIC = str.maketrans(
    dict(
        zip(
            "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғіқңөұүһҹҝј",
            "a b v g d e e j z i y k l m n o p r s t u f h ts ch sh sh  i  e yu ya "
            "e g i k n o u u h j g y".split(" "),
            strict=True,
        )
    )
)
_PREFIX = 5
"""Letters kept of a word: truncation to five serves agglutinating and inflecting languages about
as well as a stemmer (Can et al., Information Retrieval on Turkish Texts, JASIST 59(3), 2008),
works for Azerbaijani, which has no kept stemmer, and joins cognates across languages."""

_SOUNDS = (
    # Spellings of one sound across the five languages; order matters.
    ("dzh", "j"), ("dj", "j"), ("zh", "j"), ("tch", "ch"), ("sch", "sh"), ("ch", "s"),
    ("sh", "s"), ("kh", "h"), ("gh", "g"), ("ph", "f"), ("ck", "k"), ("ks", "x"),
    ("q", "k"), ("x", "h"), ("w", "v"), ("c", "j"),
)  # fmt: skip
_VOWELS = re.compile(r"[aeiouy]+")
_DOUBLED = re.compile(r"(.)\1+")
_NAME_KEY = 3
_LONG_SKELETON = 5
"""Consonants that make a name by themselves; with fewer its vowels must agree as well."""
_ALIKE = 0.75
"""Ratio of matching letters (Ratcliff and Obershelp) from which two spellings are one name; between
Mirziyoyev and Мирзиёев, which agree, and Samir and Samrux, which do not."""
_NAME_SUFFIX = 2
"""Consonants that a case ending may add to a name: Nəbiyevlə, Набиевым, Nabiyevden."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word or number with its span in the original text."""

    span: Span
    text: str
    folded: str

    @property
    def is_capitalised(self) -> bool:
        """Whether it starts with a capital: a name, or the start of a sentence."""
        return self.text[0].isupper()


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """Casefold, drop accents, transliterate Cyrillic; ``Nəbiyev`` gives ``nebiyev``.

    The result may be longer or shorter than ``word``.
    """
    word = unicodedata.normalize("NFKC", word).replace("İ", "i").replace("I", "i").casefold()
    word = word.translate(_CYRILLIC).translate(_LATIN)
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def tokens(text: str) -> list[Token]:
    """Words and numbers of ``text``, in order, each with its span and folded form.

    What folds to nothing, as a hard sign by itself does, is left out.
    """
    return [
        Token(Span(m.start(), m.end()), m.group(), folded)
        for m in _TOKEN.finditer(text)
        if (folded := _fold_token(m.group()))
    ]


def _fold_token(word: str) -> str:
    return number_key(word) if word[0].isdigit() else fold(word)


def number_key(number: str) -> str:
    """One form for ``1 200 000``, ``1.200.000`` and ``1,200,000``, and for ``4,5`` and ``4.5``."""
    digits = re.sub(r"[.,\u00a0\u202f ](?=\d{3}(?!\d))", "", number)
    return digits.replace(",", ".")


def term(folded: str) -> str:
    """The lexical index's term of a folded word; numbers are kept whole."""
    return folded if folded[0].isdigit() else folded[:_PREFIX]


@lru_cache(maxsize=65536)
def skeleton(folded: str) -> str:
    """Consonants of a folded name, its spelling evened out; ``nbv`` for Nabiyev and Набиев.

    An initial vowel counts as ``a``. "" for what has fewer than four letters or holds a digit.
    """
    if len(folded) < 4 or not folded.isalpha():
        return ""
    folded = _sounded(folded)
    return ("a" if folded[0] in "aeiou" else folded[0]) + _VOWELS.sub("", folded[1:])


@lru_cache(maxsize=65536)
def _sounded(folded: str) -> str:
    """A folded name with one spelling for each sound."""
    for spelling, sound in _SOUNDS:
        folded = folded.replace(spelling, sound)
    # What Azerbaijani writes with ə, others write with e or a.
    return _DOUBLED.sub(r"\1", folded).replace("e", "a")


def name_key(folded: str) -> str:
    """The lexical index's term of a name, or "" where too little is left to tell names apart."""
    key = skeleton(folded)[:_NAME_KEY]
    return key if len(key) == _NAME_KEY else ""


def same_name(a: str, b: str) -> bool:
    """Whether two folded words can be one name, across scripts, spellings and case endings."""
    if a == b:
        return True
    one, other = sorted((skeleton(a), skeleton(b)), key=len)
    if len(one) < _NAME_KEY or not other.startswith(one) or len(other) - len(one) > _NAME_SUFFIX:
        return False
    return (one == other and len(one) >= _LONG_SKELETON) or _sound_alike(_sounded(a), _sounded(b))


@lru_cache(maxsize=65536)
def _sound_alike(a: str, b: str) -> bool:
    """Whether vowels agree too, whole or without the longer one's ending."""
    length = min(len(a), len(b)) + 1
    pairs = ((a, b), (a[:length], b[:length]))
    return any(SequenceMatcher(None, *pair, autojunk=False).ratio() >= _ALIKE for pair in pairs)
