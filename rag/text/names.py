"""Names as they are written: words with a capital that no sentence start explains, acronyms."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.model import Span
from rag.text.dating import month_of
from rag.text.folding import Token, tokens
from rag.text.quantities import UNIT
from rag.text.stopwords import is_stop_word

_OPENERS = " \t\u00a0\u202f\"'«“„(—–-¿¡•"
_SENTENCE_ENDS = tuple(".!?…")
_QUOTE_MARKS = frozenset("\"'«“„")
_ABBREVIATED = frozenset("mr mrs ms mm mme dr prof st jr".split())
_PARTICLES = frozenset("de du di da del der des dos von van zu al el bin ben ibn".split())
_GAPS = (" ", "\u00a0", "-", "\u2010", "\u2011")
"""What may stand between two words of one name."""
_HEADLINE = 3
"""Words from which a text all in capitals tells nothing of names."""
_ROMAN = re.compile(r"[IVX]+|[QT][1-4]")
"""Numerals and quarters, which are no names."""
_NAME_ENDING = re.compile(
    r"['’](?:s|[nsy]?[ıiuü]n?|n[ıiuü]n|[ny]?[ae]|[dt][ae]n?|[dt][ae]ki|y?l[ae])(?!\w)"
)
"""An English possessive or a Turkish case, which Turkish sets off from names only."""
# Written with a capital, here or there, yet translated rather than spelt: titles, weekdays, peoples
# and languages, the field's own abbreviations. Folded.
_ORDINARY = re.compile(
    "(?:president|prezident|ministr?|premi?er|premyer|nazir|bakan|baskan|basbakan|cumhurbaskan)[a-z]*"
    "|prime|lord|sir|lady|mrs?|ms|mme|dr|prof|genel|mudur[a-z]*|yardimci[a-z]*|bas"
    "|today|yesterday|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    "|pazartesi|sali|carsamba|persembe|cuma|cumartesi|pazar"
    "|(?:american|armenian|asian|azerbaijani|azeri|bulgarian|european|georgian|german|iranian|israeli"
    "|italian|kazakh|korean|russian|saudi|ukrainian|uzbek)s?|british|central|chinese|english|french"
    "|japanese|kyrgyz|soviet|spanish|tajik|turkish|turkmen|eastern|western|northern|southern"
    "|amerikan|alman|azerbaycanli|cinli|ermeni|fransiz|gurcu|ingiliz|japon|kazak|ozbek|rus|turkc?e?"
    "|ai|ia|ii|si|yz|it|ict|ikt|tic"
)
_GRAM = 3


@dataclass(frozen=True, slots=True)
class Name:
    """A run of words written as a name, or an acronym."""

    span: Span
    text: str
    words: tuple[str, ...]
    """Its words folded, without particles and without what may be an ordinary word because it
    starts the sentence: what a source must hold."""


def read_names(text: str, words: Sequence[Token]) -> Iterator[Name]:
    """The names among ``words``, the tokens of ``text``, in order."""
    if text.isupper() and len(words) >= _HEADLINE:
        return
    run: list[int] = []
    for i, word in enumerate(words):
        if not _is_capital(word):
            continue
        starts = _starts_sentence(text, words, i)
        if run and (starts or not _continues(text, words, run[-1], i)):
            yield from _name(text, words, run)
            run = []
        run.append(i)
    yield from _name(text, words, run)


def _name(text: str, words: Sequence[Token], run: Sequence[int]) -> Iterator[Name]:
    """The name that the capitalised words of ``run`` make; none for an ordinary first word."""
    sure = [i for i in run if i != run[0] or _is_sure(text, words, i)]
    if sure:
        span = Span(words[run[0]].span.start, words[run[-1]].span.end)
        yield Name(span, text[span.start : span.end], tuple(words[i].folded for i in sure))


def _is_capital(word: Token) -> bool:
    """Whether a word can be one of a name."""
    has_capital = any(c.isupper() for c in word.text)
    is_other = (
        is_stop_word(word)
        or bool(_ORDINARY.fullmatch(word.folded))
        or any(pattern.fullmatch(word.text) for pattern in (_ROMAN, UNIT))
    )
    return has_capital and not is_other and month_of(word) is None


def _is_sure(text: str, words: Sequence[Token], i: int) -> bool:
    """Whether a capitalised word is a name even where it starts a sentence."""
    word = words[i]
    if not word.text[1:].islower() or not _starts_sentence(text, words, i):
        return True
    # French: lorsqu’un, puisqu’elle.
    return bool(_NAME_ENDING.match(text, word.span.end)) and not word.folded.endswith("qu")


def _starts_sentence(text: str, words: Sequence[Token], i: int) -> bool:
    gap = text[words[i - 1].span.end if i else 0 : words[i].span.start]
    if i == 0 or "\n" in gap:
        return True
    mark, before = gap.rstrip(_OPENERS)[-1:], words[i - 1]
    if mark == ":":  # what a person said begins a sentence, what is only explained does not
        return not _QUOTE_MARKS.isdisjoint(gap)
    if mark == "." and (len(before.text) == 1 or before.folded in _ABBREVIATED):
        return not before.is_capitalised
    return mark in _SENTENCE_ENDS


def _continues(text: str, words: Sequence[Token], last: int, i: int) -> bool:
    """Whether word ``i`` is of one name with ``last``: next to it, or after particles."""
    between = [words[j].text for j in range(last + 1, i)]
    gaps = (text[words[j].span.end : words[j + 1].span.start] for j in range(last, i))
    return len(between) < 3 and _PARTICLES.issuperset(between) and all(g in _GAPS for g in gaps)


def gram_recall(name: str, text: str) -> float:
    """The share, 0 to 1, of the 3-grams of ``name`` in the best stretch of ``text``.

    Both are folded, which drops accents and transliterates Cyrillic. Grams are taken within words
    (a word of up to three letters is one), so that their order does not matter; stretches have as
    many words as the name. 0.0 for a name without words.
    """
    sought = [_grams(word.folded) for word in tokens(name)]
    wanted = frozenset().union(*sought)
    if not wanted:
        return 0.0
    found = [wanted & _grams(word.folded) for word in tokens(text)]
    stretches = (found[i : i + len(sought)] for i in range(len(found)))
    return max((len(frozenset().union(*s)) for s in stretches), default=0) / len(wanted)


def _grams(word: str) -> frozenset[str]:
    return frozenset(word[i : i + _GRAM] for i in range(max(1, len(word) - _GRAM + 1)))
