"""Feedback: a dislike becomes a question once, and what it still lacks is plain."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.feedback import adopt, read
from eval.questions import QuestionFileError, lines_of, load
from rag.model import Document

TEXT = "The bridge is 380 metres long. It was opened in May."
DOCUMENT = Document("press/a.md", "A title", TEXT, "en")
QUOTE = {"doc": "press/a.md", "start": 0, "end": 30, "quote": "The bridge is 380 metres long."}
DISLIKED = {
    "question": "When was the bridge opened?",
    "lang": "en",
    "liked": False,
    "answer": "The bridge is 380 metres long. [1]",
    "at": "2026-11-25T10:00:00+00:00",
    "reason": "wrong",
    "comment": "asked for the date",
    "citations": [QUOTE],
}


def write(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "feedback.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_a_dislike_becomes_a_draft_with_what_was_cited(tmp_path: Path):
    into = tmp_path / "mine.jsonl"
    assert adopt(write(tmp_path, DISLIKED), into) == (1, 1)
    ((_, line),) = lines_of(into, drafts=True)
    assert line["question"] == "When was the bridge opened?"
    assert line["note"] == (
        "disliked on 2026-11-25T10:00:00+00:00, wrong: asked for the date. It was answered: "
        "The bridge is 380 metres long. [1]"
    )
    assert line["nuggets"][0]["evidence"] == [QUOTE]
    assert load([into], {DOCUMENT.id: DOCUMENT}) == []


def test_a_draft_that_was_completed_is_asked(tmp_path: Path):
    into = tmp_path / "mine.jsonl"
    adopt(write(tmp_path, DISLIKED), into)
    ((_, line),) = lines_of(into, drafts=True)
    line["draft"] = False
    line["nuggets"][0] |= {"aliases": {"en": ["May"]}, "type": "date"}
    line["nuggets"][0]["evidence"] = [{"doc": "press/a.md", "quote": "It was opened in May."}]
    into.write_text(json.dumps(line), encoding="utf-8")
    (question,) = load([into], {DOCUMENT.id: DOCUMENT})
    assert question.vital[0].evidence[0].start == 31


def test_the_quote_that_the_reader_marked_is_the_evidence(tmp_path: Path):
    marked = {"doc": "press/a.md", "start": 31, "end": 52, "quote": "It was opened in May."}
    into = tmp_path / "mine.jsonl"
    adopt(write(tmp_path, DISLIKED | {"expected": [marked]}), into)
    ((_, line),) = lines_of(into, drafts=True)
    assert line["nuggets"][0]["evidence"] == [marked]


def test_what_should_have_been_refused_is_a_whole_question(tmp_path: Path):
    into = tmp_path / "mine.jsonl"
    assert adopt(write(tmp_path, DISLIKED | {"reason": "not in the documents"}), into) == (1, 0)
    (question,) = load([into], {})
    assert (question.behaviour, question.nuggets) == ("refuse", ())


def test_earlier_turns_come_along(tmp_path: Path):
    turns = [{"question": "How long is the bridge?", "answer": "380 metres. [1]"}]
    into = tmp_path / "mine.jsonl"
    adopt(write(tmp_path, DISLIKED | {"history": turns, "reason": "not in the documents"}), into)
    (question,) = load([into], {})
    assert question.history[0].question == "How long is the bridge?"
    assert question.categories == ("follow-up turn",)


def test_likes_are_left_and_a_dislike_is_taken_once(tmp_path: Path):
    later = DISLIKED | {"at": "2026-11-26T10:00:00+00:00"}
    feedback = write(tmp_path, DISLIKED, DISLIKED | {"liked": True, "at": "x"}, DISLIKED, later)
    into = tmp_path / "mine.jsonl"
    assert adopt(feedback, into) == (2, 2)
    before = into.read_bytes()
    assert adopt(feedback, into) == (0, 0)
    assert into.read_bytes() == before


def test_what_stood_in_the_file_stays(tmp_path: Path):
    into = tmp_path / "mine.jsonl"
    into.write_text("# my questions", encoding="utf-8")
    adopt(write(tmp_path, DISLIKED), into)
    first, second = into.read_text(encoding="utf-8").splitlines()
    assert first == "# my questions"
    assert json.loads(second)["draft"] is True


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"liked": "maybe"}, "liked"), ({"mood": 1}, "mood"), ({"lang": "de"}, "lang")],
)
def test_feedback_that_cannot_be_read_is_named(tmp_path: Path, changes: dict[str, Any], field: str):
    path = write(tmp_path, DISLIKED, DISLIKED | changes)
    message = rf"^feedback\.jsonl:2: {field}: .*docs/evaluation\.md describes feedback$"
    with pytest.raises(QuestionFileError, match=message):
        read(path)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path):
    with pytest.raises(QuestionFileError, match="cannot be written .*: name another"):
        adopt(write(tmp_path, DISLIKED), tmp_path / "none" / "mine.jsonl")
