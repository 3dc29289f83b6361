"""Exports show every quote in its source, and make nothing of what strangers wrote."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from made_up import HOSTILE, NOON, answer, plain
from markdown_it import MarkdownIt

from rag.conversation.export import FORMATS, exported
from rag.conversation.markdown import escaped
from rag.gazette import Gazette
from rag.model import Answer, AskedWith, Conversation, Filters, Notice, StoredTurn
from rag.text.harmless import harmless
from rag.wording import told

Converse = Callable[..., tuple[str, Answer]]
RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
TEXT = {"text", "softbreak", "hardbreak", "text_special"}


def conversation(*answers: Answer, title: str = HOSTILE) -> Conversation:
    turns = tuple(StoredTurn(one, NOON) for one in answers)
    return Conversation("abc123", title, "", NOON, NOON, turns)


def export(one: Conversation, format: str, state: Any = None) -> str:
    states = [{"press/a.md": state} if state else {} for _ in one.turns]
    return exported(one, states, format)  # type: ignore[arg-type]


@pytest.fixture
def real(asked: Gazette, converse: Converse) -> Conversation:
    """Three turns: answered, a follow-up, refused."""
    kept, _ = converse("How long is the cable under the Caspian?")
    converse("And what does it cost?", kept)
    converse("Who is the president of the Moon?", kept)
    return asked.conversations.get(kept)


# Markdown


def rendered(text: str) -> str:
    """The letters that a renderer shows; fails when it makes anything of them."""
    shown = []
    for block in RENDERER.parse(text):
        assert block.type in ("paragraph_open", "paragraph_close", "inline"), block
        for token in block.children or ():
            assert token.type in TEXT, token
            shown.append("\n" if token.type.endswith("break") else token.content)
    return "".join(shown)


def letters(text: str) -> str:
    return "".join(text.split())


@given(st.text(alphabet="*_`[]()<>!#+-=~|&;:.\\\"'/12abw \n\t$@é"))
def test_any_text_stays_text_in_markdown(text: str):
    assert letters(rendered(escaped(text))) == letters(text)


@given(st.text())
def test_any_letters_stay_themselves_in_markdown(text: str):
    assert letters(rendered(escaped(text))) == letters(harmless(text))


def test_lines_stay_lines_in_markdown():
    assert rendered(escaped("one\n• two\n• three")) == "one\n• two\n• three"


def test_bare_addresses_lead_nowhere_in_markdown():
    assert escaped("see https://x.example and WWW.x.example") == (
        "see https\\://x.example and WWW\\.x.example"
    )


def test_a_conversation_is_one_document_with_its_quotes_in_blocks(real: Conversation):
    text = export(real, "markdown")
    blocks = RENDERER.parse(text)
    heads = [b.content for a, b in pairwise(blocks) if a.type == "heading_open"]
    assert heads[0] == "How long is the cable under the Caspian?"
    assert [head.partition(" ")[0] for head in heads[1:]] == ["1.", "2.", "3."]
    quotes = [
        b.children or () for a, b in pairwise(blocks)
        if a.type == "paragraph_open" and a.level >= 3
    ]  # fmt: skip
    shown = [letters("".join(t.content for t in inline)) for inline in quotes]
    for turn in real.turns:
        for citation in turn.answer.citations:
            assert letters(citation.quote) in "".join(shown)
            place = f"{citation.doc}, {citation.start}–{citation.end}, sha256 "
            assert place in text
    assert "is 380 kilometres" in text or "380 kilometres long" in text
    assert re.search(r"380 kilometres.* \[1\]", text)
    assert "Nearest passages (they do not answer it):" in text
    assert "Understood as: And what does it cost?" in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_hostile_texts_are_no_markup_in_markdown():
    text = export(conversation(answer(question=HOSTILE)), "markdown")
    kinds = {t.type for b in RENDERER.parse(text) for t in (b, *(b.children or ()))}
    assert not kinds & {
        "link_open", "image", "html_inline", "html_block", "code_inline", "fence", "code_block",
        "table_open", "s_open",
    }  # fmt: skip
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert " [1] (weak)" in text


# HTML


def test_a_page_marks_each_quote_in_its_passage_and_links_lead_to_it(real: Conversation):
    page = html.fromstring(export(real, "html"))
    cited = [c for turn in real.turns for c in turn.answer.citations]
    marked = [mark.text_content() for mark in page.iter("mark")]
    assert marked[: len(cited)] == [c.quote for c in cited]
    assert len(marked) > len(cited)  # the nearest passages of the refusal
    first = real.turns[0].answer
    passage = next(h for h in first.passages if h.passage.id == first.citations[0].passage)
    assert next(page.iter("blockquote")).text_content() == passage.passage.text
    ids = {element.get("id") for element in page.iter() if element.get("id")}
    links = [a.get("href") for a in page.iter("a")]
    assert len(links) == sum(len(s.citations) for t in real.turns for s in t.answer.sentences)
    assert {link.removeprefix("#") for link in links} == ids
    assert [h.text_content() for h in page.iter("h2")] == [t.question for t in real.turns]


def test_a_page_says_which_language_each_text_is_in(real: Conversation):
    page = html.fromstring(export(real, "html"))
    assert page.get("lang") == "en"
    langs = {hit.document.lang for turn in real.turns for hit in turn.answer.passages}
    assert {quote.get("lang") for quote in page.iter("blockquote")} <= langs
    assert all(article.get("lang") == "en" for article in page.iter("article"))


def test_hostile_texts_are_only_text_on_a_page():
    one = conversation(answer(question=HOSTILE))
    page = html.fromstring(export(one, "html"))
    assert not list(page.iter("script", "img", "link", "iframe", "object", "form", "base"))
    for element in page.iter():
        assert not {name for name in element.attrib if name.startswith("on")}, element.attrib
        assert not {"src", "srcset", "style", "action"} & set(element.attrib)
        assert element.get("href", "#").startswith("#")
    assert "<script>alert(1)</script>" in page.find(".//h1").text_content()
    assert harmless(HOSTILE[1:-1]) in page.find(".//mark").text_content()
    assert "\x1b" not in page.text_content()


def test_a_pages_policy_lets_it_load_and_run_nothing(real: Conversation):
    page = html.fromstring(export(real, "html"))
    (policy,) = [m.get("content") for m in page.iter("meta") if m.get("http-equiv")]
    style = page.find(".//style").text
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style


# JSON


def test_json_has_every_turn_with_the_version_of_each_quote(real: Conversation):
    found = json.loads(export(real, "json"))
    assert list(found) == ["id", "title", "user", "created", "updated", "turns", "documents"]
    assert found["created"].endswith("+00:00")
    known = {document["sha256"] for document in found["documents"]}
    assert len(found["turns"]) == 3
    for turn, given_turn in zip(found["turns"], real.turns, strict=True):
        answered = given_turn.answer
        assert turn["asked_at"] == given_turn.asked_at.isoformat()
        assert turn["answer"] == answered.text
        texts = {h.document.sha256: h.document.text for h in answered.passages}
        for shown, citation in zip(turn["citations"], answered.citations, strict=True):
            assert shown["sha256"] in known
            text = texts[shown["sha256"]]
            assert text[shown["start"] : shown["end"]] == shown["quote"] == citation.quote
        for shown in turn["passages"]:
            text = texts[shown["sha256"]]
            assert text[shown["start"] : shown["end"]] == shown["text"]
    assert "text" not in found["documents"][0]
    assert found["turns"][0]["asked_with"] == {
        "filters": {"langs": [], "publishers": [], "since": None, "until": None, "docs": []},
        "ignoring": [],
        "follows": True,
    }


# All of them


def test_notices_are_told_in_the_language_of_their_answer():
    notices = (
        Notice("answered by m on h", "by_model", {"model": "m"}),
        Notice("2 sentence(s) of m left out", "left_out", {"n": 2}),
        Notice("a <b>new</b> thing"),
    )
    one = conversation(replace(plain("Кто это?"), language="ru", notices=notices))
    known = [told(notice, "ru").text for notice in notices]
    assert known[2] == "A <b>new</b> thing"
    html, text = export(one, "html"), export(one, "markdown")
    for said in known[:2]:
        assert f'<p class="quiet" lang="ru"><bdi>{said}</bdi></p>' in html
        assert f"*{said}*" in text
    assert '<p class="quiet" lang="en"><bdi>A &lt;b&gt;new&lt;/b&gt; thing</bdi></p>' in html
    assert json.loads(export(one, "json"))["turns"][0]["notices"] == [n.text for n in notices]


@pytest.mark.parametrize(
    ("state", "said", "told"),
    [
        ("changed", "This document has changed since.", "changed"),
        ("gone", "This document is no longer in the corpus.", "gone"),
        ("current", "", "current"),
        (None, "", None),
    ],
)
def test_an_export_tells_what_became_of_a_document(state: Any, said: str, told: str | None):
    one = conversation(answer("A whole sentence."))
    for format in ("markdown", "html"):
        text = export(one, format, state)
        assert ("This document" in text) == bool(said)
        assert said in text
    assert [d["state"] for d in json.loads(export(one, "json", state))["documents"]] == [told]


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (Filters(("fr", "ru"), ("Le Courrier",)), "in fr or ru, published by Le Courrier"),
        (Filters(since=NOON.date(), until=NOON.date()), "since 2026-03-01, until 2026-03-01"),
        (Filters(docs=("a.md", HOSTILE)), f"called a.md or {HOSTILE}"),
        (Filters(), ""),
    ],
)
def test_an_export_tells_which_documents_an_answer_was_limited_to(filters: Filters, said: str):
    turn = StoredTurn(plain("What is it?"), NOON, None, AskedWith(filters))
    one = Conversation("abc123", "A title", "", NOON, NOON, (turn,))
    page = html.fromstring(export(one, "html"))
    shown = [quiet.text_content() for quiet in page.find_class("quiet")]
    limits = [f"only documents {said}"] if said else []
    assert [text for text in shown if "only documents" in text] == list(map(harmless, limits))
    assert not list(page.iter("script"))
    lines = export(one, "markdown").splitlines()
    assert [line for line in lines if "only documents" in line] == [
        f"*{escaped(' '.join(text.split()))}*" for text in limits
    ]
    (told,) = json.loads(export(one, "json"))["turns"]
    assert told["asked_with"]["filters"]["docs"] == list(filters.docs)


def test_an_export_tells_of_a_turn_of_an_older_gazette_that_nothing_is_known():
    (told,) = json.loads(export(conversation(plain("What is it?")), "json"))["turns"]
    assert told["asked_with"] is None


@pytest.mark.parametrize("format", FORMATS)
def test_a_refusal_without_passages_is_exported_too(format: str):
    text = export(conversation(plain("What is it?"), title="A title"), format)
    assert "Nothing is known." in text
    assert text.endswith("\n")
    assert text.encode()
