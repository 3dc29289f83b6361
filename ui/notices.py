"""What readers are told, in the words of the interface's language.

Notices, errors among them, say of what kind they are: those a reader meets are worded here, with
what can be done in a browser; the others are shown in English, as the terminal has them.
"""

import logging
from dataclasses import dataclass

from pydantic import ValidationError

from rag.errors import GazetteError, IndexStateError, StorageError
from rag.model import Notice
from ui.i18n import number, words

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as it is shown."""

    text: str
    lang: str
    """Of the text: English where the interface's language has no words for it."""


def told(notice: Notice, language: str) -> Told:
    """``notice`` in the words of ``language``, where its kind has words."""
    shown = {
        name: number(value, language) if isinstance(value, int) else value
        for name, value in notice.values.items()
    }
    try:
        return Told(words("notices", language)[notice.kind].format(**shown), language)
    except KeyError:  # it has no kind, or was stored when its kind had other values
        return Told(_sentence(" ".join(notice.text.split())), "en")


def _sentence(text: str) -> str:
    """``text`` with a capital letter, unless it begins with a name."""
    begins_with_word = text.partition(" ")[0].isalpha()
    return text[:1].upper() + text[1:] if begins_with_word else text


def notice_of(error: Exception) -> Notice:
    """What there is to tell of ``error``.

    What nobody expected is logged, and what only whoever runs the server can mend.
    """
    match error:
        case IndexStateError() | StorageError() if error.notice.kind == error.kind:
            log.error("%s", error)
            return error.notice
        case GazetteError():
            return error.notice
        case ValidationError():
            return Notice("what was sent cannot be used: load the page anew", "unusable")
    log.error("a request failed", exc_info=error)
    name = type(error).__name__
    return Notice(f"it failed ({name}): see the log", "crashed", {"error": name})


def failure(error: Exception, language: str) -> str:
    """Why something was not done, in one line."""
    return told(notice_of(error), language).text
