"""The first screen's questions: each is answered by the shipped corpus, from the file it names."""

from pathlib import Path

import pytest
import yaml

import ui.examples
from rag.gazette import Gazette
from rag.model import LANGUAGES
from ui.examples import SHOWN, examples

KNOWN = yaml.safe_load(Path(ui.examples.__file__).with_suffix(".yaml").read_text("utf-8"))
POINTS = {
    "fr": ("infrastructure nécessaire à une IA souveraine", "380", "Tokaïev", "souveraine"),
    "en": ("IA souveraine", "third quarter of 2026", "creative contribution", "2 milyar"),
    "az": ("NVIDIA", "380 kilometr", "70-ci yeri", "Dekabrın 2-də"),
    "ru": ("100 МРП", "изготовлен", "экспортную лицензию", "4 млрд долларов"),
    "tr": ("2 milyar", "BİLGE", "yapay zekâ çipleri", "Yapay Zekâ İttifakı"),
}
"""What the documents say to each, in the order of the questions."""
EACH = [
    pytest.param(language, name, question, point, id=f"{language}-{name[3:27]}")
    for language, questions in KNOWN.items()
    for (name, question), point in zip(questions.items(), POINTS[language], strict=True)
]


@pytest.mark.parametrize(("language", "name", "question", "point"), EACH)
def test_an_example_is_answered_from_its_file(reader: Gazette, language, name, question, point):
    answer = reader.answer(question)
    assert any(point in sentence.text for sentence in answer.sentences)
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


def test_a_title_with_quotation_marks_has_others_inside_the_questions(kept: Gazette, monkeypatch):
    titles = ["«Казахтелеком»: кабель изготовлен", "“Azercell” böyüyür"]
    monkeypatch.setattr(kept, "newest_titles", lambda most, language: titles)
    assert examples(kept, "ru")[0] == "О чём говорится в «„Казахтелеком“: кабель изготовлен»?"
    assert examples(kept, "az")[1] == "“‘Azercell’ böyüyür” məqaləsində nə deyilir?"


def test_an_empty_data_folder_has_none(home: Path):
    from rag.settings import load_settings

    with Gazette(load_settings(home=home)) as gazette:
        assert examples(gazette, "en") == []
