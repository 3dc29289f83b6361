"""Highlights: the quote, letter for letter, in a text that loses and runs nothing."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.highlights import Highlight, highlighted, shown_part


def marked(html: str, name: str) -> str:
    found = re.search(rf'<mark id="{name}" tabindex="-1">(.*?)</mark>', html, re.DOTALL)
    assert found, html
    return unescape(found[1])


def visible(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@given(st.text(max_size=60), st.data())
def test_a_highlight_is_its_span_and_the_rest_of_the_text_stays(text, data):
    text = "x" + text
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    html = highlighted(text, [Highlight("quote-1", start, end)])
    assert marked(html, "quote-1") == text[start:end]
    assert visible(html) == text


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(1, 20)), max_size=4))
def test_overlapping_highlights_lose_no_letter_and_keep_their_ids(spans):
    text = "İstanbul <b>& Bakı😀x"
    marks = [Highlight(f"m{i}", s, min(s + n, 20)) for i, (s, n) in enumerate(spans)]
    html = highlighted(text, marks)
    assert visible(html) == text
    assert html.count("<mark") == html.count("</mark>")
    assert all(html.count(f'id="{mark.id}"') == 1 for mark in marks)


@pytest.mark.parametrize(("start", "end"), [(2, 2), (3, 1), (-1, 2), (0, 6)])
def test_a_highlight_that_leaves_the_text_is_refused(start, end):
    with pytest.raises(ValueError, match="quote-1 at"):
        highlighted("press", [Highlight("quote-1", start, end)])


def test_spans_are_code_points_whatever_stands_before_them():
    text = "İı😀 <b>Bakı</b> & co"
    start = text.index("Bakı")
    html = highlighted(text, [Highlight("quote-1", start, start + 4)])
    assert marked(html, "quote-1") == "Bakı"


def test_markup_in_a_text_and_in_a_name_stays_text():
    text = '<img src=x onerror="alert(1)"> </mark><script>x</script>'
    html = highlighted(text, [Highlight('"><b>', 0, 5)])
    assert re.findall(r"<(\w+)", html) == ["mark"]


def test_a_short_passage_is_shown_whole():
    mark = Highlight("m", 3, 8)
    assert shown_part("x" * 700, [mark]) == ("x" * 700, [mark])


@given(st.data())
def test_of_a_long_passage_every_quote_is_shown_letter_for_letter(data):
    text = data.draw(st.sampled_from(("word " * 400, "слово, " * 300, "x" * 2000, "a 😀 " * 500)))
    spans = data.draw(
        st.lists(st.tuples(st.integers(0, len(text) - 2), st.integers(1, 60)), max_size=3)
    )
    marks = [Highlight(f"m{i}", s, min(s + n, len(text))) for i, (s, n) in enumerate(spans)]
    shown, moved = shown_part(text, marks)
    for before, after in zip(marks, moved, strict=True):
        assert shown[after.start : after.end] == text[before.start : before.end]
        assert after.id == before.id
    assert shown.removeprefix("… ").removesuffix(" …") in text


def test_a_long_passage_is_cut_between_words_with_some_around_its_quote():
    text = "before " * 200 + "THE QUOTE " + "after " * 200
    start = text.index("THE")
    shown, (mark,) = shown_part(text, [Highlight("m", start, start + 9)])
    assert shown[mark.start : mark.end] == "THE QUOTE"
    assert shown.startswith("… before") and shown.endswith("after …")
    assert 300 < len(shown) < 600


@pytest.mark.parametrize("place", [0, 1000, 1990])
def test_a_line_without_blanks_is_cut_too(place):
    shown, (mark,) = shown_part("x" * 2_000_000, [Highlight("m", place, place + 9)])
    assert mark.end - mark.start == 9
    assert len(shown) < 5000
