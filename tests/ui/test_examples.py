"""The first screen's questions: each is answered by the shipped corpus, from the file it names."""

from pathlib import Path

import pytest
import yaml

import ui.examples
from rag.gazette import Gazette
from rag.model import LANGUAGES
from ui.examples import SHOWN, examples

KNOWN = yaml.safe_load(Path(ui.examples.__file__).with_suffix(".yaml").read_text("utf-8"))
EACH = [
    pytest.param(language, name, question, id=f"{language}-{name[3:27]}")
    for language, questions in KNOWN.items()
    for name, question in questions.items()
]


@pytest.mark.parametrize(("language", "name", "question"), EACH)
def test_an_example_is_answered_from_its_file(reader: Gazette, language, name, question):
    answer = reader.answer(question)
    assert not answer.refused
    assert answer.language == language
    assert f"corpus/{name}" in {citation.doc for citation in answer.citations}


def test_there_are_four_in_every_language_each_about_a_file_of_its_own():
    assert set(KNOWN) == set(LANGUAGES)
    assert {len(questions) for questions in KNOWN.values()} == {SHOWN}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_corpus_is_asked_its_own_questions(reader: Gazette, language):
    assert examples(reader, language) == list(KNOWN[language].values())


def test_of_another_corpus_the_newest_are_asked_about_those_of_the_language_first(kept: Gazette):
    found = examples(kept, "tr")
    assert len(found) == SHOWN
    assert found[0] == "“Quillan Limanı’nda yeni rıhtım” ne diyor?"
    by_day = sorted(kept.documents(), key=lambda one: str(one.date or ""), reverse=True)
    assert found[1] == f"“{by_day[0].title}” ne diyor?"


def test_an_empty_data_folder_has_none(home: Path):
    from rag.settings import load_settings

    with Gazette(load_settings(home=home)) as gazette:
        assert examples(gazette, "en") == []
