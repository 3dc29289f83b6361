"""Answers made up for what real ones seldom hold."""

from datetime import UTC, date, datetime

from rag.model import Answer, AnswerSentence, Citation, Document, Hit, Notice, Passage, Span

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script> <img src=http://x.example/a.png onerror=x>\n"
    "# [a link](http://x.example) ![](http://x.example/b.png) `code` *loud* _low_ ~~gone~~\n\n"
    "1. one\n- two\n    four blanks\n[1]: http://x.example/c\n| a | b |\n|---|---|\n"
    "www.x.example &amp; a@x.example <http://x.example> \x1b[31m \u202eenil $x$"
)


def answer(text: str = HOSTILE, question: str = "What is it?", title: str = HOSTILE) -> Answer:
    """An answer in a model's words that quotes the middle of ``text``."""
    document = Document(
        "press/a.md", title, text, "fr", date(2026, 1, 2), HOSTILE, HOSTILE, None, HOSTILE
    )
    whole = Passage(7, document.id, 0, len(text), text, (Span(0, len(text)),))
    start, end = 1, len(text) - 1
    cited = Citation(
        1, document.id, title, HOSTILE, document.date, "fr", text[start:end], start, end, 7
    )
    said = (AnswerSentence(text, (1,), "weak"), AnswerSentence(f"{text} \ud800", (1,)))
    hits = (Hit(whole, document, 1 / 3, 0.1, -0.2, 1e-17),)
    return Answer(
        question, "en", "ollama", text, said, (cited,), False, hits, (Notice(text),), 0.1 + 0.2,
        {"a": None, "b": 2.5e-9}, {"total": 1 / 7},
    )  # fmt: skip


def plain(question: str, text: str = "Nothing is known.") -> Answer:
    """A refusal without passages."""
    return Answer(question, "en", "extractive", text, (), (), True, ())
