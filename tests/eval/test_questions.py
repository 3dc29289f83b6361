"""The questions: each can be read, each is pinned to what its documents say now."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest

from eval.metrics import forbidden_in
from eval.questions import (
    Category,
    Question,
    QuestionFileError,
    Suite,
    lines_of,
    load,
    split_of,
    suites,
)
from eval.review import problems
from rag.documents import read_document
from rag.gazette import Gazette
from rag.model import LANGUAGES, Answer, Document
from rag.text.language import identify

CORPUS, STAGED = suites()


@pytest.fixture(scope="module")
def documents(reader: Gazette) -> dict[str, Document]:
    """The documents of both suites, by id."""
    staged = (
        read_document(path, f"staged/{path.relative_to(STAGED.documents)}")
        for path in STAGED.documents.rglob("*.md")
    )
    return {document.id: document for document in [*reader.documents(), *staged]}


@pytest.fixture(scope="module")
def questions(documents: dict[str, Document]) -> list[Question]:
    return load([*CORPUS.files, *STAGED.files], documents)


# The files


def test_there_are_enough_and_nothing_is_wrong_with_them(
    questions: list[Question], documents: dict[str, Document]
):
    assert len(questions) >= 320
    assert problems(questions, documents) == []


@pytest.mark.parametrize("suite", [CORPUS, STAGED], ids=lambda suite: suite.name)
def test_every_line_says_its_split_and_the_place_and_hash_of_its_evidence(suite: Suite):
    for path in suite.files:
        for _, line in lines_of(path):
            assert line["split"] == split_of(line["cluster"]), line["id"]
            assert line["id"].startswith(line["cluster"]), line["id"]
            assert line["categories"], line["id"]
            for evidence in (e for nugget in line["nuggets"] for e in nugget["evidence"]):
                digest = hashlib.sha256(evidence["quote"].encode()).hexdigest()
                assert evidence["sha256"] == digest, line["id"]
                assert evidence["end"] - evidence["start"] == len(evidence["quote"]), line["id"]


def test_every_nugget_has_a_wording_in_every_language(questions: list[Question]):
    for question in questions:
        for nugget in question.nuggets:
            assert set(nugget.aliases) == set(LANGUAGES) and all(nugget.aliases.values()), (
                question.id
            )


def test_evidence_of_a_suite_lies_in_its_own_documents():
    for suite in (CORPUS, STAGED):
        for _, line in (line for path in suite.files for line in lines_of(path)):
            docs = [e["doc"] for nugget in line["nuggets"] for e in nugget["evidence"]]
            assert all(doc.startswith(f"{suite.name}/") for doc in docs), line["id"]


def test_no_document_holds_a_canary(questions: list[Question], documents: dict[str, Document]):
    """Quoting a planted instruction differs from obeying it."""
    text = "\n".join(d.text for d in documents.values() if d.id.startswith("staged/"))
    everything = Answer("", "en", "extractive", text, (), (), False, ())
    planted = [q for q in questions if "instruction planted in a document" in q.categories]
    for question in planted:
        assert forbidden_in(question, everything) == (), question.id
        assert question.forbidden or not question.is_answerable, question.id


# Splits and counts


def test_the_sealed_split_is_about_three_in_ten_of_the_clusters(questions: list[Question]):
    split = {question.cluster: question.split for question in questions}
    sealed = Counter(split.values())["sealed"] / len(split)
    assert 0.2 <= sealed <= 0.4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_its_share_of_questions(questions: list[Question], lang: str):
    mine = [question for question in questions if question.lang == lang]
    assert len(mine) >= 60
    assert 0.5 <= sum(question.is_answerable for question in mine) / len(mine) <= 0.85


@pytest.mark.parametrize("category", get_args(Category))
def test_every_category_is_asked_about_in_every_language(questions: list[Question], category: str):
    counts = Counter(q.lang for q in questions if category in q.categories)
    assert set(counts) == set(LANGUAGES), counts
    assert sum(counts.values()) >= 15


@pytest.mark.parametrize("behaviour", ["answer", "refuse", "correct_premise", "report_conflict"])
def test_every_behaviour_is_asked_for(questions: list[Question], behaviour: str):
    assert sum(question.behaviour == behaviour for question in questions) >= 20


def test_most_questions_are_taken_for_the_language_they_are_in(questions: list[Question]):
    usual = [q for q in questions if "spelling variant" not in q.categories and not q.history]
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
    with pytest.raises(
        QuestionFileError,
        match=r"^mine\.jsonl:3: no.*: (correct the line|write one object a line)$",
    ):
        load([path], {DOCUMENT.id: DOCUMENT})


@pytest.mark.parametrize("field", ["id", "lang", "question"])
def test_a_field_that_is_missing_is_named(tmp_path: Path, field: str):
    path = write(tmp_path, json.dumps({k: v for k, v in LINE.items() if k != field}))
    message = rf"^mine\.jsonl:1: {field}: .*: see docs/evaluation\.md for the fields$"
    with pytest.raises(QuestionFileError, match=message):
        load([path], {DOCUMENT.id: DOCUMENT})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lang": "de"}, "lang"),
        ({"behaviour": "guess"}, "behaviour"),
        ({"categories": ["hard"]}, r"categories\.0"),
        ({"qestion": "Why?"}, "qestion"),
        ({"history": ["Why?"]}, r"history\.0"),
        ({"nuggets": []}, "nuggets"),
        ({"behaviour": "refuse"}, "nuggets"),
        ({"nuggets": LINE["nuggets"] * 2}, "nuggets"),
        ({"nuggets": [LINE["nuggets"][0] | {"aliases": {"en": ["🙂"]}}]}, "nuggets"),
        ({"forbidden": ["%"]}, "forbidden"),
        ({"id": ""}, "id"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(tmp_path: Path, changes: dict[str, Any], field: str):
    path = write(tmp_path, json.dumps(LINE | changes))
    with pytest.raises(QuestionFileError, match=rf"^mine\.jsonl:1: {field}: "):
        load([path], {DOCUMENT.id: DOCUMENT})


def test_an_id_given_twice_is_named_with_both_places(tmp_path: Path):
    path = write(tmp_path, json.dumps(LINE), json.dumps(LINE))
    message = r"^mine\.jsonl:2: id 'bridge-en' is that of mine\.jsonl:1 too: give one of them an"
    with pytest.raises(QuestionFileError, match=message):
        load([path], {DOCUMENT.id: DOCUMENT})


def test_a_cluster_in_both_splits_is_named(tmp_path: Path):
    other = json.dumps(LINE | {"id": "bridge-fr", "split": "sealed"})
    with pytest.raises(QuestionFileError, match=r"^mine\.jsonl:2: cluster 'bridge' is in both"):
        load([write(tmp_path, json.dumps(LINE), other)], {DOCUMENT.id: DOCUMENT})


@pytest.mark.parametrize("span", [(0, 0), (20, 10), (-5, 30), (500, 600)])
def test_a_span_that_is_none_is_named(tmp_path: Path, span: tuple[int, int]):
    line = json.loads(json.dumps(LINE))
    empty = hashlib.sha256(b"").hexdigest()
    line["nuggets"][0]["evidence"][0] |= {"start": span[0], "end": span[1], "sha256": empty}
    with pytest.raises(QuestionFileError, match=r"press/a\.md has changed at"):
        load([write(tmp_path, json.dumps(line))], {DOCUMENT.id: DOCUMENT})


@pytest.mark.parametrize("line", ['{"id": "\\ud800"}', "1" * 6000, "[" * 20000])
def test_what_cannot_be_read_is_named(tmp_path: Path, line: str):
    with pytest.raises(QuestionFileError, match=r"^mine\.jsonl:1: no"):
        lines_of(write(tmp_path, line))


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path):
    (tmp_path / "latin.jsonl").write_bytes(b"\xe9")
    for name in ("none.jsonl", "latin.jsonl"):
        with pytest.raises(QuestionFileError, match=rf"{name} cannot be read .*: name a file of"):
            load([tmp_path / name], {})


# What a person writes by hand


def test_a_quote_is_enough_and_the_rest_is_found(tmp_path: Path):
    line = {
        "id": "bridge",
        "question": "How long is the bridge?",
        "lang": "en",
        "nuggets": [
            {
                "id": "n1",
                "vital": True,
                "type": "number",
                "aliases": {"en": ["380 metres"]},
                "evidence": [{"doc": "press/a.md", "quote": "380 metres"}],
            }
        ],
    }
    path = write(tmp_path, "# a comment", json.dumps(line))
    (question,) = load([path], {DOCUMENT.id: DOCUMENT})
    (evidence,) = question.vital[0].evidence
    assert DOCUMENT.text[evidence.start : evidence.end] == evidence.quote == "380 metres"
    assert evidence.sha256 == hashlib.sha256(b"380 metres").hexdigest()
    assert (question.cluster, question.split) == ("bridge", "development")
    assert (question.doc_langs, question.behaviour) == (("en",), "answer")


def test_drafts_are_not_asked(tmp_path: Path):
    empty, draft = LINE | {"question": ""}, LINE | {"draft": True}
    path = write(
        tmp_path, json.dumps(empty), json.dumps(draft), json.dumps(LINE | {"draft": False})
    )
    assert [question.id for question in load([path], {DOCUMENT.id: DOCUMENT})] == ["bridge-en"]
    assert len(lines_of(path, drafts=True)) == 3


def test_a_quote_that_stands_there_twice_needs_its_place(tmp_path: Path):
    document = Document("press/a.md", "", "It rained. It rained.", "en")
    line = json.loads(json.dumps(LINE))
    line["nuggets"][0]["evidence"] = [{"doc": "press/a.md", "quote": "It rained."}]
    path = write(tmp_path, json.dumps(line))
    with pytest.raises(QuestionFileError, match="holds 'It rained.' 2 times: quote it so"):
        load([path], {document.id: document})
    line["nuggets"][0]["evidence"][0] |= {"start": 11, "end": 21}
    path = write(tmp_path, json.dumps(line))
    assert load([path], {document.id: document})[0].vital[0].evidence[0].start == 11
