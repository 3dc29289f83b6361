"""Numbers as they are written in the five languages: digits, words, and scales such as million."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rag.model import Span
from rag.text.folding import Token
from rag.text.number_sums import NumberSum
from rag.text.number_words import NumberWord, number_word

_LONGEST = 25
"""Characters of a number in digits; more is an identifier, not a quantity."""
_HYPHENS = ("-", "\u2010", "\u2011")
_JOINS = (" ", "\u00a0", "\u202f", "\n", *_HYPHENS)
"""What may stand between two words of one number."""
_SUFFIXED = ("", *_HYPHENS, "'", "’")
"""What may stand between digits and their ending."""
_CURRENCIES = tuple("$€£₽₺₼")

_ORDINAL = re.compile(
    r"th|st|nd|rd|e|er|ers|re|ère|è|ème|eme|ième|es|ᵉ|ᵉʳ|n?c[ıiuü]\w*|[ıiuü]nc[ıiuü]\w*"
    r"|й|я|е|го|му|м|ми|х|ой|ая|ое|ый|ых"
)
"""What makes digits an ordinal: 70th, 62e, 70-ci, 62’nci, 70-е."""
UNIT = re.compile(
    r"[kKMGTPmcµкмМГТ]?(?:Wh?|m[²³]?|g|t|b|B|bps|bit|Hz|V|Вт|Втч|г|т|Б|б|Гц|бит|м)|h|s|min|ha|x"
)
"""Symbols of units. Right after digits, letters that are none (5G, 1news) leave no number."""
_LETTERS = {"M": 10**6, "m": 10**6, "B": 10**9}
"""Scales written right after digits, "m" after a currency only; bn and the like are words."""
_ITEM = re.compile(r"[.)] ")
_CONNECTORS = {None: ("and", "a"), "en": ("and", "a"), "fr": ("et",), "ru": ("с",)}
_OTHER_SENSE = {("pour", "cent"), ("во", "вторых"), ("в", "третьих")}
"""A word and, after it, a number word that is none there."""
_PLURAL = re.compile(r"\w+[sxz]|mille|cent|millions?|milliards?")
"""What follows the French nine; the adjective neuf (new) is singular, and after its noun."""
_INDEFINITE = re.compile(r"(?:milyon|milyard?|trilyon|min|bin)l[aəe]r.*")
"""Azerbaijani and Turkish plurals: "yüz milyonlarla" is hundreds of millions, not one."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its span in the text; per cent and other units are no part of it."""

    span: Span
    value: Decimal
    is_certain: bool = True
    """False for one, un, bir, first, second, both and the like, which may be articles or adverbs:
    they bear a number out but are none to check."""


def decimal(digits: str, lang: str | None = None, is_scaled: bool = False) -> Decimal:
    """The value of ``1 200 000``, ``1.200.000``, ``1,200,000``, ``4,5`` or ``4.5``.

    A lone sign before exactly three digits groups thousands; it is the decimal sign after a bare
    zero, and before a scale word (``is_scaled``: 1.375 billion) where ``lang`` writes it so.
    """
    *groups, last = re.split(r"\D", digits)
    signs = re.sub(r"\s", " ", re.sub(r"\d", "", digits))
    is_decimal = signs[-1:] in (".", ",") and signs.count(signs[-1]) == 1
    if is_decimal and len(last) == 3 and len(signs) == 1 and groups[0] != "0":
        is_decimal = is_scaled and signs in {None: ".,", "en": "."}.get(lang, ",")
    return Decimal("".join(groups) + "." * is_decimal + last)


def read_numbers(
    text: str, words: Sequence[Token], lang: str | None, taken: Container[int] = ()
) -> Iterator[Number]:
    """The numbers among ``words``, the tokens of ``text``, in order, doubtful ones included.

    ``taken`` holds the indices of words that belong to dates: they are no part of a number.
    """
    reader = _Reader(text, words, lang, taken)
    i = 0
    while i < len(words):
        number, i = reader.read(i)
        if number:
            yield number


def scale_at(text: str, words: Sequence[Token], i: int, lang: str | None) -> Decimal | None:
    """What the word ``i`` multiplies the one before it by; None where it is no scale word."""
    if i >= len(words) or _gap(text, words, i) not in ("", *_JOINS):
        return None
    word = number_word(words[i].text, lang)
    return word.value if word and word.role == "scale" else None


def _gap(text: str, words: Sequence[Token], i: int) -> str | None:
    """What stands before word ``i``, or None where there is no such word."""
    return text[words[i - 1].span.end : words[i].span.start] if i < len(words) else None


class _Reader:
    """Reads numbers off the tokens of a text."""

    def __init__(
        self, text: str, words: Sequence[Token], lang: str | None, taken: Container[int]
    ) -> None:
        self._text, self._words, self._lang, self._taken = text, words, lang, taken

    def read(self, start: int) -> tuple[Number | None, int]:
        """The number that begins at word ``start``, if any, and the word to go on from."""
        if start in self._taken:
            return None, start + 1
        first, end = self._digits(start) if self._is_digits(start) else self._first(start)
        if first is None:
            return None, end
        total = NumberSum(self._lang)
        if self._is_digits(start):
            total.add_digits(first.value)
        else:
            total.add(first)
        end, words = self._rest(first, end, total)
        is_lone_scale = words == 1 and first.role != "unit" and not first.stands_alone
        if total.is_bare_half or is_lone_scale or self._is_indefinite(end):
            return None, end
        span = Span(self._words[start].span.start, self._words[end - 1].span.end)
        return Number(span, total.value, first.stands_alone or words > 1), end

    def _rest(self, first: NumberWord, end: int, total: NumberSum) -> tuple[int, int]:
        """Add what follows; the word after the number, and how many words it has."""
        is_last, words = first.is_last, 1
        while not is_last and self._follows(end):
            if self._is_digits(end):  # 3 milyon 200 bin
                if not self._is_smaller(end, total):
                    break
                total.add_digits(decimal(self._words[end].text, self._lang))
                end, words = end + 1, words + 1
                continue
            word, after = self._next(end, total)
            if word is None or not total.add(word):
                break
            is_last, end, words = word.is_last, after, words + 1
        return end, words

    def _is_smaller(self, i: int, total: NumberSum) -> bool:
        """Whether digits after a scale have a scale of their own, under it."""
        scale = scale_at(self._text, self._words, i + 1, self._lang)
        return scale is not None and scale < total.scale and len(self._words[i].text) <= 3

    def _next(self, start: int, total: NumberSum) -> tuple[NumberWord | None, int]:
        """The next word that may belong to the number, connectors skipped, and the one after."""
        i, connectors = start, _CONNECTORS.get(self._lang, ())
        while i < start + 2 and self._follows(i) and self._words[i].text.lower() in connectors:
            i += 1
        word = self._word(i) if self._follows(i) else None
        if word is None or total.is_bare_half:  # half a million
            return word, i + 1
        if word.role == "half":  # one and a half
            is_joined = i > start or not connectors
        else:
            is_joined = i == start or (word.role == "unit" and total.takes_and(word.value))
        return (word if is_joined else None), i + 1

    def _first(self, i: int) -> tuple[NumberWord | None, int]:
        """The number word at ``i``; "a" counts as one before hundred, million and the like."""
        if self._words[i].text.lower() in ("a", "an") and self._lang in ("en", None):
            after = self._word(i + 1) if self._follows(i + 1) else None
            is_one = after is not None and after.role in ("hundred", "scale")
            return (NumberWord(Decimal(1), stands_alone=False) if is_one else None), i + 1
        return self._word(i), i + 1

    def _digits(self, i: int) -> tuple[NumberWord | None, int]:
        """The digits at word ``i`` with an ordinal's ending, or M and the like, after them."""
        token, after = self._words[i], i + 1
        gap = None if after in self._taken else _gap(self._text, self._words, after)
        suffix = "" if gap is None or self._is_digits(after) else self._words[after].text
        scale = scale_at(self._text, self._words, after, self._lang) if suffix else None
        glued = self._glued_scale(i, gap, suffix, scale)
        is_ordinal = bool(suffix) and gap in _SUFFIXED and bool(_ORDINAL.fullmatch(suffix))
        is_name = gap == "" and suffix and not (glued or is_ordinal or UNIT.fullmatch(suffix))
        if is_name or len(token.text) > _LONGEST or self._is_item(token):
            return None, after
        value = decimal(token.text, self._lang, bool(scale or glued)) * (glued or 1)
        is_last = is_ordinal or glued is not None or (gap in _SUFFIXED and not scale)
        return NumberWord(value, is_last=is_last), after + (is_ordinal or glued is not None)

    def _glued_scale(
        self, i: int, gap: str | None, suffix: str, scale: Decimal | None
    ) -> Decimal | None:
        """What letters after the digits multiply them by: 43M, 43 M€, $500m, $3B, 2bn."""
        start = self._words[i].span.start
        if suffix == "m" and (start == 0 or self._text[start - 1] not in _CURRENCIES):
            return None
        if gap == "":
            return Decimal(_LETTERS[suffix]) if suffix in _LETTERS else scale
        is_money = suffix == "M" and self._text.startswith(_CURRENCIES, self._words[i + 1].span.end)
        return Decimal(10**6) if is_money else None

    def _is_item(self, token: Token) -> bool:
        """Whether the digits number an item of a list."""
        start, end = token.span
        is_line_start = start == 0 or self._text[start - 1] == "\n"
        return is_line_start and len(token.text) < 3 and bool(_ITEM.match(self._text, end))

    def _is_digits(self, i: int) -> bool:
        return self._words[i].text[0].isdecimal()

    def _is_indefinite(self, i: int) -> bool:
        return self._follows(i) and bool(_INDEFINITE.fullmatch(self._words[i].text.lower()))

    def _follows(self, i: int) -> bool:
        """Whether there is a word ``i`` that can be of one number with the word before it."""
        return _gap(self._text, self._words, i) in _JOINS and i not in self._taken

    def _word(self, i: int) -> NumberWord | None:
        word = self._words[i].text
        before = self._words[i - 1].text.lower() if i else ""
        if (before, word.lower()) in _OTHER_SENSE:
            return None
        if word.lower() == "neuf" and _gap(self._text, self._words, i) not in _HYPHENS:
            after = self._words[i + 1].text if self._follows(i + 1) else ""
            if not _PLURAL.fullmatch(after.lower()):
                return None
        return number_word(word, self._lang)
