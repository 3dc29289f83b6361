"""Folding: what is written in many ways is compared in one, and spans stay the original's."""

import unicodedata
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.folding import (
    fold,
    name_key,
    number_key,
    same_name,
    skeleton,
    term,
    tokens,
)

# What the rules look at, so that hypothesis meets it often.
_PIECES = st.sampled_from(
    [
        *"aéİIıəƏŞğçüЁщъьЪјқß1290.,:’'-—«» \n\u00a0\u202f",
        *"\u0301\u0307\u0327\u0345\u200d\u00ad\u064e٣²①ʰﬁŒ漢ש👩",
        *("1 200 000", "1\u202f560", "2025 380", "4,5", "H200", "Nəbiyev", "Набиев", "e\u0301"),
    ]
)
_TEXTS = st.lists(_PIECES | st.characters(), max_size=40).map("".join)


# Words


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("Nəbiyev", "nebiyev"),
        ("İstanbul", "istanbul"),
        ("ISTANBUL", "istanbul"),
        ("Diyarbakır", "diyarbakir"),
        ("Œuvre", "oeuvre"),
        ("élevée", "elevee"),
        ("e\u0301leve\u0301e", "elevee"),
        ("Straße", "strasse"),
        ("ﬁnal", "final"),
        ("Ёлка", "elka"),
        ("объект", "obekt"),
        ("Щёкин", "shekin"),
        ("Ғылым", "gilim"),
        ("Нәбијев", "nebiyev"),
    ],
)
def test_case_accents_and_script_are_folded_away(word: str, folded: str) -> None:
    assert fold(word) == folded


@given(_TEXTS)
def test_composed_and_decomposed_words_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(_TEXTS)
def test_a_span_slices_the_original_text(text: str) -> None:
    for token in tokens(text):
        assert text[token.span.start : token.span.end] == token.text
        assert token.folded


@given(_TEXTS)
def test_tokens_stand_in_order_and_never_overlap(text: str) -> None:
    ends = [edge for token in tokens(text) for edge in token.span]
    assert ends == sorted(ends)


@given(_TEXTS)
def test_every_letter_that_folds_to_something_is_in_a_token(text: str) -> None:
    held = {i for token in tokens(text) for i in range(*token.span)}
    lost = {i for i, c in enumerate(text) if c.isalpha() and fold(c).strip()} - held
    assert not lost


@given(_TEXTS)
def test_every_word_has_a_term_and_every_name_a_skeleton_or_none(text: str) -> None:
    for token in tokens(text):
        assert term(token.folded)
        assert same_name(token.folded, token.folded)
        assert name_key(token.folded) in ("", skeleton(token.folded)[:3])


def test_an_accent_apart_from_its_letter_does_not_cut_the_word() -> None:
    (token,) = tokens("Toka\u0131\u0308ev")
    assert token.folded == "tokaiev"
    assert [t.text for t in tokens("e\u0301te\u0301 — I\u0307stanbul")] == [
        "e\u0301te\u0301",
        "I\u0307stanbul",
    ]


def test_a_hard_sign_by_itself_is_no_word() -> None:
    assert [token.text for token in tokens("знак ъ, ЬЪ и буква я")] == ["знак", "и", "буква", "я"]


def test_an_apostrophe_and_a_hyphen_end_a_word() -> None:
    assert [token.text for token in tokens("l’IA, Nabiyev’in 2025-ci H200")] == [
        *("l", "IA", "Nabiyev", "in", "2025", "ci", "H200"),
    ]


def test_a_term_joins_the_forms_of_a_word_and_keeps_a_number_whole() -> None:
    assert term(fold("мəркəзи")) == term(fold("mərkəzində")) == "merke"
    assert term("1200000") == "1200000"


# Numbers


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("1 200 000", "1200000"),
        ("1\u00a0200\u202f000", "1200000"),
        ("1.200.000", "1200000"),
        ("1,200,000", "1200000"),
        ("4,5", "4.5"),
        ("4.5", "4.5"),
        ("18,000.50", "18000.50"),
        ("1,560", "1560"),
        ("2026", "2026"),
    ],
)
def test_a_number_has_one_form(number: str, key: str) -> None:
    assert number_key(number) == key
    (token,) = tokens(f"({number})")
    assert (token.text, token.folded) == (number, key)


def test_numbers_that_only_stand_side_by_side_are_not_one() -> None:
    assert [t.folded for t in tokens("En 2025 380 km, puis 10 07")] == [
        *("en", "2025", "380", "km", "puis", "10", "07"),
    ]


@given(st.integers(0, 10**12), st.sampled_from([",", ".", " ", "\u00a0", "\u202f"]))
def test_grouped_digits_are_the_number(number: int, separator: str) -> None:
    assert number_key(f"{number:,}".replace(",", separator)) == str(number)


# Names

_NAMES = {
    "Nabiyev": ["Nəbiyev", "Nabiyev", "Набиев", "Nebiyev", "Nabiev", "Нәбијев", "Nəbiyevin"],
    "Nabiyev, inflected": ["Nəbiyev", "Набиевым", "Набиеву", "Набиева"],
    "Aliyev": ["Əliyev", "Aliyev", "Алиев", "Aliev", "Əliyevin"],
    "Tokayev": ["Tokayev", "Токаев", "Tokaïev", "Toqayev"],
    "Pashinyan": ["Pashinyan", "Пашинян", "Pachinian", "Paşinyan"],
    "Mirziyoyev": ["Mirziyoyev", "Мирзиёев", "Mirzioïev"],
    "Jabbarov": ["Cabbarov", "Jabbarov", "Джаббаров", "Djabbarov"],
    "Abbasov": ["Abbasov", "Аббасов"],
    "Kazakhstan": ["Kazakhstan", "Qazaxıstan", "Казахстан"],
    "Azerbaijan": ["Azerbaijan", "Azərbaycan", "Азербайджан", "Azerbaycan", "Azerbaïdjan"],
    "Caspian": ["Hazar", "Xəzər", "Xəzərin"],
    "Apple": ["Apple", "Эппл"],
}


@pytest.mark.parametrize("name", _NAMES)
def test_spellings_of_a_name_are_one(name: str) -> None:
    for one, other in combinations(_NAMES[name], 2):
        assert same_name(fold(one), fold(other)), f"{one} and {other}"
        assert same_name(fold(other), fold(one)), f"{other} and {one}"


@pytest.mark.parametrize("name", sorted({*_NAMES} - {"Apple"}))
def test_spellings_of_a_name_share_their_key_in_the_word_index(name: str) -> None:
    assert len({name_key(fold(spelling)) for spelling in _NAMES[name]}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Samir", "Samrux"),
        ("Nabiyev", "Nobel"),
        ("Kazan", "Kazakhstan"),
        ("Aliyev", "Alov"),
        ("Meta", "Metro"),
        ("Oxford", "Oxfam"),
        ("Bakou", "Bakcell"),
        ("Guliyev", "Gül"),
        ("H200", "H100"),
        ("2025", "2026"),
    ],
)
def test_different_names_stay_apart(one: str, other: str) -> None:
    assert not same_name(fold(one), fold(other))


def test_too_little_is_left_of_a_short_name_to_tell_it_by() -> None:
    assert skeleton("nebiyev") == "nbv"
    assert skeleton("aliyev") == "alv"
    assert skeleton("meta") == "mt"
    assert name_key("meta") == name_key("baku") == ""
    assert skeleton("ali") == skeleton("h200") == ""
