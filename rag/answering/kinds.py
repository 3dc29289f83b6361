"""What kind of thing a question asks for, and whether a sentence holds one.

Patterns over the question words and units of the five languages; none knows a subject.
"""

import re
from dataclasses import dataclass

_FLAGS = re.IGNORECASE


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of answer: how it is asked for and how it looks."""

    name: str
    asked: re.Pattern[str]
    found: re.Pattern[str]


def _kind(name: str, asked: str, found: str) -> Kind:
    return Kind(name, re.compile(asked, _FLAGS), re.compile(found, _FLAGS))


_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|"
    "yanvar|fevral|mart|aprel|may|iyun|iyul|avqust|sentyabr|oktyabr|noyabr|dekabr|"
    "январ|феврал|март|апрел|ма[йяе]|июн|июл|август|сентябр|октябр|ноябр|декабр|"
    "ocak|şubat|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık"
)
_SPANS_OF_TIME = (
    r"quarter|year|month|week|trimestre|année|\bans?\b|mois|semaine|rüb|\bil|\bay\b|həftə|"
    r"квартал|\bгод|лет\b|месяц|недел|çeyre|yıl|hafta|yarı"
)

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
        r"\d[\d\u00a0\u202f ,.]*(km|m|kilom\w*|mètres|metr\w*|километр\w*|км|м|hectar\w*|гектар\w*)\b",
    ),
    _kind(
        "time",
        r"\b(when|by when|(what|which) (date|day|month|year|quarter)|since what year|"
        r"quand|(à|de) quelle (date|échéance|année)|quel (jour|mois|trimestre)|en quelle année|"
        r"(nə|ne) (vaxt|zaman)\w*|hansı (il|tarix|ay|rüb)\w*|"
        r"когда|в как(ом|ой) (году|месяце|день|квартале)|какого числа|к какому (сроку|году)|"
        r"hangi (yıl|tarih|ay|çeyre)\w*)",
        rf"\b(19|20)\d\d\b|\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b|\b({_MONTHS})|\d.{{0,12}}({_SPANS_OF_TIME})|"
        rf"({_SPANS_OF_TIME})",
    ),
    _kind(
        "count",
        r"\bhow (many|much|old|large|big|fast|high)|\b(what|which) (number|amount|size|place|rank)|combien|"
        r"quel(le)? (est |était )?(le |la )?(nombre|capacité|taille|rang|place)|neç[əe]|nə qədər|ne qeder|"
        r"сколько|скольк|какое (место|число|количество)|какого размера|kaç|ne kadar|kaçıncı",
        r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|million|billion|"
        r"deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douzaine|cent|mille|millions?|milliards?|premier|"
        r"bir|iki|üç|dörd|beş|altı|yeddi|səkkiz|doqquz|on|yüz|min|milyon|milyard|"
        r"один|одн|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять|сто|тысяч|миллион|миллиард|"
        r"dört|yedi|sekiz|dokuz|bin|milyar)\b",
    ),
)


def kind_asked(question: str) -> Kind | None:
    """The kind of thing ``question`` asks for, or None when it is no kind that can be seen."""
    return next((kind for kind in KINDS if kind.asked.search(question)), None)
