"""Places that each language names in its own way: Arménie, Ermənistan, Армения.

Countries and regions are those of the Unicode CLDR, read with Babel; short forms and the cities of
the press that Gazette reads are a table of our own.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rag.model import LANGUAGES
from rag.text.folding import tokens

# A place a line: how the five languages write it where CLDR has it not, or has it longer.
_MORE = """
US: USA, U.S., US, United States, America, États-Unis, Etats-Unis, Amérique, ABŞ, ABD, США, Amerika, Америка
GB: UK, Britain, Great Britain, Grande-Bretagne, Böyük Britaniya, Соединённое Королевство, Büyük Britanya, İngiltere
AE: UAE, Emirates, EAU, Émirats, BƏƏ, Əmirliklər, ОАЭ, Эмираты, BAE
EU: EU, UE, Aİ, AB, ЕС, European Union, Union européenne, Avropa İttifaqı, Avrupa Birliği, Евросоюз, Европейский союз
UN: UN, ONU, BMT, BM, ООН, United Nations, Nations unies
TR: Turkey, Turquie, Türkiye, Türkiyə, Турция
CZ: Czech Republic, Чехия
KR: South Korea, Corée du Sud, Cənubi Koreya, Güney Kore, Южная Корея
RU: Russia, Russie, Rusiya, Rusya, Россия, РФ
143: Central Asia, Asie centrale, Mərkəzi Asiya, Orta Asiya, Orta Asya, Центральная Азия, Средняя Азия
caspian: Caspian, Caspienne, Xəzər, Hazar, Каспий, Каспийское
black-sea: Black Sea, mer Noire, Qara dəniz, Karadeniz, Чёрное море
gulf: Gulf, Golfe, Körfəz, Körfez, Персидский залив
caucasus: Caucasus, Caucase, Qafqaz, Kafkasya, Кавказ
middle-east: Middle East, Moyen-Orient, Proche-Orient, Yaxın Şərq, Orta Doğu, Ortadoğu, Ближний Восток
silicon-valley: Silicon Valley, Silikon Vadisi, Кремниевая долина, Силиконовая долина
baku: Baku, Bakou, Bakı, Bakü, Баку
yerevan: Yerevan, Erevan, İrəvan, Erivan, Ереван
tbilisi: Tbilisi, Tbilissi, Tiflis, Тбилиси
moscow: Moscow, Moscou, Moskva, Moskova, Москва
washington: Washington, Vaşinqton, Вашингтон
beijing: Beijing, Pékin, Pekin, Пекин
brussels: Brussels, Bruxelles, Brüssel, Brüksel, Брюссель
london: London, Londres, Londra, Лондон
paris: Paris, Париж
geneva: Geneva, Genève, Cenevrə, Cenevre, Женева
vienna: Vienna, Vienne, Vyana, Viyana, Вена
rome: Rome, Roma, Рим
kyiv: Kyiv, Kiev, Kiyev, Киев
astana: Astana, Астана
tashkent: Tashkent, Tachkent, Daşkənd, Taşkent, Ташкент
ankara: Ankara, Анкара
istanbul: Istanbul, İstanbul, Стамбул
abu-dhabi: Abu Dhabi, Abou Dhabi, Əbu-Dabi, Abu Dabi, Абу-Даби
dubai: Dubai, Dubaï, Dubay, Дубай
sumgait: Sumgait, Soumgaït, Sumqayıt, Sumgayıt, Сумгаит
"""
_ENDING = re.compile(
    r"(?:[aeiou]|ya|yu|ye|yi|oy|ey|iy|om|em|yem|oyu|yey|y?ami|a[hx]|am|ov)?"
    r"(?:n?[dt][ae](?:n|ki)?|n?[iu]n|[sy]?[iu]|n?[iu]|y?[ae]|y?l[ae]|s)?"
)
"""Case endings, folded: Russian ones, then Azerbaijani and Turkish ones, the English possessive."""
_LONGEST = 4
"""Words of the longest place."""


def places(words: Sequence[str]) -> frozenset[str]:
    """Codes of the places that the folded ``words`` of a text name, in any of the languages."""
    table = _by_first_letters()
    found = set()
    for start in range(len(words)):
        for names, code in table.get(words[start][:2], ()):
            held = words[start : start + len(names)]
            if len(held) == len(names) and all(map(_is_form_of, held, names)):
                found.add(code)
    return frozenset(found)


def _is_form_of(word: str, name: str) -> bool:
    if word == name:
        return True
    stem = _stem(name)
    rest = word[len(stem) :] if word.startswith(stem) else ""
    return bool(rest) and len(name) > 2 and _ENDING.fullmatch(rest) is not None


@lru_cache(maxsize=4096)
def _stem(name: str) -> str:
    """A name without the final vowels that an ending may replace: Армения, Армении."""
    if name.endswith("iya"):
        return name[:-2]
    least = 4 if len(name) <= 5 else 5
    while len(name) > least and name[-1] in "aeiouy":
        name = name[:-1]
    return name


@lru_cache(maxsize=1)
def _by_first_letters() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """(folded words, code) of every name, by the first two letters of the first word."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for code, name in _named():
        words = tuple(token.folded for token in tokens(name))
        if 0 < len(words) <= _LONGEST:
            held = found.setdefault(words[0][:2], [])
            if (words, code) not in held:
                held.append((words, code))
    return found


def _named() -> Iterator[tuple[str, str]]:
    from babel import Locale

    for lang in LANGUAGES:
        for code, name in Locale(lang).territories.items():
            yield code, name
    for line in _MORE.strip().splitlines():
        code, names = line.split(": ")
        for name in names.split(", "):
            yield code, name
