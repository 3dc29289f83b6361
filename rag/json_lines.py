"""Output for scripts: one JSON object a line, of the stable shape that docs/json.md describes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from rag.errors import GazetteError
from rag.model import (
    Answer,
    Check,
    Citation,
    Conversation,
    Document,
    Hit,
    ListedConversation,
    RatedAnswer,
    Retrieval,
    StoredTurn,
    SyncReport,
    User,
    VersionState,
)


def answer_json(answer: Answer, conversation: str | None = None) -> str:
    """The answer as docs/json.md describes it, with the id of the conversation that keeps it."""
    return _line({**_answer(answer), "conversation": conversation})


def conversation_json(
    conversation: Conversation, states: Sequence[Mapping[str, VersionState]]
) -> str:
    """The whole conversation with the documents it rests on; ``states`` are those of each turn."""
    turns = list(zip(conversation.turns, states, strict=True))
    named = {h.document: now.get(h.document.id) for t, now in turns for h in t.answer.passages}
    return _line(
        {
            "id": conversation.id,
            "title": conversation.title,
            "user": conversation.user,
            "created": conversation.created,
            "updated": conversation.updated,
            "turns": [_turn(turn) for turn, _ in turns],
            "documents": [{**_document(d), "state": state} for d, state in named.items()],
        }
    )


def listed_json(listed: ListedConversation) -> str:
    """What a list of conversations tells of one."""
    return _line(asdict(listed))


def feedback_json(rated: RatedAnswer) -> str:
    """What a reader said of an answer, as ``gazette eval adopt`` reads it.

    Half a character, which a model may have written and adopt refuses, becomes a question mark.
    """
    answer, said = rated.answer, rated.feedback
    names = ("doc", "start", "end", "quote")
    line = _line(
        {
            "question": answer.question,
            "lang": answer.language,
            "liked": said.liked,
            "answer": answer.text,
            "at": said.at,
            "refused": answer.refused,
            "reason": said.reason,
            "comment": said.comment,
            "history": [asdict(turn) for turn in rated.history],
            "citations": [{n: getattr(c, n) for n in names} for c in answer.citations],
            "expected": [],
        }
    )
    return line.encode(errors="replace").decode()


def error_json(question: str, error: GazetteError) -> str:
    """What stands for an answer when a question of several could not be answered."""
    return _line({"question": question, "error": str(error), "exit_code": error.exit_code})


def retrieval_json(found: Retrieval) -> str:
    """The passages found, best first."""
    return _line(
        {
            "question": found.question,
            "language": found.language,
            "passages": [_hit(hit) for hit in found.hits],
            "notices": [found.notice.text] if found.notice else [],
            "seconds": round(found.seconds, 4),
        }
    )


def document_json(document: Document) -> str:
    """What is known of a document, without its text."""
    return _line(_document(document))


def report_json(report: SyncReport) -> str:
    """What a sync did."""
    skipped = [
        {"path": s.path, "reason": s.reason, "kind": s.notice.kind, "values": s.notice.values}
        for s in report.skipped
    ]
    return _line({**asdict(report), "skipped": skipped})


def pulled_json(host: str, model: str) -> str:
    """A model that a server has downloaded."""
    return _line({"host": host, "model": model})


def checks_json(checks: Sequence[Check]) -> str:
    """What the doctor found."""
    return _line({"ok": all(check.ok for check in checks), "checks": [asdict(c) for c in checks]})


def user_json(user: User) -> str:
    """Somebody who may log in."""
    return _line(asdict(user))


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "question": answer.question,
        "understood": asdict(answer.understood) if answer.understood else None,
        "answer": answer.text,
        "refused": answer.refused,
        "answerer": answer.answerer,
        "language": answer.language,
        "confidence": round(answer.confidence, 4),
        "intro": answer.intro,
        "sentences": [asdict(sentence) for sentence in answer.sentences],
        "citations": [_citation(citation) for citation in answer.citations],
        "passages": [_hit(hit) for hit in answer.passages],
        "notices": answer.told,
        "timings": {stage: round(s, 4) for stage, s in answer.timings.items()},
    }


def _turn(turn: StoredTurn) -> dict[str, Any]:
    """A turn, its citations and passages with the sha256 of the text they are of."""
    said = asdict(turn.feedback) if turn.feedback else None
    asked_with = asdict(turn.asked_with) if turn.asked_with else None
    told = {"asked_at": turn.asked_at, **_answer(turn.answer)}
    told |= {"feedback": said, "asked_with": asked_with}
    texts = {hit.passage.id: hit.document.sha256 for hit in turn.answer.passages}
    for citation, shown in zip(turn.answer.citations, told["citations"], strict=True):
        shown["sha256"] = texts[citation.passage]
    for hit, shown in zip(turn.answer.passages, told["passages"], strict=True):
        shown["sha256"] = texts[hit.passage.id]
    return told


def _document(document: Document) -> dict[str, Any]:
    known = {**asdict(document), "characters": len(document.text), "sha256": document.sha256}
    del known["text"]
    return known


def _citation(citation: Citation) -> dict[str, Any]:
    names = ("n", "doc", "title", "publisher", "date", "lang", "quote", "start", "end")
    return {name: getattr(citation, name) for name in names}


def _hit(hit: Hit) -> dict[str, Any]:
    document, passage = hit.document, hit.passage
    return {
        "doc": document.id,
        "title": document.title,
        "publisher": document.publisher,
        "date": document.date,
        "lang": document.lang,
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "score": round(hit.score, 4),
        "cosine": round(hit.dense, 4),
        "words": round(hit.lexical, 4),
    }


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
