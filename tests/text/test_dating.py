"""Dates: years, quarters, months and days, as the five languages write them."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.model import LANGUAGES
from rag.text.atoms import Atoms, Date, agrees, dates, numbers
from rag.text.dating import month_of
from rag.text.folding import tokens

_PIECES = st.sampled_from(
    [
        *("18", "2025", "2026", "1", "31", "12", "2025-12-18", "18.12.2025", "mars", "May", "mai"),
        *("dekabrın", "декабря", "Aralık", "third", "quarter", "üçüncü", "rübü", "III", "Q3", "T3"),
        *("-ci", "il", "ilin", "of", "года", "’nın", " ", ", ", ". ", "–", "\n", "\n\n", "million"),
    ]
)
_TEXTS = st.lists(_PIECES | st.characters(), max_size=30).map("".join)
_LANGS = st.sampled_from([None, *LANGUAGES])


def _said(text: str, lang: str | None) -> str:
    """What the dates of a text say: 2025-12-18, 2026-Q3, 01-16."""
    said = []
    for date in dates(text, lang):
        parts = (
            date.year and str(date.year),
            date.quarter and f"Q{date.quarter}",
            date.month and f"{date.month:02}",
            date.day and f"{date.day:02}",
        )
        said.append("-".join(part for part in parts if part))
    return " ".join(said)


_READ = {
    "fr": {
        "le 18 décembre 2025": "2025-12-18", "mars 2025": "2025-03", "1er mai": "05-01",
        "le troisième trimestre 2026": "2026-Q3", "3e trimestre de l’année 2026": "2026-Q3",
        "T3 2026": "2026-Q3", "18/12/2025": "2025-12-18", "16-18 janvier 2025":
        "2025-01-16 2025-01-18", "les 16 et 18 janvier": "01-16 01-18", "fin 2024": "2024",
        "18 DÉCEMBRE 2025": "2025-12-18", "le 10 mars. 2025 fut": "03-10 2025",
        "en mai 16 pays": "", "deux trimestres": "", "12e trimestre": "", "en août": "",
        "troisième rubrique": "", "2 000 personnes": "", "2000 milliards": "",
    },
    "en": {
        "18 December 2025": "2025-12-18", "December 18, 2025": "2025-12-18", "Dec. 18": "12-18",
        "December 18th, 2025": "2025-12-18", "the 18th of March 2025": "2025-03-18",
        "March 2025": "2025-03", "16 January": "01-16", "third quarter of 2026": "2026-Q3",
        "Q3 2026": "2026-Q3", "2025-12-18T10:00": "2025-12-18", "12/18/2025": "2025-12-18",
        "12 to 13 March 2026": "2026-03-12 2026-03-13", "between 2025–2028": "2025 2028",
        "the 1990s": "1990", "those 5 may leave": "", "in May 16 000": "", "three quarters": "",
        "5 in May": "", "an Aston Martin 18": "",
    },
    "az": {
        "18 dekabr 2025-ci il": "2025-12-18", "dekabrın 18-i": "12-18", "yanvarın 16-sı": "01-16",
        "2025-ci ilin martı": "2025-03", "2025-ci il iyulun 9": "2025-07-09", "martın 5": "03-05",
        "2025-ci ilin 18 dekabrı": "2025-12-18", "2026-cı ilin üçüncü rübü": "2026-Q3",
        "2026-cı ilin III rübündə": "2026-Q3", "2025–2028-ci illər": "2025 2028", "may ayı": "",
    },
    "tr": {
        "18 Aralık 2025": "2025-12-18", "Mart 2025'te": "2025-03", "21 Ekim’de": "10-21",
        "2025 yılının Mart ayında": "2025-03", "2026 yılının üçüncü çeyreği": "2026-Q3",
        "2026’nın ilk çeyreğinde": "2026-Q1", "3. çeyrek": "Q3", "18.12.2025": "2025-12-18",
        "2021-2025 dönemi": "2021 2025", "son 3 çeyrek": "",
    },
    "ru": {
        "18 декабря 2025 года": "2025-12-18", "16 января": "01-16", "в марте 2025 года": "2025-03",
        "3-й квартал": "Q3", "в третьем квартале 2026 года": "2026-Q3", "3 кв. 2026": "2026-Q3",
        "III квартал 2026": "2026-Q3", "с 16 по 18 января": "01-16 01-18", "в 2026-м": "2026",
        "18 дек. 2025 г.": "2025-12-18", "за 2 квартала": "",
    },
}  # fmt: skip


@pytest.mark.parametrize(("lang", "text"), [(lang, text) for lang in _READ for text in _READ[lang]])
def test_dates_are_read_as_the_language_writes_them(lang: str, text: str) -> None:
    assert _said(text, lang) == _READ[lang][text]


def test_a_date_slices_to_its_words_and_leaves_no_number_behind() -> None:
    text = "Le 18 décembre 2025, 380 km ; au 3e trimestre 2026, 5 pays."
    found = [text[date.span.start : date.span.end] for date in dates(text, "fr")]
    assert found == ["18 décembre 2025", "3e trimestre 2026"]
    assert [int(number.value) for number in numbers(text, "fr")] == [380, 5]


@pytest.mark.parametrize("month", ["décembre", "December", "dekabrda", "декабрём", "Aralık", "Dec"])
def test_a_month_is_known_in_every_language_and_case(month: str) -> None:
    (word,) = tokens(month)
    assert month_of(word) == 12


# Agreement

_SAME = {
    "third quarter of 2026": [
        "third quarter of 2026", "Q3 2026", "troisième trimestre 2026", "T3 2026",
        "2026-cı ilin üçüncü rübü", "2026 yılının üçüncü çeyreği", "2026’nın üçüncü çeyreği",
        "третьем квартале 2026 года", "3-й квартал 2026",
    ],
    "16 January": ["16 January", "16 janvier", "16 января", "yanvarın 16-sı", "16 Ocak"],
    "9 July 2025": ["9 juillet 2025", "July 9, 2025", "2025-ci il iyulun 9", "9 июля 2025",
                    "9 Temmuz 2025", "2025-07-09", "09.07.2025"],
    "December 2025": ["December 2025", "décembre 2025", "декабре 2025", "Aralık 2025",
                      "2025-ci ilin dekabrı"],
}  # fmt: skip


@pytest.mark.parametrize("date", _SAME)
def test_the_same_date_is_held_in_every_language(date: str) -> None:
    for one, other in combinations([Atoms.of(text) for text in _SAME[date]], 2):
        assert one.dates and not one.missing_from([other]), (one.text, other.text)
        assert other.dates and not other.missing_from([one]), (one.text, other.text)


@pytest.mark.parametrize(
    ("asked", "found", "is_stated"),
    [
        ("2025", "18 December 2025", True),
        ("18 December 2025", "2025", False),
        ("16 January", "16 January 2026", True),
        ("16 January", "18 January", False),
        ("18 January 2026", "18 January", False),
        ("March 2025", "March 2026", False),
        ("Q3 2026", "August 2026", True),
        ("Q3 2026", "October 2026", False),
        ("August 2026", "Q3 2026", False),
    ],
)
def test_a_date_states_what_is_less_exact(asked: str, found: str, is_stated: bool) -> None:
    (one,), (other,) = dates(asked), dates(found)
    assert agrees(one, other) is is_stated
    assert Atoms.of(found).holds(one) is is_stated


# Laws


@given(_TEXTS | st.text(), _LANGS)
def test_any_text_is_read_in_order_and_without_overlap(text: str, lang: str | None) -> None:
    found = dates(text, lang)
    ends = [edge for date in found for edge in date.span]
    assert ends == sorted(ends)
    assert all(agrees(date, date) for date in found)
    assert all(date.year or date.quarter or date.day for date in found)
    assert all(text[date.span.start].isalnum() for date in found)


@given(st.dates())
def test_an_iso_date_is_its_date(date: object) -> None:
    found = dates(f"({date})")
    year, month, day = map(int, str(date).split("-"))
    if 1900 <= year < 2100:
        assert [(d.year, d.month, d.day) for d in found] == [(year, month, day)]


@pytest.mark.parametrize("piece", ["18 mars ", "2025 il ", "5 and ", "1/"])
def test_a_very_long_line_is_read(piece: str) -> None:
    assert all(isinstance(date, Date) for date in dates(piece * (200_000 // len(piece)), "en"))
