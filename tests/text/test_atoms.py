"""Atoms: names and quotations, and whether a text holds what a sentence says."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import FOLDER
from rag.documents import read_document
from rag.model import LANGUAGES, Document
from rag.text.atoms import Atoms, gram_recall, names, quotations, unsupported
from rag.text.sentences import sentence_spans

_PIECES = st.sampled_from(
    [
        *("Rəşad", "Nəbiyev", "OpenAI", "БЕИ", "H200", "de", "al", "La", "The", "M.", "’in", "May"),
        *(
            "«",
            "»",
            "“",
            "”",
            "„",
            '"',
            " ",
            ". ",
            ": ",
            "\n",
            "-",
            "l’",
            "5 millions",
            "2025",
            "ъ",
        ),
    ]
)
_TEXTS = st.lists(_PIECES | st.characters(), max_size=30).map("".join)
_LANGS = st.sampled_from([None, *LANGUAGES])


# Names


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("selon Emil Masimov, président d’AzerTelecom", ["Emil Masimov", "AzerTelecom"]),
        ("le ministre Rəşad Nəbiyev et John Alderdice", ["Rəşad Nəbiyev", "John Alderdice"]),
        ("с министром Рашадом Набиевым и БЕИ", ["Рашадом Набиевым", "БЕИ"]),
        ("avec Ursula von der Leyen et Khaldoon al Mubarak", ["Ursula von der Leyen",
                                                              "Khaldoon al Mubarak"]),
        ("Le président Kassym-Jomart Tokaïev", ["Kassym-Jomart Tokaïev"]),
        ("M. Trump a vu Mme Dupont", ["Trump", "Dupont"]),
        ("NVIDIA, OpenAI et xAI vendent des H200", ["NVIDIA", "OpenAI", "xAI", "H200"]),
        ("L’Azerbaïdjan et la Géorgie", ["Azerbaïdjan", "Géorgie"]),
        ("Kacır’ın sözleri. Nabiyev’s visit. Lorsqu’un autre", ["Kacır", "Nabiyev"]),
        ("The minister. Buying is not enough. Le texte. Şirkət böyüyür.", []),
        ("On Thursday the French Prime Minister spoke in May of AI", []),
        ("in Q3 and T2, in the III quarter, 18 December 2025", []),
        ("UNE PLATEFORME NATIONALE", []),
        ("250 MW, 3 GB, 400 Гбит", []),
        ("Reportedly Tokayev spoke", ["Reportedly Tokayev"]),
    ],
)  # fmt: skip
def test_names_are_runs_of_capitals_that_no_sentence_start_explains(
    text: str, found: list[str]
) -> None:
    assert [name.text for name in names(text)] == found


def test_a_word_that_starts_a_sentence_is_not_required_of_a_source() -> None:
    (name,) = names("Reportedly Tokayev spoke")
    assert name.words == ("tokayev",)
    assert unsupported("Reportedly Tokayev spoke", "en", [("Вчера Токаев выступил", "ru")]) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Rəşad Nəbiyev", "министр Рашад Набиев"),
        ("Рашадом Набиевым", "minister Rashad Nabiyev"),
        ("Nikol Pachinian", "Başbakan Nikol Paşinyan"),
        ("Mikayil Jabbarov", "Микаил Джаббаров"),
        ("NVIDIA", "puces Nvidia"),
        ("Azerbaïdjan", "Azərbaycanın, Азербайджаном"),
        ("NVIDIA H200", "чипы NVIDIA H200"),
    ],
)
def test_a_name_is_held_in_any_spelling_script_and_case(name: str, text: str) -> None:
    assert unsupported(f"dit {name}", "fr", [(text, "ru")]) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Samir", "Samruk"),
        ("Masimov", "Musin"),
        ("Emil Masimov", "Emil Musin"),
        ("H200", "H100"),
        ("БЕИ", "БАИ"),
        ("Apple", "Google"),
    ],
)
def test_another_name_is_not(name: str, text: str) -> None:
    assert unsupported(f"dit {name}", "fr", [(text, "fr")]) == [name]


@pytest.mark.parametrize(
    ("name", "text", "recall"),
    [
        ("Emil Masimov", "le président Emil Masimov a signé", 1.0),
        ("Masimov Emil", "Emil Masimovun sözləri", 1.0),
        ("Багдат Мусин", "signed by Bagdat Musin", 1.0),
        ("Emil Masimov", "Emil Musin", 2 / 7),
        ("Emil Masimov", "Emil a parlé hier soir de Masimov", 5 / 7),
        ("Al", "Al Mubarak", 1.0),
        ("Al", "Albanie", 0.0),
        ("Masimov", "", 0.0),
        ("", "Masimov", 0.0),
    ],
)
def test_gram_recall_is_that_of_the_best_stretch(name: str, text: str, recall: float) -> None:
    assert gram_recall(name, text) == pytest.approx(recall)


@given(_TEXTS | st.text(), _TEXTS | st.text())
def test_gram_recall_is_a_share_and_whole_where_the_name_stands(name: str, text: str) -> None:
    assert 0 <= gram_recall(name, text) <= 1
    assert gram_recall(name, f"{text} {name} ") in (0, 1)


# Quotations


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("un « corridor\u00a0médian » et «ASAN»", ["corridor\u00a0médian"]),
        ("“Digital Silk Way” layihəsi, “Turkan”", ["Digital Silk Way"]),
        ("„Süni intellekt“ və „milli model”", ["Süni intellekt", "milli model"]),
        ('he said "not enough" and "no', ["not enough"]),
        ("“Metbuat.az” saytı, l’IA d’ici", []),
        ("«без конца", []),
    ],
)
def test_quotations_are_the_words_between_the_marks(text: str, found: list[str]) -> None:
    assert [text[q.span.start : q.span.end] for q in quotations(text)] == found


def test_a_quotation_is_held_word_for_word_only() -> None:
    source = [("Les frères l’ont dit « productif et riche ».", "fr")]
    assert unsupported("C’était “Productif  et riche”.", "fr", source) == []
    assert unsupported("C’était “riche et productif”.", "fr", source) == ["riche et productif"]
    assert unsupported("C’était “productif, riche”.", "fr", source) == ["productif, riche"]


# Sentences


def test_what_no_source_holds_is_named_in_the_order_of_the_sentence() -> None:
    sources = [
        ("Firebird 500 млн долларов в Армении, сообщил Пашинян", "ru"),
        ("The centre opens in the third quarter of 2026", "en"),
    ]
    held = "Pachinian : Firebird investit 500 millions au troisième trimestre 2026."
    wrong = "En mars 2026, dit Emil Masimov, Firebird investit 50 millions dans “un centre neuf”."
    assert unsupported(held, "fr", sources) == []
    assert unsupported(wrong, "fr", sources) == [
        *("mars 2026", "Emil Masimov", "50 millions", "un centre neuf"),
    ]
    assert unsupported(held, "fr", []) == ["Firebird", "500 millions", "troisième trimestre 2026"]


def test_a_sentence_that_stands_in_a_source_has_nothing_unsupported() -> None:
    text = "Il a dit : « dix-huit mille ». Nabiyev le sait."
    assert unsupported("Nabiyev le sait.", "tr", [(text, "fr")]) == []
    assert unsupported("5 firms met", "en", [("There, 15 firms met", "en")]) == ["5"]
    assert unsupported("000 firms met", "en", [("There, 15 000 firms met", "en")]) == ["000"]


@cache
def _documents() -> list[Document]:
    return [read_document(path, path.name) for path in sorted(FOLDER.glob("*/*.md"))]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_document_holds_the_atoms_of_its_sentences(lang: str) -> None:
    found = 0
    for document in (document for document in _documents() if document.lang == lang):
        source = Atoms.of(document.text, lang)
        for start, end in sentence_spans(document.text, lang):
            sentence = document.text[start:end]
            assert Atoms.of(sentence, lang).missing_from([source]) == [], sentence
            assert unsupported(sentence, "en", [(document.text, lang)]) == []
            found += len(list(Atoms.of(sentence, lang)))
    assert found > 40


# Laws


@given(_TEXTS | st.text(), _LANGS)
def test_any_text_holds_its_own_atoms(text: str, lang: str | None) -> None:
    atoms = Atoms.of(text, lang)
    assert atoms.missing_from([atoms]) == []
    for atom in atoms:
        assert text[atom.span.start : atom.span.end].strip()
    for name in atoms.names:
        assert text[name.span.start : name.span.end] == name.text


@pytest.mark.parametrize("piece", ["A-", "Nabiyev de ", "«", "“a ", '"', "Ab"])
def test_a_very_long_line_is_read(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    assert Atoms.of(text, "en").missing_from([Atoms.of(text, "en")]) == []
