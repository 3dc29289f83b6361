"""What kind of thing a question asks for, and whether a sentence holds one.

Patterns over the question words and units of the five languages; none knows a subject.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from rag.text.atoms import dates, numbers
from rag.text.dating import month_of
from rag.text.folding import tokens

_FLAGS = re.IGNORECASE
Test = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of answer: how it is asked for, and whether a text in a language holds one."""

    name: str
    asked: re.Pattern[str]
    is_in: Test


def _kind(name: str, asked: str, found: str | Test) -> Kind:
    return Kind(name, re.compile(asked, _FLAGS), _test(found) if isinstance(found, str) else found)


def _test(pattern: str) -> Test:
    found = re.compile(pattern, _FLAGS)
    return lambda text, lang: found.search(text) is not None


_SPAN_OF_TIME = re.compile(
    r"quarter|year|month|week|trimestre|année|\bans?\b|mois\b|semaine|rüb|\d.{0,12}\b(il|ay)\b|həftə|"
    r"квартал|\bгод|лет\b|месяц|недел|çeyre|yıl|hafta|yarı",
    _FLAGS,
)


_ALSO_WORDS = ("may", "march")
"""English months that are words too: only with a day or a year."""


def _has_time(text: str, lang: str) -> bool:
    if _SPAN_OF_TIME.search(text) or dates(text, lang):
        return True
    return any(month_of(t) and (lang != "en" or t.folded not in _ALSO_WORDS) for t in tokens(text))


def _has_number(text: str, lang: str) -> bool:
    return bool(numbers(text, lang))


# The first that is asked for counts.
KINDS = (
    _kind(
        "money",
        r"how much (money|does|did|will|would|is|was) .{0,60}\b(cost|worth|invest|pay|price|value)|"
        r"how many (\w+ )?(dollars|euros|manats?|roubles|liras?)|"
        r"(what|which) .{0,40}\b(price|cost|sum|fine|budget|amount of (the )?(loan|investment))\b|"
        r"combien .{0,40}(coût|vaut|investi|valent|dollars|euros|rapport)|"
        r"(quel|à combien).{0,40}\b(prix|coût|montant|budget|somme|amende|valeur)|"
        r"(neçə|nə qədər|neçəyə|hansı).{0,40}(pul|dollar|manat|avro|məbləğ|investisiya|sərmayə|qiymət|başa gəl|cərimə)|"
        r"(сколько|какова|какой|какую|во сколько|на сколько).{0,60}(сто(ит|ил)|обой|долларов|евро|рублей|цена|сумм|"
        r"стоимост|инвестици|вложит|штраф|бюджет)|"
        r"(kaç|ne kadar).{0,60}(dolar|avro|lira|para|yatırım)|(maliyet|fiyat|bütçe|tutar|ceza)\w* (ne|kaç)",
        r"[$€₼₽₺]|\b(usd|eur|dollars?|euros?|manats?|dollar|avro|dolar|lira|долл|евро|руб|тенге|tenge|mci|мрп|aek)",
    ),
    _kind(
        "power",
        r"megawatt|\bMW\b|gigawatt|мегаватт|meqavat|megavat|\b(puissance|мощност\w*|gücü|enerji gücü)\b",
        r"\b(mw|gw|kw|megawatt|mégawatt|gigawatt|meqavat|megavat|мвт|гвт|мегаватт|гигаватт|exaflop|эксафлоп|eksaflop|petaflop|tflop)",
    ),
    _kind(
        "share",
        r"\b(what|which) (share|percentage|proportion)|per ?cent|%|quelle (part|proportion)|pourcentage|"
        r"faiz|как(ая|ую) дол[яю]|процент|yüzde|\boran",
        r"%|per ?cent|pour cent|faiz|процент|yüzde|\bhalf\b|moitié|yarısı|половин|third|tiers",
    ),
    _kind(
        "length",
        r"how (long|far) is|length|longueur|kilom|uzunlu|длин|протяж|километр|metrekare|superficie|площад",
        r"\d[\d\u00a0\u202f ,.]*(square |sq\.? |kvadrat |kv\. ?|квадратн\w+ |кв\. ?)?"
        r"(k?m[²2]?|ha|(kilo)?m[eè]t(er|r)\w*|miles?|feet|he[ck]tar\w*|"
        r"к?м[²2]?|га|(кило)?метр\w*|мил[ьия]|гектар\w*)\b",
    ),
    _kind(
        "time",
        r"\b(when|by when|(what|which) (date|day|month|year|quarter)|since what year|"
        r"quand|(à|de) quelle (date|échéance|année)|quel (jour|mois|trimestre)|en quelle année|"
        r"(nə|ne) (vaxt|zaman)\w*|hansı (il|tarix|ay|rüb)\w*|"
        r"когда|в как(ом|ой) (году|месяце|день|квартале)|какого числа|к какому (сроку|году)|"
        r"hangi (yıl|tarih|ay|çeyre)\w*)",
        _has_time,
    ),
    _kind(
        "count",
        r"\bhow (many|much|old|large|big|fast|high)|\b(what|which) (number|amount|size|place|rank)|combien|"
        r"quel(le)? (est |était )?(le |la )?(nombre|capacité|taille|rang|place)|neç[əe]|nec[əe]nci|nə qədər|ne qeder|"
        r"сколько|скольк|какое (место|число|количество)|какого размера|kaç|ne kadar|kaçıncı",
        _has_number,
    ),
)


def kind_asked(question: str) -> Kind | None:
    """The kind of thing ``question`` asks for, or None when it is no kind that can be seen."""
    return next((kind for kind in KINDS if kind.asked.search(question)), None)
