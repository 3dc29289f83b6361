"""Data to HTML, through templates that escape everything: texts of documents, models and users."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment

from rag.model import Document, ListedConversation, Overview, VersionState
from rag.templating import environment
from rag.wording import told
from ui import i18n
from ui.highlights import Highlight, highlighted
from ui.icons import icon
from ui.turn import TurnView
from ui.who import Person

REASONS = {
    "wrong": "reason_wrong",
    "incomplete": "reason_incomplete",
    "not in the documents": "reason_absent",
    "citation": "reason_citation",
    "language": "reason_language",
    "other": "reason_other",
}
"""Why an answer is disliked, as feedback is stored, and the words for it."""
_LISTED = 200
"""Conversations that are shown at once; the others are found by their words."""


@cache
def _templates() -> Environment:
    made = environment(Path(__file__).parent / "templates")
    made.filters |= {
        "day": i18n.day,
        "short_day": i18n.short_day,
        "moment": i18n.moment,
        "number": i18n.number,
        "told": told,
    }
    made.globals |= {"icon": icon, "names": i18n.LANGUAGE_NAMES}
    return made


def render(name: str, language: str, **values: Any) -> str:  # a template takes anything
    """The template ``name`` filled in, in the interface's ``language``."""
    words = i18n.words("page", language)
    template = _templates().get_template(f"{name}.html")
    return template.render(w=words, language=language, **values)


def turns(views: Sequence[TurnView], language: str) -> str:
    """Turns, one after the other."""
    return "".join(render("turn", language, v=view) for view in views)


def sources(views: Sequence[TurnView], language: str) -> str:
    """The sources of turns; the page shows those of the turn in view."""
    return "".join(render("sources", language, v=view) for view in views)


def listed(
    found: Sequence[ListedConversation], language: str, current: str, words: str, keeps: bool
) -> str:
    """The list of conversations, ``current`` marked; ``words`` are those that were looked for."""
    return render(
        "listed",
        language,
        listed=found[:_LISTED],
        more=max(0, len(found) - _LISTED),
        current=current,
        words=words,
        keeps=keeps,
    )


def foot(overview: Overview, person: Person, language: str) -> str:
    """Language, theme, status, and who is logged in."""
    return render("foot", language, overview=overview, person=person)


def welcome(overview: Overview, examples: Sequence[str], language: str) -> str:
    """The first screen: what this is, what the corpus holds, what may be asked."""
    return render("welcome", language, overview=overview, examples=examples)


def composer(overview: Overview, keeps: bool, language: str) -> str:
    """The question's form with its filters."""
    return render("composer", language, overview=overview, keeps=keeps)


def dialogs(language: str) -> str:
    """The dialogs, closed, and the words that the page's script says."""
    words = i18n.words("page", language)
    return render("dialogs", language, reasons=[(k, words[name]) for k, name in REASONS.items()])


def text(
    document: Document, spans: Sequence[tuple[int, int]], state: VersionState, language: str
) -> str:
    """The whole text of a document with ``spans`` of it marked, in code points."""
    marks = [Highlight(f"mark-{n}", *span) for n, span in enumerate(spans)]
    shown = highlighted(document.text, marks)
    return render("text", language, d=document, text=shown, state=state)
