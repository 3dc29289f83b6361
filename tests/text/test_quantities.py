"""Numbers: digits, words and scales give the same value in every language."""

from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.model import LANGUAGES
from rag.text.atoms import Atoms, numbers
from rag.text.quantities import decimal

_PIECES = st.sampled_from(
    [
        *("1", "12", "2025", "1 200 000", "4,5", "0.125", "M", "bn", "min", "th", "-ci", "’inci"),
        *(
            "a",
            "one",
            "and a half",
            "million",
            "hundred",
            "et demi",
            "quatre-vingt",
            "mille",
            "dix",
        ),
        *("on", "beş", "yüz", "milyonlarla", "yarım", "двадцать", "тысяча", "с половиной", "млрд"),
        *(" ", "\u00a0", "\n", "-", ", ", ". ", "$", "%", "«", "ö", "İ", "ı", "\u0301", "٣", "²"),
    ]
)
_TEXTS = st.lists(_PIECES | st.characters(), max_size=30).map("".join)
_LANGS = st.sampled_from([None, *LANGUAGES])


def _values(text: str, lang: str | None) -> list[str]:
    return [f"{number.value.normalize():f}" for number in numbers(text, lang)]


_DIGITS = {
    "1 200 000": "1200000", "1\u00a0200\u202f000": "1200000", "1.200.000": "1200000",
    "1,200,000": "1200000", "18,000.50": "18000.5", "18.000,50": "18000.5", "4,5": "4.5",
    "4.5": "4.5", "1,560": "1560", "0,125": "0.125", "0.125": "0.125", "6,144": "6144",
    "41,41": "41.41", "50": "50", "007": "7",
}  # fmt: skip


@pytest.mark.parametrize("digits", _DIGITS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_separators_of_the_five_languages_are_read(digits: str, lang: str) -> None:
    assert _values(f"({digits})", lang) == [_DIGITS[digits]]


@pytest.mark.parametrize(
    ("digits", "lang", "value"),
    [
        ("1.375", "en", "1.375"),
        ("1,375", "en", "1375"),
        ("1,375", "fr", "1.375"),
        ("1.375", "tr", "1375"),
        ("1.375", None, "1.375"),
        ("1 375", "ru", "1375"),
    ],
)
def test_before_a_scale_a_lone_sign_is_the_decimal_sign_of_the_language(
    digits: str, lang: str | None, value: str
) -> None:
    assert decimal(digits, lang, is_scaled=True) == Decimal(value)


@given(st.integers(0, 10**12), st.sampled_from([",", ".", " ", "\u00a0", "\u202f"]), _LANGS)
def test_grouped_digits_are_the_number(number: int, separator: str, lang: str | None) -> None:
    text = f"{number:,}".replace(",", separator)
    assert decimal(text, lang) == number


_READ = {
    "fr": {
        "500 millions de dollars": "500000000", "cinq cents millions": "500000000",
        "2 milliards": "2000000000", "deux mille milliards": "2000000000000",
        "600 mille": "600000", "1,5 million": "1500000", "un million et demi": "1500000",
        "un demi-million": "500000", "vingt-cinq": "25", "vingt et un": "21",
        "soixante et onze": "71", "quatre-vingts": "80", "quatre-vingt-dix-sept": "97",
        "cent vingt": "120", "deux mille cinq cents": "2500", "trois cent mille": "300000",
        "dix-sept": "17", "43 M€": "43000000", "3 Md€": "3000000000", "62e": "62", "70ᵉ": "70",
        "troisième": "3", "une trentaine": "30", "cinq à dix ans": "5 10", "13 %": "13",
        "13 pour cent": "13", "neuf fois": "9", "vingt-neuf": "29", "neuf mille": "9000",
        "un centre neuf, tout neuf": "", "le six": "6",
        "des millions": "", "un pays": "", "la première, la seconde": "", "on dit": "",
        "5 min": "5", "lorsqu’un": "", "en 2024, 380 km": "380",
    },
    "en": {
        "500 million": "500000000", "$500m": "500000000", "43M": "43000000",
        "2 billion": "2000000000", "2bn": "2000000000", "$3B": "3000000000",
        "one and a half million": "1500000", "1.5 million": "1500000",
        "two and a half years": "2.5", "half a million": "500000", "a million": "1000000",
        "a hundred": "100", "a dozen": "12", "two dozen": "24", "twenty-five": "25",
        "one hundred and five": "105", "two thousand and five": "2005", "fifteen hundred": "1500",
        "600 thousand": "600000", "70th": "70", "third": "3", "twenty-fifth": "25",
        "five to ten": "5 10", "two and three": "2 3", "100-megawatt": "100", "200MW": "200",
        "one of them": "", "first": "", "a second": "", "both": "", "millions": "",
        "hundreds of millions": "", "on the board": "", "5G on 1news.az": "", "H200, GB300": "",
    },
    "az": {
        "500 milyon": "500000000", "beş yüz milyon": "500000000", "600 min": "600000",
        "600 mindən çox": "600000", "700 mini ötüb": "700000", "2 mlrd": "2000000000",
        "800 milyard dollara": "800000000000", "1,5 trln": "1500000000000",
        "3 milyon 200 min": "3200000", "bir milyon": "1000000", "iki yarım milyon": "2500000",
        "otuz beş": "35", "on üçdür": "13", "otuza yaxın": "30", "onlardan üçünün": "3",
        "Doqquzu": "9", "beş-on il": "5 10", "70-ci": "70", "30-a yaxın": "30",
        "altıncıdır": "6", "İKİ": "2", "ALTI": "6", "min nəfər": "1000",
        "bir ölkə": "", "birinci": "", "bunun üçün": "", "uc nöqtələri": "", "bəs": "",
        "sıx əlaqə": "", "ön": "", "onun, onlar, ona": "", "yüz milyonlarla": "",
        "trilyonlarla": "",
    },
    "tr": {
        "500 milyon": "500000000", "yüz milyon": "100000000", "600 bin": "600000",
        "11 binden fazla": "11000", "2 milyar": "2000000000", "1,5 milyar dolardı": "1500000000",
        "bir buçuk milyon": "1500000", "yirmi beş": "25", "on yıla": "10", "62’nci": "62",
        "70’inci": "70", "70. sırada": "", "ve 70. sırada": "70", "30’dan fazla": "30",
        "üçüncü": "3", "yüzde 13": "13", "%13": "13", "on-on beş": "10 15",
        "haftada bir gün": "", "birden": "", "onun": "", "yüz yüze": "", "yüzünden": "",
    },
    "ru": {
        "500 млн": "500000000", "500 миллионов": "500000000", "600 тысяч": "600000",
        "41 тыс. чипов": "41000", "2 млрд": "2000000000", "двух": "2", "двенадцати": "12",
        "пяти": "5", "трёх": "3", "двадцать пять": "25", "двадцати пяти": "25",
        "двести пятьдесят": "250", "четырьмя миллиардами": "4000000000",
        "два с половиной миллиона": "2500000", "полтора миллиона": "1500000",
        "миллион долларов": "1000000", "тысяча": "1000", "пять-десять лет": "5 10",
        "70-е место": "70", "третьего": "3", "двадцать пятый": "25", "двое": "2",
        "64 875 тенге": "64875", "один из них": "", "первый": "", "во-вторых": "", "оба": "",
        "несколько миллионов": "", "семью": "",
    },
}  # fmt: skip


@pytest.mark.parametrize(("lang", "text"), [(lang, text) for lang in _READ for text in _READ[lang]])
def test_numbers_are_read_as_the_language_writes_them(lang: str, text: str) -> None:
    assert _values(text, lang) == _READ[lang][text].split()


def test_without_a_language_only_unambiguous_words_count() -> None:
    text = "on six, sıx min bin; 600 min; two billion, двух, vingt, otuz, 500 млн"
    assert _values(text, None) == ["600", "2000000000", "2", "20", "30", "500000000"]


def test_a_number_of_a_list_item_or_an_identifier_is_none_of_the_text() -> None:
    assert _values("1. Texte\n2) Texte, 3. fin", "fr") == ["3"]
    assert _values(f"id {'9' * 5000}, {'1' * 26}", "en") == []


def test_a_number_slices_to_its_words() -> None:
    text = "Plus de cinq cents millions d’euros, la 62e tranche, 43M."
    spans = [text[number.span.start : number.span.end] for number in numbers(text, "fr")]
    assert spans == ["cinq cents millions", "62e", "43M"]


# Across languages

_SAME = {
    "500 million": ["en:500 million", "fr:500 millions", "ru:500 млн", "ru:пятьсот миллионов",
                    "az:500 milyon", "tr:beş yüz milyon", "fr:cinq cents millions",
                    "en:500,000,000", "fr:500 000 000", "tr:500.000.000"],
    "2 billion": ["en:2 billion", "fr:2 milliards", "ru:2 миллиарда", "az:2 milyard",
                  "tr:2 milyar", "ru:двумя миллиардами"],
    "70th": ["en:70th", "az:70-ci", "ru:70-е", "tr:70’inci", "fr:70e", "fr:soixante-dixième"],
    "13": ["en:thirteen", "az:on üç", "tr:on üç", "fr:treize", "ru:тринадцать", "en:13"],
    "600 thousand": ["en:600 thousand", "az:600 min", "tr:600 bin", "ru:600 тыс.", "fr:600 000"],
    "3rd": ["en:third", "fr:troisième", "az:üçüncü", "tr:üçüncü", "ru:третья", "en:three"],
    "1900": ["az:1900 kənd", "en:1,900 villages", "fr:1 900 villages"],
}  # fmt: skip


def _atoms(tagged: str) -> Atoms:
    lang, text = tagged.split(":", 1)
    return Atoms.of(text, lang)


@pytest.mark.parametrize("number", _SAME)
def test_the_same_number_is_held_in_every_language(number: str) -> None:
    for one, other in combinations(map(_atoms, _SAME[number]), 2):
        assert not one.missing_from([other]), (one.text, other.text)
        assert not other.missing_from([one]), (one.text, other.text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("en:5", "en:50"),
        ("en:1.5 million", "fr:15 millions"),
        ("en:1.5 million", "fr:1,5 milliard"),
        ("fr:500 millions", "en:500"),
        ("az:600 min", "tr:600"),
        ("ru:двенадцать", "ru:двадцать"),
        ("en:2 billion", "fr:2 billions"),
    ],
)
def test_different_numbers_are_not(one: str, other: str) -> None:
    assert _atoms(one).missing_from([_atoms(other)])
    assert _atoms(other).missing_from([_atoms(one)])


def test_an_article_bears_out_the_number_one_but_is_none_to_check() -> None:
    for text, lang in [("one gigawatt", "en"), ("bir giqavat", "az"), ("un gigawatt", "fr")]:
        assert not numbers(text, lang)
        assert not Atoms.of("1 GW", "en").missing_from([Atoms.of(text, lang)])


# Laws


@given(_TEXTS | st.text(), _LANGS)
def test_any_text_is_read_in_order_and_without_overlap(text: str, lang: str | None) -> None:
    ends = [edge for number in numbers(text, lang) for edge in number.span]
    assert ends == sorted(ends)
    assert all(text[number.span.start].isalnum() for number in numbers(text, lang))


@pytest.mark.parametrize(
    ("piece", "lang"), [("1 000 ", None), ("one and a ", "en"), ("yüz-", "az"), ("9", "fr")]
)
def test_a_very_long_line_is_read(piece: str, lang: str | None) -> None:
    found = numbers(piece * (200_000 // len(piece)), lang)
    assert all(number.value >= 0 for number in found)
