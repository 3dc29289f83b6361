"""Feedback of readers, and how a dislike becomes a question: ``gazette eval adopt``.

``gazette conversation feedback`` prints one ``Feedback`` a line. A reader knows that an answer was
wrong, seldom what the right one is; so what is adopted is a draft for someone to complete, unless
the reader said that the documents do not answer, or marked the right quote.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from eval.questions import Language, QuestionFileError, Turn, lines_of
from rag.model import Reason

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, config=_STRICT)
class Marked:
    """A quote of a document, in code points of its stored text."""

    doc: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True, config=_STRICT)
class Feedback:
    """What a reader said of one answer."""

    question: str
    lang: Language
    liked: bool
    answer: str
    """As it was shown."""
    at: str
    """When, as ISO 8601."""
    refused: bool = False
    reason: Reason = "other"
    comment: str = ""
    history: tuple[Turn, ...] = ()
    citations: tuple[Marked, ...] = ()
    """What the answer cited."""
    expected: tuple[Marked, ...] = ()
    """What the reader marked as the right quote."""

    @property
    def id(self) -> str:
        """A name for the question it makes: the same for the same feedback."""
        told = "\0".join([*(t.question for t in self.history), self.question, self.at])
        return f"adopted-{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def read(path: Path) -> list[Feedback]:
    """Read feedback; QuestionFileError names the line that is none."""
    kind, found = TypeAdapter(Feedback), []
    for number, raw in lines_of(path):
        try:
            found.append(kind.validate_python(raw))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise QuestionFileError(
                f"{path.name}:{number}: {field}: {first['msg']}: docs/evaluation.md describes "
                "feedback"
            ) from error
    return found


def adopt(feedback: Path, into: Path) -> tuple[int, int]:
    """Add the disliked questions of ``feedback`` that ``into`` lacks; (added, drafts of them)."""
    have = {raw.get("id") for _, raw in lines_of(into, drafts=True)} if into.exists() else set()
    disliked = {one.id: one for one in read(feedback) if not one.liked}
    lines = [line_of(one) for name, one in disliked.items() if name not in have]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    try:
        held = into.read_text(encoding="utf-8") if into.exists() else ""
        gap = "\n" if held and not held.endswith("\n") else ""
        with into.open("a", encoding="utf-8") as file:
            file.write(gap + text)
    except OSError as error:
        raise QuestionFileError(f"{into} cannot be written ({error}): name another") from error
    return len(lines), sum(line.get("draft", False) for line in lines)


def line_of(feedback: Feedback) -> dict[str, Any]:
    """The question line that a piece of feedback makes."""
    said = f"{feedback.reason}: {feedback.comment}" if feedback.comment else feedback.reason
    line: dict[str, Any] = {
        "id": feedback.id,
        "question": feedback.question,
        "lang": feedback.lang,
        "history": [{"question": t.question, "answer": t.answer} for t in feedback.history],
        "behaviour": "answer",
        "nuggets": [],
        "note": f"disliked on {feedback.at}, {said}. It was answered: {feedback.answer}",
    }
    if feedback.history:
        line["categories"] = ["follow-up turn"]
    if feedback.reason == "not in the documents":
        return line | {"behaviour": "refuse", "nuggets": []}
    # Without a wording nobody can tell whether an answer states it: the evidence is a beginning.
    marked = feedback.expected or feedback.citations
    evidence = [{"doc": m.doc, "quote": m.quote, "start": m.start, "end": m.end} for m in marked]
    nugget = {"id": "n1", "vital": True, "type": "text", "aliases": {}, "evidence": evidence}
    return line | {"nuggets": [nugget], "draft": True}
