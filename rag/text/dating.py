"""Dates as they are written in the five languages: years, quarters, months and days.

Each token is given a letter for what it can be in a date, and dates are patterns of these letters:
"18 December 2025" is ``dmy``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.model import Span
from rag.text.folding import Token
from rag.text.quantities import scale_at

# Folded, one month a line; Azerbaijani and Russian share their stems.
_FULL = """
    janvier january yanvar ocak ocag
    fevrier february fevral subat
    mars march mart
    avril april aprel nisan
    mai may mayis mae
    juin june iyun haziran
    juillet july iyul temmuz
    aout august avqust avgust agustos
    septembre september sentyabr eylul
    octobre october oktyabr ekim
    novembre november noyabr kasim
    decembre december dekabr aralik aralig
"""
_SHORT = (
    "jan janv yanv; feb fevr fev; mar; apr avr; ; jun; jul juil; aug avg avq; sep sept sent; "
    "oct okt; nov noyab; dec dek"
)
_MONTHS = {
    word: month
    for table in (_FULL.strip().split("\n"), _SHORT.split(";"))
    for month, words in enumerate(table, start=1)
    for word in words.split()
}
_ABBREVIATIONS = {*_SHORT.replace(";", " ").split(), "kv"}
_ENGLISH = set(
    "january february march april may june july august september october november december jan feb "
    "mar apr jun jul aug sep sept oct nov dec".split()
)
"""The day may stand after these."""
_ALSO_WORDS = {"may", "march", "mar"}
"""English months only with a capital."""
_MONTH_ENDING = re.compile(
    r"ya|yu|yem|ye|om|em|[iuae]|[dt][ae]n?|[iu]n|[iu]n[dae]\w{0,4}|[dt][ae]ki"
)
_GENITIVE_ENDINGS = ("in", "un")
"""Azerbaijani puts the day after it: dekabrın 18-i."""

_ORDINALS = (
    "first|premier|birinci|ilk|perv[a-z]{2,3}", "second|deuxieme|ikinci|vtor[a-z]{2,3}",
    "third|troisieme|ucuncu|tret[a-z]{2,4}", "fourth|quatrieme|dorduncu|chetvert[a-z]{2,3}",
)  # fmt: skip
_ROMAN = ("I", "II", "III", "IV")
# "o" and "d" are filled in below; what no rule names is "x".
_LETTERS = (
    ("q", r"kvartal(?:e|u|om)?|kv"),  # a bare digit may stand before it
    ("p", r"quarter|trimestre|kvartala|kvartal[iu]n?|rub(?:un?|[du]?nd[ae]n?)?|ceyre[kg]\w{0,6}"),
    ("s", r"of|the|th|st|nd|rd|er|e|eme|ieme|de|du|n?c[iu]|[iu]nc[iu]|y|ya|go|m|h"),
    ("t", r"year|l|annee|il|il[aie]\w{0,3}|yil\w{0,4}|goda?|godu|g|[iu]n|n[iu]n|[dt][ae]n?"),
    ("a", r"and|et|ve|i|to|au|a|po|ila"),
)  # fmt: skip
_KINDS = tuple((letter, re.compile(pattern)) for letter, pattern in _LETTERS)
_QUARTERS = tuple(re.compile(pattern) for pattern in _ORDINALS)
_QUARTER_NAME = re.compile(r"[QT][1-4]")

_NUMERIC = re.compile(
    r"(?<![\d.-])(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)"
    r"|(?<![\d./-])(?P<d2>\d{1,2})([./-])(?P<m2>\d{1,2})\5(?P<y2>(?:19|20)\d\d)(?!\d)"
)
_YEAR = r"(?:,?[st]{0,3}y)?"
_PATTERN = re.compile(
    rf"""
      y[st]{{1,3}}ds?[mg]                        # 2025-ci il 18 dekabr
    | y[st]{{0,3}}(?:g(?:s?d)?|m)                # 2025-ci il iyulun 9, 2025 yılının Mart ayı
    | y[st]{{0,3}}(?:(?:o|ds|d\.)s?[qp]|dq|[ku]) # 2026-cı ilin üçüncü rübü
    | (?:ds?a?)?ds{{0,2}}[mg]\.?{_YEAR}          # 16-18 janvier 2025
    | g\.?s?ds?(?!s?[mg]){_YEAR}                 # December 18, 2025; dekabrın 18-i
    | [mg]\.?,?[st]{{0,3}}y                      # mars 2025
    | (?:(?:o|ds|d\.)s?[qp]|dq)\.?{_YEAR}        # third quarter of 2026
    | k{_YEAR} | u,?[st]{{0,3}}y                 # Q3 2026, T3 2026
    | y
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Date:
    """What a text says of a date, with its span; None for what it does not say."""

    span: Span
    year: int | None = None
    month: int | None = None
    """1 to 12."""
    day: int | None = None
    """1 to 31; not checked against the month."""
    quarter: int | None = None
    """1 to 4."""

    @property
    def is_year(self) -> bool:
        """Whether it is nothing but a year, and might be a number: 1900 villages."""
        return not (self.month or self.day or self.quarter)


def agrees(asked: Date, found: Date) -> bool:
    """Whether ``found`` states ``asked``: all that ``asked`` gives, and maybe more.

    A month states its quarter.
    """
    quarter = found.quarter or (found.month and (found.month + 2) // 3)
    return (
        asked.year in (None, found.year)
        and asked.month in (None, found.month)
        and asked.day in (None, found.day)
        and asked.quarter in (None, quarter)
    )


def read_dates(text: str, words: Sequence[Token], lang: str | None) -> list[Date]:
    """The dates of ``text``, whose tokens are ``words``, in order and without overlap."""
    found = list(_numeric(text))
    inside = {i for date in found for i in range(*date.span)}
    letters, at = _letters(text, words, lang, inside)
    for match in _PATTERN.finditer(letters):
        found.extend(_dates(match, at))
    return sorted(found, key=lambda date: date.span)


def month_of(word: Token) -> int | None:
    """The month, 1 to 12, that a word can name, with its case ending; None for other words."""
    folded = word.folded
    if folded in _MONTHS:
        return _MONTHS[folded]
    for cut in range(len(folded) - 1, max(2, len(folded) - 7), -1):
        stem, ending = folded[:cut], folded[cut:]
        if stem in _MONTHS and stem not in _ABBREVIATIONS and _MONTH_ENDING.fullmatch(ending):
            # Aston Martin is no month, martın is.
            return None if folded == "martin" and "i" in word.text else _MONTHS[stem]
    return None


def _numeric(text: str) -> Iterator[Date]:
    """2025-12-18, 18.12.2025, 18/12/2025; 12/18/2025 where no day comes first."""
    for match in _NUMERIC.finditer(text):
        year, month, day = (int(match[key] or match[f"{key}2"]) for key in "ymd")
        if month > 12 and match["d2"]:
            day, month = month, day
        if 1 <= month <= 12 and 1 <= day <= 31:
            yield Date(Span(*match.span()), year, month, day)


def _letters(
    text: str, words: Sequence[Token], lang: str | None, inside: set[int]
) -> tuple[str, list[Token]]:
    """One letter for each word and each break, and the word, or the one before, for each."""
    letters, at = [], []
    for i, word in enumerate(words):
        gap = text[words[i - 1].span.end : word.span.start] if i else ""
        letter = "x" if word.span.start in inside else _letter(text, words, i, lang)
        for one in (_break(gap, words[i - 1]), letter):
            if one:
                letters.append(one)
                at.append(word)
    return "".join(letters), at


def _break(gap: str, before: Token) -> str:
    if gap.strip() in ("", "-", "\u2010", "\u2011", "–", "'", "’") and gap.count("\n") < 2:
        return ""
    if gap.rstrip() == ",":
        return ","
    is_short = before.folded in _ABBREVIATIONS or before.text.isdecimal()
    return "." if is_short and gap.rstrip() == "." else "|"


def _letter(text: str, words: Sequence[Token], i: int, lang: str | None) -> str:
    word = words[i]
    if word.text.isdecimal():
        if len(word.text) == 4 and word.text[:2] in ("19", "20"):
            return "x" if scale_at(text, words, i + 1, lang) else "y"
        return "d" if len(word.text) < 3 and 1 <= int(word.text) <= 31 else "x"
    if month_of(word) and _is_month(text, word, lang):
        is_english = word.folded in _ENGLISH and word.is_capitalised
        return "g" if is_english or _is_genitive(word) else "m"
    if _QUARTER_NAME.fullmatch(word.text):
        return "k" if word.text[0] == "Q" else "u"
    if word.text in _ROMAN or any(quarter.fullmatch(word.folded) for quarter in _QUARTERS):
        return "o"
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(word.folded)), "x")


def _is_month(text: str, word: Token, lang: str | None) -> bool:
    """Whether a word that can be a month is written as one."""
    if word.text in _ALSO_WORDS and lang in ("en", "fr", None):
        return False
    is_short = word.folded in _ABBREVIATIONS
    return not is_short or word.is_capitalised or text.startswith(".", word.span.end)


def _is_genitive(word: Token) -> bool:
    return word.folded.endswith(_GENITIVE_ENDINGS) and word.folded not in _MONTHS


def _dates(match: re.Match[str], at: Sequence[Token]) -> Iterator[Date]:
    """The dates of a match; two where two days share a month."""
    parts = {letter: at[i] for i, letter in enumerate(match.group(), match.start())}
    year = int(parts["y"].text) if "y" in parts else None
    month = next((month_of(parts[letter]) for letter in "mg" if letter in parts), None)
    used = [i for i in range(*match.span()) if match.string[i] not in "st.,a"]
    days = [i for i in used if match.string[i] == "d"]
    span = Span(at[used[0]].span.start, at[used[-1]].span.end)
    if month is None:
        named = next((parts[letter] for letter in "okud" if letter in parts), None)
        quarter = _quarter(named) if named else None
        if year or quarter:
            yield Date(span, year, quarter=quarter)
        return
    if len(days) == 2:
        first = at[days[0]]
        yield Date(first.span, year, month, int(first.text))
        span = Span(at[days[1]].span.start, span.end)
    yield Date(span, year, month, int(at[days[-1]].text) if days else None)


def _quarter(word: Token) -> int | None:
    if word.text[-1].isdecimal():
        number = int(word.text.lstrip("QT"))
        return number if number <= len(_QUARTERS) else None
    if word.text in _ROMAN:
        return _ROMAN.index(word.text) + 1
    return next(n for n, quarter in enumerate(_QUARTERS, 1) if quarter.fullmatch(word.folded))
