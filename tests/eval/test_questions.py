"""The trial questions: each can be read, each is pinned to what the corpus says now."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from eval.questions import (
    FOLDER,
    Question,
    QuestionFileError,
    lines_of,
    load,
    split_of,
)
from rag.gazette import Gazette
from rag.model import LANGUAGES, Document
from rag.text.folding import fold
from rag.text.language import identify

FILES = sorted(FOLDER.glob("*.jsonl"))
BEHAVIOURS = {"answer", "refuse", "correct_premise", "report_conflict"}
TYPES = {"number", "date", "person", "text"}
REFERRED_TO = {"survival-hundred-years"}
"""Clusters whose evidence says "he" of the person that is asked for."""


@pytest.fixture(scope="module")
def documents(reader: Gazette) -> dict[str, Document]:
    return {document.id: document for document in reader.documents()}


@pytest.fixture(scope="module")
def raw() -> list[dict[str, Any]]:
    return [line for path in FILES for _, line in lines_of(path)]


# The files


def test_every_line_is_read_and_its_evidence_is_what_the_corpus_says(
    trial_questions: list[Question], raw: list[dict[str, Any]]
):
    assert len(FILES) == 2
    assert [question.id for question in trial_questions] == [line["id"] for line in raw]
    assert len(raw) >= 300


def test_every_hash_is_that_of_the_text_at_its_span(
    raw: list[dict[str, Any]], documents: dict[str, Document]
):
    for line in raw:
        for evidence in (e for nugget in line["nuggets"] for e in nugget["evidence"]):
            text = documents[evidence["doc"]].text[evidence["start"] : evidence["end"]]
            assert text == evidence["quote"], line["id"]
            assert hashlib.sha256(text.encode()).hexdigest() == evidence["sha256"], line["id"]


def test_ids_are_unique_and_no_question_is_asked_twice(trial_questions: list[Question]):
    for count in (Counter(q.id for q in trial_questions), Counter(map(asked, trial_questions))):
        assert [name for name, times in count.items() if times > 1] == []


def asked(question: Question) -> str:
    return " ".join(question.question.casefold().split())


def test_what_a_question_says_of_itself_is_one_of_what_it_may(trial_questions: list[Question]):
    for question in trial_questions:
        assert question.lang in LANGUAGES, question.id
        assert question.id.startswith(question.cluster), question.id
        assert question.behaviour in BEHAVIOURS, question.id
        assert question.categories, question.id
        assert {nugget.type for nugget in question.nuggets} <= TYPES, question.id


def test_an_answerable_question_has_something_vital_and_another_has_no_evidence(
    trial_questions: list[Question],
):
    for question in trial_questions:
        if question.is_answerable:
            assert question.vital, question.id
            assert all(nugget.evidence for nugget in question.nuggets), question.id
        else:
            assert question.nuggets == (), question.id


def test_the_languages_of_the_evidence_are_those_of_its_documents(
    trial_questions: list[Question], documents: dict[str, Document]
):
    for question in trial_questions:
        if question.is_answerable:
            evidence = [e for nugget in question.vital for e in nugget.evidence]
            langs = {documents[e.doc].lang for e in evidence}
            assert langs <= set(question.doc_langs), question.id
            is_across = "other language than the document's" in question.categories
            assert is_across == question.is_cross_language, question.id


def test_an_alias_stands_in_the_evidence_of_its_language(
    raw: list[dict[str, Any]], documents: dict[str, Document]
):
    lacking = set()
    for line in raw:
        for nugget in line["nuggets"]:
            assert set(nugget["aliases"]) == set(LANGUAGES), line["id"]
            for evidence in nugget["evidence"]:
                aliases = nugget["aliases"][documents[evidence["doc"]].lang]
                if not any(fold(alias) in fold(evidence["quote"]) for alias in aliases):
                    lacking.add(line["cluster"])
    assert lacking == REFERRED_TO


# Splits and counts


def test_variants_of_a_cluster_are_in_one_split(trial_questions: list[Question]):
    for question in trial_questions:
        assert question.split == split_of(question.cluster), question.id


def test_the_sealed_split_is_about_three_in_ten_of_the_clusters(trial_questions: list[Question]):
    split = {question.cluster: question.split for question in trial_questions}
    sealed = Counter(split.values())["sealed"] / len(split)
    assert 0.2 <= sealed <= 0.4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_its_share_of_questions(trial_questions: list[Question], lang: str):
    mine = [question for question in trial_questions if question.lang == lang]
    answerable = [question for question in mine if question.is_answerable]
    assert len(answerable) >= 35
    assert len(mine) - len(answerable) >= 20
    assert sum(question.is_cross_language for question in answerable) >= 15


@pytest.mark.parametrize(
    ("category", "least"),
    [
        ("single fact", 50),
        ("list", 20),
        ("number or date", 100),
        ("who said it", 15),
        ("comparison", 20),
        ("over several documents", 20),
        ("sources that differ", 15),
        ("spelling variant", 25),
        ("other language than the document's", 130),
        ("not in the corpus, near miss", 50),
        ("not in the corpus, far", 50),
        ("false premise", 5),
    ],
)
def test_every_category_is_asked_about(trial_questions: list[Question], category: str, least: int):
    assert sum(category in question.categories for question in trial_questions) >= least


def test_most_questions_are_taken_for_the_language_they_are_in(trial_questions: list[Question]):
    usual = [q for q in trial_questions if "spelling variant" not in q.categories]
    mistaken = [(q.id, identify(q.question)) for q in usual if identify(q.question) != q.lang]
    assert len(mistaken) <= 0.03 * len(usual), mistaken


# Files that cannot be used


DOCUMENT = Document("press/a.md", "A title", "The bridge is 380 metres long.", "en")
LINE = {
    "id": "bridge-en",
    "cluster": "bridge",
    "split": "development",
    "lang": "en",
    "doc_langs": ["en"],
    "categories": ["number or date"],
    "question": "How long is the bridge?",
    "behaviour": "answer",
    "nuggets": [
        {
            "id": "n1",
            "vital": True,
            "type": "number",
            "aliases": {"en": ["380 metres"]},
            "evidence": [
                {
                    "doc": "press/a.md",
                    "start": 0,
                    "end": 30,
                    "sha256": hashlib.sha256(DOCUMENT.text.encode()).hexdigest(),
                }
            ],
        }
    ],
}


def write(folder: Path, *lines: str) -> Path:
    path = folder / "mine.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_line_is_read_as_it_is_written_and_blank_ones_are_passed_over(tmp_path: Path):
    path = write(tmp_path, "", json.dumps(LINE), "  ")
    (question,) = load([path], {DOCUMENT.id: DOCUMENT})
    assert (question.id, question.lang, question.doc_langs) == ("bridge-en", "en", ("en",))
    (nugget,) = question.vital
    assert nugget.aliases == {"en": ("380 metres",)}
    assert nugget.evidence[0].end == 30


@pytest.mark.parametrize("line", ["{", "[1]", '"a"', "bridge"])
def test_a_line_that_is_no_object_is_named(tmp_path: Path, line: str):
    path = write(tmp_path, json.dumps(LINE), "", line)
    with pytest.raises(QuestionFileError, match=r"^mine\.jsonl:3: no.*: correct the line$"):
        load([path], {DOCUMENT.id: DOCUMENT})


@pytest.mark.parametrize("field", ["id", "split", "nuggets", "question"])
def test_a_field_that_is_missing_is_named(tmp_path: Path, field: str):
    path = write(tmp_path, json.dumps({k: v for k, v in LINE.items() if k != field}))
    message = rf"^mine\.jsonl:1: '{field}' is missing: .*python -m eval\.pin"
    with pytest.raises(QuestionFileError, match=message):
        load([path], {DOCUMENT.id: DOCUMENT})


def test_evidence_that_was_never_pinned_is_named(tmp_path: Path):
    line = json.loads(json.dumps(LINE))
    del line["nuggets"][0]["evidence"][0]["start"]
    with pytest.raises(QuestionFileError, match=r"^mine\.jsonl:1: 'start' is missing: "):
        load([write(tmp_path, json.dumps(line))], {DOCUMENT.id: DOCUMENT})
