"""Number words of the five languages: what each adds to a number, or multiplies it by.

Words are compared with their accents: without them Azerbaijani ``üç`` (three) would be ``uc``
(tip), ``beş`` (five) ``bəs`` (so), and ``on`` (ten) ``ön`` (front).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from rag.model import LANGUAGES

Role = Literal["unit", "hundred", "scale", "half"]


@dataclass(frozen=True, slots=True)
class NumberWord:
    """A word of a number."""

    value: Decimal
    role: Role = "unit"
    """A unit is added; a hundred multiplies what is under ten; a scale all that stands before."""
    stands_alone: bool = True
    """Whether it is a number by itself; ``one`` may be an article, ``second`` a unit of time."""
    is_last: bool = False
    """Whether nothing of the number follows: ordinals and words with a case ending."""


_SMALL = (*range(21), *range(30, 100, 10))
# One word, or forms with "/", for each of _SMALL; "-" where the language composes it.
_CARDINALS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety",
    "fr": "zéro un/une deux trois quatre cinq six sept huit neuf dix/dizaine onze douze/douzaine "
    "treize quatorze quinze/quinzaine seize - - - vingt/vingts/vingtaine trente/trentaine "
    "quarante/quarantaine cinquante/cinquantaine soixante/soixantaine septante huitante nonante",
    "az": "sıfır bir iki üç dörd beş altı yeddi səkkiz doqquz on - - - - - - - - - iyirmi otuz "
    "qırx əlli altmış yetmiş səksən doxsan",
    "tr": "sıfır bir iki üç dört/dörd beş altı yedi sekiz dokuz on - - - - - - - - - yirmi otuz "
    "kırk elli altmış yetmiş seksen doksan",
    "ru": "ноль/нуля один/одна/одно/одного/одной/одному/одним/одном/одну "
    "два/две/двух/двум/двумя/двое/двоих три/трех/трем/тремя/трое/троих "
    "четыре/четырех/четырем/четырьмя/четверо пять шесть семь/семи восемь/восьми/восьмью девять "
    "десять/десяток одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать "
    "семнадцать восемнадцать девятнадцать двадцать тридцать сорок/сорока пятьдесят/пятидесяти "
    "шестьдесят/шестидесяти семьдесят/семидесяти восемьдесят/восьмидесяти девяносто/девяноста",
}
# In Russian and French: stems, to which the endings below are put.
_ORDINALS = {
    "en": "- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
    "thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth",
    "fr": "- un deux trois quatr cinqu six sept huit neuv dix onz douz treiz quatorz quinz seiz "
    "- - - vingt trent quarant cinquant soixant septant huitant nonant",
    "ru": "- перв втор трет четверт пят шест седьм восьм девят десят одиннадцат двенадцат "
    "тринадцат четырнадцат пятнадцат шестнадцат семнадцат восемнадцат девятнадцат двадцат "
    "тридцат сороков пятидесят шестидесят семидесят восьмидесят девяност",
}
_ORDINAL_ENDINGS = {
    "en": [""],
    "fr": ["ième", "ièmes"],
    "ru": "ый ой ий ая ое ые ого ому ым ом ую ых ыми ья ье ьи ьего ьему ьим ьем ьей ью ьих".split(),
}
_RUSSIAN_HUNDREDS = (
    "сто/ста двести/двухсот/двумстам триста/трехсот четыреста/четырехсот пятьсот/пятисот "
    "шестьсот/шестисот семьсот/семисот восемьсот/восьмисот девятьсот/девятисот"
)
_RUSSIAN_CASES = " а у ом е ы ов ам ами ах".split(" ")

# Scale words by power of ten; with "!" those that are a number by themselves.
_SCALES = {
    "": "тыс:3 k:3 mln:6 млн:6 mlrd:9 mlr:9 bn:9 млрд:9 trln:12 trn:12 tn:12 трлн:12",
    "en": "thousand:3 million:6 millions:6 mn:6 billion:9 billions:9 trillion:12 trillions:12",
    # French counts in the long scale: a billion is a million millions.
    "fr": "mille!:3 millier:3 million:6 millions:6 milliard:9 milliards:9 md:9 mds:9 mrd:9 "
    "billion:12 billions:12 trillion:18 trillions:18",
    "az": "min!:3 milyon:6 milyard:9 trilyon:12",
    "tr": "bin!:3 milyon:6 milyar:9 trilyon:12",
    "ru": " ".join(
        [
            "тысяча!:3 тысячу!:3 тысячи:3 тысяч:3 тысяче:3 тысячам:3 тысячами:3 тысячах:3",
            *(f"{s}{'' if case else '!'}:{power}".replace(s, s + case)
              for s, power in (("миллион", 6), ("миллиард", 9), ("триллион", 12))
              for case in _RUSSIAN_CASES),
        ]
    ),
}  # fmt: skip
_OTHERS = {
    "en": {"hundred": NumberWord(Decimal(100), "hundred", False),
           "hundredth": NumberWord(Decimal(100), "hundred", False, True),
           "dozen": NumberWord(Decimal(12), "scale", False),
           "both": NumberWord(Decimal(2), stands_alone=False),
           "half": NumberWord(Decimal("0.5"), "half")},
    "fr": {"cent": NumberWord(Decimal(100), "hundred"),
           "cents": NumberWord(Decimal(100), "hundred", False),
           "centaine": NumberWord(Decimal(100)),
           "centième": NumberWord(Decimal(100), "hundred", True, True),
           "premier": NumberWord(Decimal(1), stands_alone=False, is_last=True),
           "première": NumberWord(Decimal(1), stands_alone=False, is_last=True),
           "second": NumberWord(Decimal(2), stands_alone=False, is_last=True),
           "seconde": NumberWord(Decimal(2), stands_alone=False, is_last=True),
           "demi": NumberWord(Decimal("0.5"), "half"),
           "demie": NumberWord(Decimal("0.5"), "half")},
    "az": {"yüz": NumberWord(Decimal(100), "hundred"),
           "ilk": NumberWord(Decimal(1), stands_alone=False, is_last=True),
           "yarım": NumberWord(Decimal("0.5"), "half")},
    # By itself it is as often a face: "yüz yüze", face to face.
    "tr": {"yüz": NumberWord(Decimal(100), "hundred", False),
           "düzine": NumberWord(Decimal(12), "scale", False),
           "ilk": NumberWord(Decimal(1), stands_alone=False, is_last=True),
           "yarım": NumberWord(Decimal("0.5"), "half"),
           "buçuk": NumberWord(Decimal("0.5"), "half")},
    "ru": {"полтора": NumberWord(Decimal("1.5")), "полторы": NumberWord(Decimal("1.5")),
           "полутора": NumberWord(Decimal("1.5")),
           "полмиллиона": NumberWord(Decimal(500_000)),
           "полмиллиарда": NumberWord(Decimal(500_000_000)),
           "дюжина": NumberWord(Decimal(12)),
           "оба": NumberWord(Decimal(2), stands_alone=False),
           "обе": NumberWord(Decimal(2), stands_alone=False),
           "обоих": NumberWord(Decimal(2), stands_alone=False),
           "половиной": NumberWord(Decimal("0.5"), "half")},
}  # fmt: skip

_CASE = r"y?[aəe]|[dt][aəe]n?|[dt][ıiuü]r|n?[ıiuü]n|y[ıiuü]|l[ıiuü][kq]|[aə]d[əa]k"
_POSSESSED = r"s?[ıiuü](?:n[ıiuü]n?|n[aəe]|nd[aəe]n?)?"
_TURKIC = re.compile(rf"(?P<ordinal>[ıiuü]?nc[ıiuü](?:{_CASE})?)|{_CASE}|{_POSSESSED}")
"""What may follow an Azerbaijani or Turkish number word: the ordinal's ending, a case."""
_NO_CASES = {"on", "bir", "yüz"}
"""With a case ending these are other words: onun (his), birden (suddenly), yüzde (per cent)."""
_NOT_NUMBERS = {"üçün"}
"""Azerbaijani for "for", though made like "of three"."""

_AMBIGUOUS = frozenset(
    "on six dix sept neuf cent cents mille min bin ten half alt altı yedi elli yüz second k md mds "
    "mn".split()
)
"""Words that are a number in one language and something else in another."""


@lru_cache(maxsize=65536)
def number_word(word: str, lang: str | None) -> NumberWord | None:
    """The part of a number that ``word`` is in ``lang``, or None.

    Without a language, only a word that means the same in each of the five that knows it, and
    that is no other word in one of them; ``billion`` is then the English one.
    """
    if lang in LANGUAGES:
        return _look_up(_spelled(word, lang), lang)
    if _spelled(word, "en") in _AMBIGUOUS:
        return None
    order = ("en", *(other for other in LANGUAGES if other != "en"))
    readings = [found for other in order if (found := _look_up(_spelled(word, other), other))]
    if readings and (readings[0].role == "scale" or len(set(readings)) == 1):
        return readings[0]
    return None


def _spelled(word: str, lang: str) -> str:
    """The word in lower case, a Turkic I as ı, a Russian ё as е."""
    word = unicodedata.normalize("NFC", word).replace("İ", "i")
    if lang in ("az", "tr"):
        word = word.replace("I", "ı")
    return word.lower().replace("ё", "е")


def _look_up(word: str, lang: str) -> NumberWord | None:
    found = _LEXICONS[lang].get(word)
    if found or lang not in ("az", "tr") or word in _NOT_NUMBERS:
        return found
    # Endings have at most nine letters, stems at least two.
    for cut in range(len(word) - 1, max(1, len(word) - 10), -1):
        stem = _LEXICONS[lang].get(word[:cut])
        ending = _TURKIC.fullmatch(word, cut)
        if stem and ending and not stem.is_last and stem.role != "half":
            return _with_ending(stem, word[:cut], bool(ending["ordinal"]))
    return None


def _with_ending(stem: NumberWord, word: str, is_ordinal: bool) -> NumberWord | None:
    if not is_ordinal and word in _NO_CASES:
        return None
    alone = stem.stands_alone if stem.role == "unit" else is_ordinal
    return replace(stem, stands_alone=alone, is_last=True)


def _lexicon(lang: str) -> dict[str, NumberWord]:
    words = dict(_small(lang))
    for entry in f"{_SCALES['']} {_SCALES[lang]}".split():
        word, power = entry.split(":")
        value = Decimal(10) ** int(power)
        words[word.rstrip("!")] = NumberWord(value, "scale", word.endswith("!"))
    return words | _OTHERS[lang]


def _small(lang: str) -> Iterator[tuple[str, NumberWord]]:
    """Cardinals and ordinals up to a hundred; in Russian, the hundreds."""
    for value, forms in zip(_SMALL, _CARDINALS[lang].split(), strict=True):
        number = NumberWord(Decimal(value), stands_alone=value > 1)
        for form in forms.split("/"):
            yield form, number
            if form.endswith("ь"):
                yield form[:-1] + "и", number
                if value != 7:  # "семью" is also the family
                    yield form + "ю", number
    for value, stem in zip(_SMALL, _ORDINALS.get(lang, "").split(), strict=False):
        alone = value > 1 and stem != "second"
        ordinal = NumberWord(Decimal(value), stands_alone=alone, is_last=True)
        if stem != "-":
            yield from ((stem + ending, ordinal) for ending in _ORDINAL_ENDINGS[lang])
    if lang == "ru":
        for hundreds, forms in enumerate(_RUSSIAN_HUNDREDS.split(), start=1):
            yield from ((form, NumberWord(Decimal(hundreds * 100))) for form in forms.split("/"))


_LEXICONS = {lang: _lexicon(lang) for lang in LANGUAGES}
