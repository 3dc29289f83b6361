"""What the browser asks, checked before it is believed."""

import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from rag.gazette import clean_question
from rag.model import AskedWith, Filters, Reason

_Id = Annotated[str, StringConstraints(max_length=100)]
_Name = Annotated[str, StringConstraints(max_length=500)]
_Names = Annotated[tuple[_Name, ...], Field(max_length=1000)]
_Position = Annotated[int, Field(ge=0)]
_LONGEST = 10_000
"""Characters of a question that is drawn before it is checked: a longer one is checked first."""


def _bounded(question: str) -> str:
    return question if len(question) <= _LONGEST else clean_question(question)


class Asked(BaseModel):
    """A question with the filters that are set, and where in the conversation it stands.

    Raises QuestionError for a question that is far too long.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Annotated[str, AfterValidator(_bounded)]
    conversation: _Id = ""
    """The conversation that the page shows; "" for a new one."""
    nonce: _Id = ""
    """What the browser tells its own question by, among the pictures that come."""
    at: _Position | None = None
    """The turn that this one takes the place of, with all after it; None for one more."""
    ignoring: _Names = ()
    """Words of the question that are no filters, whatever they look like."""
    follows: bool = True
    """Whether it is read with the turns before it."""
    langs: _Names = ()
    publishers: _Names = ()
    since: datetime.date | None = None
    until: datetime.date | None = None
    docs: _Names = ()

    @property
    def asked_with(self) -> AskedWith:
        """What comes with the question's words."""
        filters = Filters(self.langs, self.publishers, self.since, self.until, self.docs)
        return AskedWith(filters, self.ignoring, self.follows)


class Sent(BaseModel):
    """What comes with any other event: each takes what it needs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: _Id = ""
    """Of a conversation."""
    position: _Position = 0
    """Of a turn in it."""
    words: Annotated[str, StringConstraints(max_length=500)] = ""
    title: Annotated[str, StringConstraints(max_length=1000)] = ""
    liked: bool | None = None
    """None takes back what was said."""
    reason: Reason = "other"
    comment: Annotated[str, StringConstraints(max_length=5000)] = ""
