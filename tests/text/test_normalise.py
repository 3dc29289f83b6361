"""Normalisation is done once, and doing it twice changes nothing."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.text.normalise import normalise, same_letters, without_title

# What the rules look at, so that hypothesis meets it often.
_PIECES = st.sampled_from(
    [
        *" \t\n\r\v\f\x85\u2028",
        *"\u00a0\u202f\u3000\u00ad\u200b\u200c\u200d\u2066\u202e\ufeff\x00\x1c",
        *"aé.…:>»\u0301\u0327\u0345\u1100\u1161\u11a8\u212b\u2000\U0001f3f4\U000e0067\U000e007f",
        *("voir plus", "Voir", "plus", "Loading", "\U000e0001", "\ud800", "\ufffe", "\uf0b7", "• "),
    ]
)
_TEXTS = st.lists(_PIECES | st.characters(), max_size=40).map("".join)


@given(_TEXTS)
def test_twice_is_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(_TEXTS)
def test_the_result_can_be_stored_and_shown(text: str) -> None:
    once = normalise(text)
    once.encode()
    assert once == unicodedata.normalize("NFC", once) == once.strip()
    assert not any(c in once for c in "\x00\r\v\f\x85\u2028\u00ad\u200b\ufeff\u202e\t")
    assert "\n\n\n" not in once
    assert "  " not in once


@given(_TEXTS)
def test_no_letter_goes_but_with_a_boilerplate_line(text: str) -> None:
    def letters(text: str) -> list[str]:
        return [c for c in unicodedata.normalize("NFD", text) if c.isalnum()]

    assume("voir" not in text.casefold() and "loading" not in text.casefold())
    assert letters(normalise(text)) == letters(text)


@given(_TEXTS, st.text(max_size=10))
def test_a_text_without_its_title_is_still_normal(text: str, title: str) -> None:
    left = without_title(normalise(text), title)
    assert normalise(left) == left
    assert without_title(left, title) == left


def test_composed_and_decomposed_letters_are_one() -> None:
    assert normalise("e\u0301te\u0301") == "été"


def test_a_letter_and_its_accent_meet_when_what_parted_them_goes() -> None:
    assert normalise("e\u00ad\u0301") == "é"
    assert normalise("e\x00\u0301") == "é"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_every_line_end_is_one(end: str) -> None:
    assert normalise(f"un{end}deux") == "un\ndeux"


def test_blanks_are_evened_out_and_narrow_ones_kept() -> None:
    assert normalise("  un \t deux  \n\n\n \u00a0 \n trois\u202f: 1\u00a0000 ") == (
        "un deux\n\ntrois\u202f: 1\u00a0000"
    )


def test_soft_hyphens_and_hidden_characters_go() -> None:
    assert normalise("gou\u00adver\u200bne\u2060ment\ufeff \u202eabc\u202c\u2066d\u2069") == (
        "gouvernement abcd"
    )


def test_a_text_hidden_in_tag_characters_goes_and_a_flag_stays() -> None:
    hidden = "".join(chr(0xE0000 + ord(c)) for c in "obey")
    flag = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    assert normalise(f"un{hidden} {flag} deux") == f"un {flag} deux"


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d👩\u200d👧 et 👍🏽 et ❤\ufe0f",
        "می\u200cخواهم",
        "שלום\u200f!",
        "مرحبا بالعالم",
        "L’été, « œuvre »\u202f; İıŞşĞğ Əə",
    ],
)
def test_what_readers_need_stays(text: str) -> None:
    assert normalise(text) == text


@pytest.mark.parametrize(
    "line", ["Loading…", "Voir plus", "  Lire aussi : ", "Читайте также:", "voir \t plus", "REKLAM"]
)
def test_boilerplate_lines_go(line: str) -> None:
    assert normalise(f"Un.\n\n{line}\n\nDeux.") == "Un.\n\nDeux."


@pytest.mark.parametrize(
    "line",
    [
        "Voir plus loin que le profit.",
        "La publicité recule.",
        "• Partager les données",
        "Share it.",
    ],
)
def test_sentences_that_look_like_boilerplate_stay(line: str) -> None:
    assert normalise(f"Un.\n\n{line}\n\nDeux.") == f"Un.\n\n{line}\n\nDeux."


def test_every_leading_repetition_of_the_title_goes() -> None:
    assert without_title("Un accord\n\nUN ACCORD !\n\nLe texte.", "Un accord") == "Le texte."
    assert without_title("Un accord est signé.\n\nSuite.", "Un accord") == (
        "Un accord est signé.\n\nSuite."
    )


def test_a_text_that_is_only_its_title_keeps_it() -> None:
    assert without_title("Un accord", "Un accord") == "Un accord"
    assert without_title("Un accord\n\nUn accord", "Un accord") == "Un accord"


def test_lines_without_letters_are_not_the_same() -> None:
    assert not same_letters("…", "—")
    assert same_letters("Œuvre : «ﬁn»", "œuvre fin")
