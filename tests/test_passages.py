"""Passages: spans of whole sentences that slice to their text and cover the document."""

import string
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.documents import read_document
from rag.errors import ReadError
from rag.gazette import Gazette, corpus_folder
from rag.model import Document, Passage
from rag.passages import MAX_CHARACTERS, MAX_SENTENCE, embedding_text, passages_of
from rag.settings import load_settings

CORPUS = sorted(corpus_folder().rglob("*.md"))

_ALPHABET = (
    string.ascii_letters
    + string.digits
    + "éàçğışöüİıəƏĞ\u0301\u0307\u0323\u0591абвЙй́שלוםمرحبا漢字👩‍👩‍👧🇦🇿👍🏽\u200f\u202e\u200d\ufe0f"
    + ".!?…:;,«»“”()-—•%€$"
    + "    \n\n\t\u00a0\u202f\u2028"
)


def document(text: str, lang: str = "en") -> Document:
    return Document(id="news/a.md", title="A title", text=text, lang=lang)


def check(found: list[Passage], of: Document) -> None:
    assert found
    for passage in found:
        assert passage.text == of.text[passage.start : passage.end]
        assert passage.doc == of.id
        assert passage.start == passage.sentences[0].start
        assert passage.end == passage.sentences[-1].end
        for start, end in passage.sentences:
            assert passage.start <= start < end <= passage.end
    sentences = [span for passage in found for span in passage.sentences]
    assert all(one.end <= other.start for one, other in pairwise(sentences))
    covered = {place for start, end in sentences for place in range(start, end)}
    assert {i for i, c in enumerate(of.text) if not c.isspace()} <= covered


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem[:40])
def test_every_passage_of_the_corpus_slices_to_its_text_and_none_of_it_is_lost(path: Path):
    read = read_document(path, f"corpus/{path.name}")
    check(passages_of(read), read)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    text=st.text(st.sampled_from(_ALPHABET), min_size=1, max_size=2500)
    | st.text(max_size=400)
    | st.lists(st.text(st.sampled_from(_ALPHABET), max_size=300), max_size=8).map("\n\n".join),
    lang=st.sampled_from(["fr", "en", "az", "ru", "tr"]),
)
def test_any_text_is_cut_into_spans_that_slice_in_order_and_lose_nothing(text: str, lang: str):
    data = f"---\ntitle: t\nlang: {lang}\n---\n\n{text}".encode(errors="replace")
    try:
        read = read_document(Path("a.md"), "news/a.md", data)
    except ReadError:
        return
    check(passages_of(read), read)


def test_every_stored_passage_slices_to_its_text(corpus_home: Path):
    with Gazette(load_settings(home=corpus_home)) as gazette:
        for one in gazette.documents():
            stored, passages = gazette.document(one.id)
            check(passages, stored)


def test_a_passage_never_holds_more_than_its_limit_unless_one_sentence_does():
    text = " ".join(f"Sentence number {i} says one more thing of it." for i in range(100))
    found = passages_of(document(text))
    assert len(found) > 5
    assert all(p.end - p.start <= MAX_CHARACTERS for p in found)


def test_a_run_without_a_sentence_end_is_cut_at_a_space():
    text = "word " * 1000 + "end."
    found = passages_of(document(text))
    check(found, document(text))
    for passage in found:
        assert passage.end - passage.start <= MAX_SENTENCE
        assert passage.text.startswith(("word", "end"))


def test_a_run_without_a_space_is_cut_all_the_same():
    text = "x" * 10_000
    found = passages_of(document(text))
    check(found, document(text))
    assert max(p.end - p.start for p in found) <= MAX_SENTENCE


def test_a_heading_goes_with_the_paragraph_under_it():
    body = "The minister said that the plan would be ready in the spring of the next year. " * 2
    text = f"First heading\n\n{body.strip()}\n\nSecond heading\n\n{body.strip()}"
    assert [p.text.split("\n")[0] for p in passages_of(document(text))] == [
        "First heading",
        "Second heading",
    ]


def test_what_is_embedded_stands_under_title_and_date():
    import dataclasses
    import datetime

    dated = dataclasses.replace(document("It rains."), date=datetime.date(2025, 12, 18))
    passage = passages_of(dated)[0]
    assert embedding_text(dated, passage) == "A title (2025-12-18)\nIt rains."
    assert embedding_text(document("It rains."), passage) == "A title\nIt rains."
