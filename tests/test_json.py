"""The JSON of every command: one object a line, of a fixed shape."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran

from rag.gazette import Gazette
from rag.settings import load_settings

Cli = Callable[..., Ran]
QUESTION = "How long is the cable under the Caspian?"

PASSAGE = {
    "doc": str,
    "title": str,
    "publisher": str,
    "date": str | None,
    "lang": str,
    "text": str,
    "start": int,
    "end": int,
    "score": float,
    "cosine": float,
    "words": float,
}
CITATION = {
    "n": int,
    "doc": str,
    "title": str,
    "publisher": str,
    "date": str | None,
    "lang": str,
    "quote": str,
    "start": int,
    "end": int,
}
ANSWER = {
    "question": str,
    "understood": (dict, type(None)),
    "answer": str,
    "refused": bool,
    "answerer": str,
    "language": str,
    "confidence": float,
    "intro": str,
    "sentences": list,
    "citations": list,
    "passages": list,
    "notices": list,
    "timings": dict,
    "conversation": str | None,
}


def check(found: dict[str, Any], shape: dict[str, Any]) -> None:
    assert list(found) == list(shape)
    for key, kind in shape.items():
        assert isinstance(found[key], kind), (key, found[key])
        assert not (kind is int and isinstance(found[key], bool))


@pytest.fixture
def small(cli: Cli, small_home: Path) -> Callable[..., dict[str, Any]]:
    """The one JSON object that a command prints over the small index."""

    def run(*arguments: str) -> dict[str, Any]:
        done = cli(*arguments, "--json", home=small_home)
        assert done.out.count("\n") == 1
        found: dict[str, Any] = json.loads(done.out)
        return found

    return run


def check_answer(found: dict[str, Any], home: Path) -> None:
    check(found, ANSWER)
    for sentence in found["sentences"]:
        check(sentence, {"text": str, "citations": list, "verdict": str})
        assert sentence["citations"]
    numbers = [citation["n"] for citation in found["citations"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {n for s in found["sentences"] for n in s["citations"]} == set(numbers)
    with Gazette(load_settings(home=home)) as gazette:
        for citation in found["citations"]:
            check(citation, CITATION)
            document, _ = gazette.document(citation["doc"])
            assert document.text[citation["start"] : citation["end"]] == citation["quote"]
        for passage in found["passages"]:
            check(passage, PASSAGE)
            document, _ = gazette.document(passage["doc"])
            assert document.text[passage["start"] : passage["end"]] == passage["text"]
    assert all(isinstance(seconds, float) for seconds in found["timings"].values())
    assert all(isinstance(notice, str) for notice in found["notices"])


def test_an_answer(small: Callable[..., dict[str, Any]], small_home: Path):
    found = small("ask", QUESTION)
    check_answer(found, small_home)
    assert not found["refused"]
    assert 0 < found["confidence"] <= 1
    assert found["answerer"] == "extractive"
    assert found["citations"]
    assert set(found["timings"]) >= {"retrieval", "evidence", "answer", "total"}
    assert found["notices"] == [
        "answered by quotation: no Ollama at http://127.0.0.1:9: start it with `ollama serve`"
    ]


def test_a_refusal_has_neither_sentences_nor_citations(
    small: Callable[..., dict[str, Any]], small_home: Path
):
    found = small("ask", QUESTION, "--since", "2031")
    check_answer(found, small_home)
    assert found["refused"]
    assert found["sentences"] == found["citations"] == found["passages"] == []
    assert found["answer"] == found["intro"] == "No document satisfies these filters."


def test_a_search(small: Callable[..., dict[str, Any]]):
    found = small("search", QUESTION)
    shape = {"question": str, "language": str, "passages": list, "notices": list, "seconds": float}
    check(found, shape)
    assert found["passages"]
    for passage in found["passages"]:
        check(passage, PASSAGE)
    scores = [passage["score"] for passage in found["passages"]]
    assert scores == sorted(scores, reverse=True)


def test_a_list(cli: Cli, small_home: Path):
    lines = cli("list", "--json", home=small_home).out.splitlines()
    assert len(lines) == 4
    for line in lines:
        check(
            json.loads(line),
            {
                "id": str,
                "title": str,
                "lang": str,
                "date": str | None,
                "publisher": str,
                "source_title": str,
                "source_date": str | None,
                "source_url": str,
                "characters": int,
                "sha256": str,
            },
        )


def test_a_sync(cli: Cli, tmp_path: Path):
    folder = tmp_path / "press"
    folder.mkdir()
    (folder / "a.txt").write_text("The river Kura is 1,515 kilometres long, says the atlas.")
    (folder / "b.jpg").write_bytes(b"\xff\xd8")
    done = cli("sync", str(folder), "--json")
    assert done.code == 3
    assert done.err == ""
    found = json.loads(done.out)
    check(
        found,
        {
            "added": list,
            "changed": list,
            "renamed": list,
            "removed": list,
            "unchanged": int,
            "skipped": list,
            "left_out": list,
            "passages_embedded": int,
            "repaired": list,
            "seconds": float,
        },
    )
    assert found["added"] == ["press/a.txt"]
    check(found["skipped"][0], {"path": str, "reason": str, "kind": str, "values": dict})


def test_the_doctor(small: Callable[..., dict[str, Any]]):
    found = small("doctor")
    check(found, {"ok": bool, "checks": list})
    for one in found["checks"]:
        check(one, {"name": str, "ok": bool, "found": str, "remedy": str})


def test_an_error_among_several_questions(gazette: Callable[..., Ran], small_home: Path):
    done = gazette("ask", "-", "--json", stdin=b"???\n", env={"GAZETTE_HOME": str(small_home)})
    found = json.loads(done.out)
    check(found, {"question": str, "error": str, "exit_code": int})
    assert (found["question"], found["exit_code"], done.code) == ("???", 2, 2)
