"""Why something was not done, in the words of the interface's language.

Errors say what kind they are: those a reader meets are worded here, with what can be done about
them in a browser; the others are shown in English, as the terminal has them.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from rag.errors import GazetteError
from rag.model import Skipped
from ui.i18n import number, words
from ui.notices import Told, in_english

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, to be told in whatever language it is looked at."""

    kind: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    english: str = ""
    """What is shown where its kind has no words."""

    def told(self, language: str) -> Told:
        """The line that tells it, fit for a reader of ``language``."""
        pattern = words("failures", language).get(self.kind)
        if pattern is None:
            return in_english(" ".join(self.english.split()))
        shown = {
            name: number(value, language) if isinstance(value, int) else value
            for name, value in self.values.items()
        }
        return Told(pattern.format(**shown), False)


def failure_of(error: Exception | Skipped) -> Failure:
    """What there is to tell of ``error``; one that nobody expected is logged."""
    match error:
        case GazetteError():
            return Failure(error.kind, error.values, str(error))
        case Skipped():
            return Failure(error.kind, error.values, error.reason)
        case ValidationError():
            return Failure("unusable")
    log.error("a request failed", exc_info=error)
    return Failure("crashed", {"error": type(error).__name__})
