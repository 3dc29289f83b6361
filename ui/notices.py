"""What there is to tell readers of an error, and that in one line of their language."""

import logging

from pydantic import ValidationError

from rag.errors import GazetteError
from rag.model import Notice
from rag.wording import told

log = logging.getLogger(__name__)


def notice_of(error: Exception) -> Notice:
    """What there is to tell of ``error``.

    What nobody expected is logged, and what only whoever runs the server can mend.
    """
    match error:
        case GazetteError():
            if error.kind and error.notice.kind == error.kind:  # it is told in no more words
                log.error("%s", error)
            return error.notice
        case ValidationError():
            return Notice("what was sent cannot be used: load the page anew", "unusable")
    log.error("a request failed", exc_info=error)
    name = type(error).__name__
    return Notice(f"it failed ({name}): see the log", "crashed", {"error": name})


def failure(error: Exception, language: str) -> str:
    """Why something was not done, in one line."""
    return told(notice_of(error), language).text
