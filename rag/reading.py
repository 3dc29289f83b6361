"""Reading a question: what a follow-up leaves unsaid, and its words of time and source."""

from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass
from datetime import date

from rag.clues import clues_in, filters_with, without
from rag.errors import AnswererError
from rag.followup import may_lack_something, searched, standalone
from rag.model import Clue, Filters, Notice, Turn, Understood, Writing
from rag.text.language import identify

Rewriter = Callable[[str, str, Sequence[Turn]], Generator[Writing, None, str]]
"""(question, its language, the turns before it) to a question that stands by itself.

Events come while it waits. Raises AnswererError when it cannot."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a question was read."""

    language: str
    asked: str
    """What it was taken to ask: words that stand by themselves, without those of the filters."""
    searched: str
    """What passages are looked for with."""
    filters: Filters
    clues: tuple[Clue, ...] = ()
    """Words of time and source: they became filters, or weigh."""
    notice: Notice | None = None
    """What the user should know of how it was read."""
    is_follow_up: bool = False
    """Whether something of the turns before it was added."""

    @property
    def put(self) -> str:
        """The question as a model is asked it: with the words of time and source."""
        said = [clue.text for clue in self.clues if clue.is_filter]
        return f"{self.asked} ({', '.join(said)})" if said else self.asked

    def understood(self, question: str) -> Understood | None:
        """What to tell of it; None when ``question`` was read as it is written."""
        is_as_written = self.asked == question and not self.clues
        return None if is_as_written else Understood(self.asked, self.clues, self.is_follow_up)


def read(
    question: str,
    filters: Filters,
    history: Sequence[Turn],
    today: date,
    publishers: Sequence[str],
    rewriter: Rewriter | None = None,
    ignoring: Collection[str] = (),
) -> Generator[Writing, None, Reading]:
    """Read ``question``, asked after ``history`` (oldest first) on the day ``today``.

    What it may lack is added by the ``rewriter``; without one, or when that fails, it is carried
    over from the turns by rules. Clues whose words are among ``ignoring`` are words like any other.
    Events come while the rewriter waits; the reading is returned.
    """
    language = identify(question)
    clues = clues_in(question, language, today, publishers)
    found = tuple(clue for clue in clues if clue.text not in ignoring)
    bare, wanted = without(question, found), filters_with(found, filters)
    notice = None
    if rewriter and may_lack_something(bare, language, history):
        try:
            asked = yield from rewriter(bare, language, history)
            return Reading(language, asked, asked, wanted, found, is_follow_up=asked != bare)
        except AnswererError as error:
            notice = Notice(f"read by rules, not by the model: {error}", "read_by_rules")
    asked = standalone(bare, language, history)
    is_follow_up = asked != bare
    looked_for = searched(bare, language, history) if is_follow_up else bare
    return Reading(language, asked, looked_for, wanted, found, notice, is_follow_up)


def as_written(question: str, filters: Filters) -> Reading:
    """``question`` taken literally."""
    return Reading(identify(question), question, question, filters)
