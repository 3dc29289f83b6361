"""A conversation as one self-contained page: it loads nothing, runs nothing and leads nowhere.

Whatever the template prints is made harmless and escaped; an address in a document is text.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import jinja2

from rag.conversation.sources import Source, heading, notices, sources, understood
from rag.model import Answer, AnswerSentence, Conversation, VersionState
from rag.templating import environment
from rag.wording import Told

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class _Shown:
    """A turn as the template takes it."""

    answer: Answer
    asked_at: datetime
    limits: str
    understood: str
    notices: list[Told]
    heading: str
    sources: list[Source]


def page(conversation: Conversation, states: Sequence[Mapping[str, VersionState]]) -> str:
    """The conversation; ``states`` tells of each turn's documents how they are now."""
    turns = [
        _Shown(
            t.answer,
            t.asked_at,
            t.filters.effect,
            understood(t.answer),
            notices(t.answer),
            heading(t.answer),
            sources(t.answer, now),
        )
        for t, now in zip(conversation.turns, states, strict=True)
    ]
    template, style = _environment().get_template("conversation.html.j2"), _style()
    return template.render(
        conversation=conversation, turns=turns, style=style, policy=_policy(style)
    )


@cache
def _environment() -> jinja2.Environment:
    made = environment(_TEMPLATES, keep_trailing_newline=True)
    made.filters |= {"minute": _minute, "spoken": _spoken}
    return made


@cache
def _style() -> str:
    return (_TEMPLATES / "conversation.css").read_text(encoding="utf-8")


def _policy(style: str) -> str:
    """Nothing from outside, no script, and no style but ours."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"


def _spoken(sentence: AnswerSentence, answer: Answer) -> str:
    """A sentence that quotes its source word for word is in the source's language."""
    quoted = (
        c.lang for c in answer.citations if c.n in sentence.citations and c.quote == sentence.text
    )
    return next(quoted, answer.language)
