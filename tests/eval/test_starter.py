"""A first question file: facts that stand in the user's documents, ready for a question each."""

import json
from pathlib import Path

import pytest

from eval.questions import QuestionFileError, lines_of, load
from eval.starter import facts, write
from rag.gazette import Gazette
from rag.settings import load_settings


@pytest.fixture
def small(small_home: Path) -> Gazette:
    return Gazette(load_settings(home=small_home, answerer="extractive"))


def test_every_proposed_fact_stands_in_its_document_and_holds_its_wording(reader: Gazette):
    documents = {document.id: document for document in reader.documents()}
    proposed = list(facts(reader, 25))
    assert len(proposed) == 25
    for document, sentence, wording, kind in proposed:
        assert documents[document.id].text.count(sentence) == 1
        assert wording in sentence
        assert kind in ("number", "date", "person")
    assert len({document.id for document, *_ in proposed}) == 25
    many = list(facts(reader, 60))
    assert len(many) == 60 and len({sentence for _, sentence, *_ in many}) == 60
    assert {document.lang for document, *_ in proposed} == {"fr", "en", "az", "ru", "tr"}


def test_what_is_proposed_is_the_same_each_time(reader: Gazette):
    assert [s for _, s, *_ in facts(reader, 10)] == [s for _, s, *_ in facts(reader, 10)]


def test_a_line_to_which_a_question_is_written_can_be_asked(small: Gazette, tmp_path: Path):
    file = tmp_path / "mine.jsonl"
    count = write(file, small, 20)
    assert count >= 2
    documents = {document.id: document for document in small.documents()}
    assert load([file], documents) == []
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"question": ""', '"question": "What is it?"'), encoding="utf-8")
    asked = load([file], documents)
    assert [q.behaviour for q in asked] == ["answer"] * count + ["refuse"] * 3


def test_the_file_explains_itself(small: Gazette, tmp_path: Path):
    file = tmp_path / "mine.jsonl"
    write(file, small, 1)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# Questions of your own for `gazette eval --questions mine.jsonl`."
    assert sum(line.startswith("#") for line in lines) >= 7
    ((_, line), *refused) = lines_of(file, drafts=True)
    assert json.dumps(line, ensure_ascii=False) in lines
    assert len(refused) == 3


def test_somebodys_work_is_not_written_over(small: Gazette, tmp_path: Path):
    file = tmp_path / "mine.jsonl"
    file.write_text("mine")
    with pytest.raises(QuestionFileError, match="is there already: name another file"):
        write(file, small, 1)
    assert file.read_text() == "mine"
    with pytest.raises(QuestionFileError, match="cannot be written"):
        write(tmp_path / "none" / "mine.jsonl", small, 1)
