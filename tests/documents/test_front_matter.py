"""A text written as Markdown with front matter is read as it was."""

from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from rag.documents import read_document
from rag.documents.front_matter import written
from rag.text.normalise import normalise, without_title

texts = st.text(st.characters(exclude_categories=()), max_size=60) | st.text(
    "ab \n\t-~`#*_[]<>&\\|:'\"^{}%!?@$0.", max_size=80
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.filter_too_much], deadline=None)
@given(title=texts, publisher=texts, text=texts)
@example("null", "~", "a [^1] b\n---\n~~~~\n<script>\n\n    # four\n[x]: y")
@example("---", "a: b", "---\ntitle: other\n---\n")
def test_whatever_is_written_is_read_again_letter_for_letter(title: str, publisher: str, text: str):
    line = " ".join(normalise(title).split())
    kept = without_title(normalise(text), line)
    assume(any(c.isalnum() for c in line) and any(c.isalnum() for c in kept))
    data = written({"title": title, "publisher": publisher, "date": "2026-02-03"}, text).encode()
    found = read_document(Path("x.md"), "x", data)
    assert found.title == line
    assert found.publisher == " ".join(normalise(publisher).split())
    assert found.date == date(2026, 2, 3)
    assert found.text == kept
