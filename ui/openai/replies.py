"""Answers as chat completions, whole or in chunks; the text is the same in both."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from rag.model import (
    Answer,
    AnswerEvent,
    AnswerSentence,
    Citation,
    Cited,
    Document,
    Finished,
    Intro,
    Notice,
    Understood,
)
from ui.i18n import NEAREST, NEAREST_SHOWN, SOURCES
from ui.openai.markdown import heading, inert, paragraph
from ui.openai.requests import MODEL

_EXCERPT = 220


@dataclass(slots=True)
class Reply:
    """One answer on its way to a client."""

    id: str
    created: int
    """Seconds since 1970."""
    _begun: bool = False
    _notes: list[str] = field(default_factory=list)

    def added(self, event: AnswerEvent) -> str:
        """What ``event`` adds to the text: nothing that is not verified."""
        match event:
            case Understood():
                self._notes.append(_understood(event))
            case Notice(text):
                self._notes.append(text)
            case Intro(text):
                return self._paragraphs([paragraph(text)])
            case Cited(sentence):
                return self._paragraphs([_sentence(sentence)])
            case Finished(answer):
                notes = [f"> {paragraph(note)}" for note in self._notes]
                return self._paragraphs([*notes, *_sources(answer)])
        return ""

    def _paragraphs(self, texts: Iterable[str]) -> str:
        before = "\n\n" if self._begun else ""
        text = "\n\n".join(texts)
        self._begun = self._begun or bool(text)
        return before + text if text else ""

    def completion(self, text: str, answer: Answer) -> dict[str, Any]:
        """The whole, for a client that does not stream."""
        message = {"role": "assistant", "content": text, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return self._object("chat.completion", choice) | _extras(answer)

    def opening(self) -> dict[str, Any]:
        """The first chunk: whose words these are."""
        return self._chunk({"role": "assistant", "content": ""})

    def chunks(self, event: AnswerEvent) -> Iterator[dict[str, Any]]:
        """The chunks that ``event`` gives."""
        text = self.added(event)
        if text:
            new = event.citations if isinstance(event, Cited) else ()
            more = {"citations": [citation_object(one) for one in new]} if new else {}
            yield self._chunk({"content": text}) | more
        if isinstance(event, Finished):
            yield self._chunk({}, "stop") | _extras(event.answer)

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return self._object("chat.completion.chunk", choice)

    def _object(self, kind: str, choice: dict[str, Any]) -> dict[str, Any]:
        head = {"id": self.id, "object": kind, "created": self.created, "model": MODEL}
        return {**head, "choices": [choice]}


def citation_object(citation: Citation) -> dict[str, Any]:
    """A citation as docs/json.md describes it."""
    names = ("n", "doc", "title", "publisher", "date", "lang", "quote", "start", "end")
    return {name: _plain(getattr(citation, name)) for name in names}


def _extras(answer: Answer) -> dict[str, Any]:
    """What the protocol has no place for: the citations, and how the answer came about."""
    understood = answer.understood
    return {
        "citations": [citation_object(one) for one in answer.citations],
        "gazette": {
            "refused": answer.refused,
            "answerer": answer.answerer,
            "language": answer.language,
            "confidence": round(answer.confidence, 4),
            "understood": _plain(asdict(understood)) if understood else None,
            "notices": list(answer.told),
            "sentences": [_plain(asdict(sentence)) for sentence in answer.sentences],
        },
    }


def _plain(value: Any) -> Any:  # whatever a data type of ours holds
    """``value`` with dates as JSON can hold them."""
    match value:
        case date():
            return value.isoformat()
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
    return value


def _sentence(sentence: AnswerSentence) -> str:
    marks = "".join(f" [{n}]" for n in sentence.citations)
    doubt = "" if sentence.verdict == "supported" else f" ({sentence.verdict})"
    return paragraph(sentence.text) + marks + doubt


def _understood(how: Understood) -> str:
    """How the question was read, and which of its words limit the documents."""
    told = (f"{clue.effect} (“{clue.text}”)" for clue in how.clues)
    return "; ".join([f"understood as: {how.question}", *told])


def _sources(answer: Answer) -> list[str]:
    """The numbered sources; of a refusal, the nearest passages, which are none."""
    if answer.refused:
        near = [
            f"- {_head(hit.document, paragraph)} – “{inert(_excerpt(hit.passage.text))}”"
            for hit in answer.passages[:NEAREST_SHOWN]
        ]
        return [heading(NEAREST[answer.language]), "\n".join(near)] if near else []
    return [heading(SOURCES[answer.language]), *(_source(one, answer) for one in answer.citations)]


def _source(citation: Citation, answer: Answer) -> str:
    """``[1] Title (Publisher, date, lang)``, and the quote unless the answer is that quote."""
    quote = f" – “{inert(citation.quote)}”"
    is_said = any(citation.quote == sentence.text for sentence in answer.sentences)
    return f"[{citation.n}] {_head(citation)}{'' if is_said else quote}"


def _head(of: Document | Citation, shown: Callable[[str], str] = inert) -> str:
    day = of.date.isoformat() if of.date else ""
    beside = ", ".join(filter(None, (inert(of.publisher), day, of.lang)))
    return f"{shown(of.title)} ({beside})"


def _excerpt(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _EXCERPT else flat[: _EXCERPT - 1].rsplit(" ", 1)[0] + "…"
