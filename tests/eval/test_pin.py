"""Pinning: evidence is found once and hashed, and a document that changed is never passed over."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.pin import pin
from eval.questions import QuestionFileError, load, split_of, suites
from rag.gazette import Gazette
from rag.model import Document

TEXT = "İki köprü var. The bridge is 380 metres long.\n\nIt was opened in May. It was opened by us."
DOCUMENT = Document("press/a.md", "A title", TEXT, "en")
CORPUS = {DOCUMENT.id: DOCUMENT}
QUOTE = "The bridge is 380 metres long."


def line(quote: str = QUOTE, doc: str = DOCUMENT.id, number: int = 1) -> dict[str, Any]:
    return {
        "id": f"bridge-{number}-en",
        "cluster": f"bridge-{number}",
        "lang": "en",
        "doc_langs": ["en"],
        "categories": ["number or date"],
        "question": "How long is the bridge? «Короткий»?",
        "behaviour": "answer",
        "nuggets": [
            {
                "id": "n1",
                "vital": True,
                "type": "number",
                "aliases": {"en": ["380 metres"]},
                "evidence": [{"doc": doc, "quote": quote}],
            }
        ],
    }


def write(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "mine.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    return path


def test_a_quote_is_found_hashed_and_its_cluster_put_in_a_split(tmp_path: Path):
    path = write(tmp_path, line(), line(number=2))
    assert pin(path, CORPUS) == 2
    first, second = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    (evidence,) = first["nuggets"][0]["evidence"]
    assert TEXT[evidence["start"] : evidence["end"]] == QUOTE
    assert evidence["sha256"] == hashlib.sha256(QUOTE.encode()).hexdigest()
    assert (first["split"], second["split"]) == (split_of("bridge-1"), split_of("bridge-2"))
    assert load([path], CORPUS)[0].question == first["question"]


def test_pinning_twice_changes_nothing(tmp_path: Path):
    path = write(tmp_path, line())
    pin(path, CORPUS)
    once = path.read_bytes()
    pin(path, CORPUS)
    assert path.read_bytes() == once
    assert "Короткий".encode() in once


def test_the_shipped_files_are_pinned(tmp_path: Path, reader: Gazette):
    documents = {document.id: document for document in reader.documents()}
    for source in suites()[0].files:
        copy = tmp_path / source.name
        copy.write_bytes(source.read_bytes())
        pin(copy, documents)
        assert copy.read_bytes() == source.read_bytes()


@pytest.mark.parametrize(
    ("quote", "doc", "times"),
    [
        ("The bridge is 381 metres long.", DOCUMENT.id, 0),
        ("the bridge is 380 metres long.", DOCUMENT.id, 0),
        ("It was opened", DOCUMENT.id, 2),
    ],
)
def test_a_quote_that_stands_there_not_once_is_refused_by_file_line_and_remedy(
    tmp_path: Path, quote: str, doc: str, times: int
):
    path = write(tmp_path, line(), line(quote, doc, number=2))
    before = path.read_bytes()
    with pytest.raises(QuestionFileError) as caught:
        pin(path, CORPUS)
    message = str(caught.value)
    assert message.startswith(f"mine.jsonl:2: {doc} holds '{quote}' {times} times: quote it so ")
    assert path.read_bytes() == before


def test_a_document_that_changed_fails_loudly_with_file_line_and_remedy(tmp_path: Path):
    path = write(tmp_path, line(number=1), line("İki köprü var.", number=2))
    pin(path, CORPUS)
    for changed in (TEXT.replace("380", "381"), "\n" + TEXT, TEXT.replace("var", "yox"), ""):
        with pytest.raises(
            QuestionFileError,
            match=r"^mine\.jsonl:[12]: press/a\.md has changed at \d+: check the question, "
            r"correct the quote, and take out start, end and sha256, which are found anew$",
        ):
            load([path], {DOCUMENT.id: replace(DOCUMENT, text=changed)})


def test_a_text_that_changed_after_the_evidence_is_no_change_of_it(tmp_path: Path):
    path = write(tmp_path, line())
    pin(path, CORPUS)
    assert load([path], {DOCUMENT.id: replace(DOCUMENT, text=TEXT + " More.")})


def test_a_document_that_is_gone_is_named_with_the_remedy(tmp_path: Path):
    path = write(tmp_path, line())
    pin(path, CORPUS)
    message = r"^mine\.jsonl:1: no document is called 'press/a\.md': gazette list names them all; "
    with pytest.raises(QuestionFileError, match=message):
        load([path], {})
