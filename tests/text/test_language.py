"""Language identification: the table of questions and headlines, and any text at all."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.bench.languages import accuracy, table
from rag.model import LANGUAGES
from rag.text.language import identify

FLOOR = {"fr": 0.96, "en": 0.96, "az": 0.96, "ru": 0.96, "tr": 0.96}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_short_questions(lang: str) -> None:
    assert accuracy(identify, table()["questions"], lang) >= FLOOR[lang]


@pytest.mark.parametrize(("lang", "headline"), table()["headlines"])
def test_headline(lang: str, headline: str) -> None:
    assert identify(headline) == lang


@pytest.mark.parametrize(
    ("question", "lang"),
    [
        ("Nəbiyev OpenAI ilə nəyi müzakirə etdi?", "az"),
        ("Nebiyev OpenAI ile neyi muzakire etdi?", "az"),
        ("Nebiyev OpenAI ile neyi görüştü?", "tr"),
        ("de quoi Nabiyev a-t-il parlé avec OpenAI ?", "fr"),
        ("WHAT DID NABIYEV SAY", "en"),
        ("Baku hosts Şahdağ winter technology week", "en"),
        ("что такое Stargate UAE Abu Dhabi", "ru"),
    ],
)
def test_question_that_has_been_mistaken(question: str, lang: str) -> None:
    assert identify(question) == lang


@pytest.mark.parametrize("text", ["", " \n", "2026", "?!…", "🎉"])
def test_text_without_letters_counts_as_english(text: str) -> None:
    assert identify(text) == "en"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_every_text_gets_one_of_the_languages(text: str) -> None:
    assert identify(text) in LANGUAGES


def test_a_name_gets_a_language() -> None:
    assert identify("Nabiyev") in LANGUAGES


def test_a_whole_document_is_read_by_its_opening() -> None:
    assert identify("Le décret est signé et publié dans le journal officiel. " * 20_000) == "fr"


def test_the_library_is_not_loaded_for_a_question_with_a_function_word() -> None:
    code = (
        "import sys; from rag.text.language import identify; identify('Who signed the decree?'); "
        "sys.exit('py3langid' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
