"""Data to HTML: every text is escaped, in elements and in attributes, in every template."""

import datetime
import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from answers import TEXT, citation, document, found, hit, quoted
from press import RIGHT_TO_LEFT

from rag.model import (
    LANGUAGES,
    AnswerSentence,
    AskedWith,
    Cited,
    Clue,
    Filters,
    Intro,
    ListedConversation,
    Notice,
    Overview,
    Retrieved,
    Span,
    Understood,
    Writing,
)
from rag.text.normalise import normalise
from rag.wording import Told
from ui import render
from ui.turn import TurnView
from ui.who import Person

HOSTILE = (
    "<img src=x onerror=alert(1)> ${7*7} {{7*7}} </p></mark></pre></textarea><script>x</script> "
    f"\"'`&amp; {RIGHT_TO_LEFT}x \x1b[31m"
)
READ = normalise(HOSTILE)
"""As a document's text has it: what turns lines round is taken out when it is read."""
NOW = datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC)


class _Read(HTMLParser):
    """The tags and attributes that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attributes]


def read(html: str) -> _Read:
    found = _Read()
    found.feed(html)
    found.close()
    return found


def hostile_turn(stage: str = "done") -> TurnView:
    filters = Filters((HOSTILE,), (HOSTILE,), docs=("a.md", HOSTILE))
    view = TurnView(0, HOSTILE, AskedWith(filters, (HOSTILE,)), kept_at=0)
    view.titles = {"a.md": HOSTILE}
    clue = Clue("source", Span(0, 3), HOSTILE, None, None, HOSTILE, True)
    view.take(Understood(HOSTILE, (clue,), is_follow_up=True))
    view.take(Retrieved(found(hit(title=HOSTILE, publisher=HOSTILE, text=READ), question=HOSTILE)))
    view.take(Intro(HOSTILE))
    view.take(Notice(HOSTILE))
    one = citation(1, Span(0, 20), title=HOSTILE, publisher=HOSTILE, quote=READ[:20])
    view.take(Cited(AnswerSentence(HOSTILE, (1,), "weak"), (one,)))
    view.take(Writing(HOSTILE))
    if stage != "writing":
        view.end(stage, Notice("", "no_document", {"name": HOSTILE}) if stage == "failed" else None)
    return view


def overview_of(**more: object) -> Overview:
    nothing = {
        "answerer": None,
        "model": "",
        "notice": None,
        "documents": 0,
        "passages": 0,
        "languages": {},
        "publishers": {},
        "first": None,
        "last": None,
        "synced": NOW,
    }
    return Overview(**{**nothing, **more})


def every_template() -> dict[str, str]:
    overview = overview_of(model=HOSTILE, documents=3, publishers={HOSTILE: 3})
    one = ListedConversation("abc", HOSTILE, HOSTILE, NOW, NOW, 1)
    whole = document(READ, title=HOSTILE, publisher=HOSTILE, source_title=HOSTILE)
    return {
        "turn": render.turns([hostile_turn()], "en"),
        "turn being written": render.turns([hostile_turn("writing")], "en"),
        "turn that failed": render.turns([hostile_turn("failed")], "en"),
        "sources": render.sources([hostile_turn()], "en"),
        "listed": render.listed([one], "en", "abc", HOSTILE, True),
        "foot": render.foot(overview, Person(HOSTILE), "en"),
        "welcome": render.welcome(overview, [HOSTILE], "en"),
        "composer": render.composer(overview, True, "en"),
        "text": render.text(whole, [(0, 20)], "changed", "en"),
        "live": render.render("live", "en", told=Told(HOSTILE, "en"), id="abc", is_failure=True),
        "dialogs": render.dialogs("en"),
    }


@pytest.mark.parametrize("name", every_template())
def test_hostile_text_is_shown_and_never_markup(name):
    html = every_template()[name]
    seen = read(html)
    assert not {"img", "script", "style", "iframe"}.intersection(seen.tags)
    assert not [key for key, _ in seen.attributes if key.startswith("on")]
    links = [value for key, value in seen.attributes if key in ("href", "src", "action")]
    assert all(re.match(r"(#|\?|\./|logout$|export)", link) for link in links), links
    if name != "dialogs":
        assert "&lt;img src=x onerror=alert(1)&gt;" in html
        assert "<script>x" not in html


@pytest.mark.parametrize("name", [n for n in every_template() if n != "dialogs"])
def test_what_turns_a_line_round_or_moves_a_terminal_is_shown_as_a_sign(name):
    html = every_template()[name]
    shown = unescape(re.sub(r' data-\w+="[^"]*"| value="[^"]*"', "", html))
    assert RIGHT_TO_LEFT not in shown
    assert "\x1b" not in shown


def test_what_is_sent_again_comes_back_from_the_page_as_it_was():
    view = hostile_turn()
    seen = dict(read(render.turns([view], "en")).attributes[:10])
    assert seen["data-question"] == HOSTILE
    assert json.loads(seen["data-asked"])["publishers"] == [HOSTILE]
    dropped = [v for k, v in read(render.turns([view], "en")).attributes if k == "data-words"]
    assert dropped.count(HOSTILE) == 5  # a language, a publisher, a document, two readings


def test_no_word_of_the_page_is_a_method():
    for language in LANGUAGES:
        for name, html in every_template().items():
            assert "built-in method" not in html, name
        assert "built-in" not in render.composer(overview_of(), True, language)


def test_a_sentence_carries_chips_that_lead_to_its_quotes():
    view = TurnView(3, "?")
    view.take(Retrieved(found(hit())))
    one, two = citation(1), citation(2, Span(29, 56))
    view.take(Cited(AnswerSentence("Both.", (1, 2)), (one, two)))
    html = render.turns([view], "en")
    assert re.findall(r'href="#(quote-3-\d)"', html) == ["quote-3-1", "quote-3-2"]
    sources = render.sources([view], "en")
    for quote in (one, two):
        assert f'<mark id="quote-3-{quote.n}" tabindex="-1">{quote.quote}</mark>' in sources


@pytest.mark.parametrize(
    ("verdict", "said"), [("weak", "weakly supported"), ("unsupported", "not supported by")]
)
def test_a_sentence_that_is_not_borne_out_says_so(verdict, said):
    view = TurnView(0, "?")
    view.take(Cited(AnswerSentence("It is.", (), verdict), ()))
    html = render.turns([view], "en")
    assert f'<span class="verdict {verdict}" lang="en">{said}' in html
    view = TurnView(0, "?")
    view.take(quoted(1))
    assert "verdict" not in render.turns([view], "en")


def test_what_is_being_written_is_no_answer_yet_and_not_read_out():
    view = TurnView(0, "?")
    view.take(Retrieved(found(hit())))
    view.take(Writing("The quay"))
    assert re.search(
        r'<p class="draft" aria-hidden="true"[^>]*>The quay</p>', render.turns([view], "en")
    )
    view.end("stopped")
    assert "draft" not in render.turns([view], "en")


def test_actions_come_with_the_end_and_likes_with_the_keeping():
    view = TurnView(0, "?")
    assert 'data-act="retry"' not in render.turns([view], "en")
    view.end("done")
    assert 'data-act="retry"' in render.turns([view], "en")
    assert 'data-act="like"' not in render.turns([view], "en")
    view.kept_at, view.liked = 0, False
    html = render.turns([view], "en")
    assert re.search(r'data-act="like"[^>]*aria-pressed="false"', html)
    assert re.search(r'data-act="dislike"[^>]*aria-pressed="true"', html)


@pytest.mark.parametrize("state", ["changed", "gone"])
def test_a_whole_text_says_that_it_is_an_old_one(state):
    html = render.text(document(), [(0, 28)], state, "en")
    assert 'class="notice"' in html
    assert f'<mark id="mark-0" tabindex="-1">{TEXT[:28]}</mark>' in html
    assert 'class="notice"' not in render.text(document(), [], "current", "en")


def test_a_list_that_is_long_says_how_many_are_left():
    many = [ListedConversation(str(n), f"Talk {n}", "", NOW, NOW, 1) for n in range(205)]
    html = render.listed(many, "en", "", "", True)
    assert html.count("<li") == 200
    assert "5 more: search by words." in html


@pytest.mark.parametrize(
    ("words", "keeps", "said"),
    [
        ("", True, "No conversations yet."),
        ("x", True, "No conversation has these words."),
        ("", False, "Conversations are not kept."),
    ],
)
def test_an_empty_list_says_why(words, keeps, said):
    assert said in render.listed([], "en", "", words, keeps)
