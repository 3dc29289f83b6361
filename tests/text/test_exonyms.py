"""Places: one place is known in every language, in every case, and is no other."""

import pytest

from rag.text.atoms import Atoms, names
from rag.text.exonyms import places
from rag.text.folding import tokens


def named(text: str) -> set[str]:
    return set(places([token.folded for token in tokens(text)]))


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("AM", ["Armenia", "Arménie", "Ermənistanda", "в Армении", "Армению", "Ermenistan’ın"]),
        ("GE", ["Georgia", "Géorgie", "Gürcüstan", "Грузией", "Gürcistan"]),
        ("CN", ["China", "Chine", "Çində", "Китая", "Çin"]),
        ("TR", ["Türkiye", "Turkey", "Turquie", "Türkiyədə", "Турции"]),
        ("US", ["United States", "USA", "États-Unis", "ABŞ", "США", "ABD"]),
        ("AZ", ["Azerbaijan", "Azerbaïdjan", "Azərbaycanın", "Азербайджане", "Azerbaycan"]),
        ("143", ["Central Asia", "Asie centrale", "Mərkəzi Asiya", "Orta Asya"]),
        ("baku", ["Baku", "Bakou", "Bakıda", "Баку", "Bakü"]),
        ("AE", ["UAE", "Émirats arabes unis", "BƏƏ", "ОАЭ", "Birleşik Arap Emirlikleri"]),
    ],
)  # fmt: skip
def test_a_place_is_known_in_every_language(code: str, texts: list[str]):
    for text in texts:
        assert code in named(text), text


@pytest.mark.parametrize(
    "text", ["Azimov", "Chinaski", "Parisel", "usual", "Bakirov", "Türkan", "Georg"]
)
def test_what_only_looks_like_a_place_is_none(text: str):
    assert named(text) == set()


def test_a_name_is_held_by_the_same_place_in_another_language():
    source = Atoms.of("Армения и США подписали соглашение в Баку.", "ru")
    for text, expected in (
        ("Elle a rencontré l’Arménie.", True),
        ("L’accord lie les États-Unis.", True),
        ("It was signed in Baku.", True),
        ("It was signed in Georgia.", False),
        ("Sənəd Türkiyədə imzalanıb, Ermənistanda yox.", False),
    ):
        held = [source.holds(name) for name in names(text)]
        assert held and all(held) is expected, text
