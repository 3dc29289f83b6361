"""Who asks, and in which language they read the interface."""

from dataclasses import dataclass

from starlette.requests import Request

from rag.model import LANGUAGES

LANGUAGE_COOKIE = "gazette_language"
"""Holds the language that was chosen for the interface; nothing but that."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the page."""

    name: str = ""
    """Whose conversations are shown; "" where nobody logs in."""
    may_edit: bool = True
    """Whether they may change the documents."""


LOCAL = Person()
"""Whoever sits at the machine, where nobody logs in."""


def person_of(request: Request) -> Person:
    """Who sends ``request``: the one that logged in, or ``LOCAL``."""
    person = getattr(request.state, "person", LOCAL)
    assert isinstance(person, Person)
    return person


def language_of(request: Request) -> str:
    """The interface's language: the one chosen, else the browser's first that it has, else "en"."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    accepted = request.headers.get("accept-language", "").split(",")
    for wanted in (chosen, *accepted):
        if (code := wanted.split(";")[0].strip().split("-")[0].lower()) in LANGUAGES:
            return code
    return "en"
