"""Data to HTML: every text is escaped, and a highlight is the quote, letter for letter."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.model import AnswerSentence, Citation, Document, Hit, Passage, Span
from ui import render
from ui.i18n import LANGUAGE_NAMES, labels
from ui.render import Highlight, highlighted

HOSTILE = "<img src=x onerror=alert(1)> ${7*7} </mark><script>x</script> \"'&amp;"
WORDS = labels("en")


def cited(n: int, text: str, start: int, end: int) -> Citation:
    quote = text[start:end]
    return Citation(n, "press/a.md", HOSTILE, HOSTILE, None, "az", quote, start, end, passage=1)


def document(text: str) -> Document:
    return Document("press/a.md", HOSTILE, text, "az", publisher=HOSTILE, source_url=HOSTILE)


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


def test_hostile_text_is_shown_and_never_markup():
    text = f"{HOSTILE} middle {HOSTILE}"
    citation = cited(1, text, 0, len(HOSTILE))
    hit = Hit(Passage(1, "press/a.md", 0, 9, text[:9], (Span(0, 9),)), document(text), 1, 1, 1, 1)
    shown = [
        render.answer(HOSTILE, "en", HOSTILE, [AnswerSentence(HOSTILE, (1,))], [citation], WORDS),
        render.sources([citation], {"press/a.md": document(text)}, WORDS),
        render.nearest([hit], WORDS),
        render.failure(HOSTILE),
        render.status(HOSTILE),
    ]
    for html in shown:
        assert "<img" not in html
        assert "<script" not in html
        assert "onerror=alert(1)&gt;" in html or "&lt;img src" in html
        attributes = re.findall(r'="([^"]*)"', html)
        assert not any("<" in value or ">" in value for value in attributes)


def test_each_document_is_one_card_with_all_its_quotes():
    text = "First sentence. Second sentence."
    citations = [cited(1, text, 16, 32), cited(2, text, 0, 15)]
    html = render.sources(citations, {"press/a.md": document(text)}, WORDS)
    assert html.count("<details") == 1
    assert marked(html, "quote-1") == "Second sentence."
    assert marked(html, "quote-2") == "First sentence."


def test_a_sentence_carries_chips_that_lead_to_its_highlights():
    text = "One. Two."
    citations = [cited(1, text, 0, 4), cited(2, text, 5, 9)]
    html = render.answer("?", "en", "", [AnswerSentence("Both.", (1, 2))], citations, WORDS)
    assert re.findall(r'href="#(quote-\d)"', html) == ["quote-1", "quote-2"]
    assert visible(html).endswith("Both. [1] [2]")


def test_a_quoted_sentence_is_in_its_source_s_language_and_a_written_one_in_the_question_s():
    citation = cited(1, "Salam.", 0, 6)
    sentences = [AnswerSentence("Salam.", (1,)), AnswerSentence("Hello.", (1,))]
    html = render.answer("?", "en", "", sentences, [citation], WORDS)
    assert re.findall(r'class="sentence" lang="(\w\w)"', html) == ["az", "en"]


def test_no_link_leads_off_the_page():
    text = "One. Two."
    citation = cited(1, text, 0, 4)
    html = render.sources([citation], {"press/a.md": document(text)}, WORDS)
    assert all(link.startswith("#") for link in re.findall(r'href="([^"]*)"', html))


@pytest.mark.parametrize("language", LANGUAGE_NAMES)
def test_every_language_has_every_word(language):
    words = labels(language)
    assert all(getattr(words, name) for name in words.__slots__)


def test_an_unknown_language_is_answered_with_english_words():
    assert labels("de") == labels("en")


def test_what_is_being_written_is_shown_as_a_draft_and_not_read_out():
    html = render.answer("?", "en", "", [], [], WORDS, HOSTILE)
    assert '<p class="draft" aria-hidden="true">' in html
    assert HOSTILE in visible(html) and "<img" not in html
    assert "draft" not in render.answer("?", "en", "", [], [], WORDS)


@pytest.mark.parametrize(
    ("verdict", "said"), [("weak", "weakly supported"), ("unsupported", "not supported by")]
)
def test_a_sentence_that_is_not_borne_out_says_so(verdict, said):
    html = render.answer("?", "en", "", [AnswerSentence("It is.", (), verdict)], [], WORDS)
    assert f'<span class="verdict {verdict}">{said}' in html
    assert "verdict" not in render.answer("?", "en", "", [AnswerSentence("It is.")], [], WORDS)
