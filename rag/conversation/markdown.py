r"""A conversation as Markdown: texts of others stay text, whatever stands in them.

Marks are taken from them with backslashes, and what indents or ends a line with entities, so that
a renderer shows every letter and makes nothing of it: no heading, emphasis, link, image or HTML.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from rag.conversation.sources import Source, heading, notices, sources, understood
from rag.model import Answer, Conversation, StoredTurn, VersionState
from rag.text.harmless import harmless

_MARKS = re.compile(r"[\\`*_\[\]<>&~|$@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What makes something of a text wherever it stands: also bare addresses, as GitHub reads them."""
_AT_START = re.compile(r"^(?:([-+=#])|(\d{1,9})([.)]))")
"""What makes a heading, a list or a rule of a line that begins with it."""
_BLANK_ENDS = re.compile(r"^\s|\s$")
_LINE_END = re.compile(r"(?<=[^\n])\n(?=[^\n])")


def markdown(conversation: Conversation, states: Sequence[Mapping[str, VersionState]]) -> str:
    """The conversation; ``states`` tells of each turn's documents how they are now."""
    last = conversation.updated
    parts = [
        f"# {_line(conversation.title)}",
        f"Gazette, {conversation.created:%Y-%m-%d %H:%M} – {last:%Y-%m-%d %H:%M} UTC, "
        f"conversation {conversation.id}",
    ]
    for number, (turn, now) in enumerate(zip(conversation.turns, states, strict=True), 1):
        parts.extend(_turn(number, turn, now))
    return "\n\n".join(parts) + "\n"


def _turn(number: int, turn: StoredTurn, states: Mapping[str, VersionState]) -> Iterator[str]:
    answer = turn.answer
    yield f"## {number}. {_line(turn.question)}"
    asked = f"{turn.asked_at:%Y-%m-%d %H:%M} UTC"
    told = (notice.text for notice in notices(answer))
    beside = [asked, turn.filters.effect, understood(answer), *told]
    for text in filter(None, beside):
        yield f"*{_line(text)}*"
    if answer.intro:
        yield escaped(answer.intro)
    yield from _sentences(answer)
    shown = sources(answer, states)
    if shown:
        yield f"**{_line(heading(answer))}**"
    for source in shown:
        yield _source(source)


def _sentences(answer: Answer) -> Iterator[str]:
    for sentence in answer.sentences:
        marks = "".join(f" [{n}]" for n in sentence.citations)
        doubt = "" if sentence.verdict == "supported" else f" ({sentence.verdict})"
        yield f"{escaped(sentence.text)}{marks}{doubt}"


def _source(source: Source) -> str:
    """One source: its facts a line each, then the quote in a block of its own."""
    document = source.document
    place = f"{document.id}, {source.start}–{source.end}, sha256 {document.sha256}"
    facts = filter(None, (source.facts, source.origin, place, source.changed))
    told = "\\\n".join([f"**{_line(document.title)}**", *map(_line, facts)])
    quote = "\n".join(f"> {line}".rstrip() for line in escaped(source.quote).split("\n"))
    bullet = f"{source.n}. " if source.n else "- "
    return bullet + re.sub(r"\n(?=[^\n])", "\n" + " " * len(bullet), f"{told}\n\n{quote}")


def _line(text: str) -> str:
    return escaped(" ".join(text.split()))


def escaped(text: str) -> str:
    """``text`` as Markdown that shows its letters and nothing else; its lines stay lines."""
    lines = "\n".join(map(_escaped_line, harmless(text).split("\n")))
    return _LINE_END.sub("\\\\\n", lines)


def _escaped_line(line: str) -> str:
    line = _AT_START.sub(r"\2\\\1\3", _MARKS.sub(r"\\\g<0>", line))
    return _BLANK_ENDS.sub(lambda blank: f"&#{ord(blank[0])};", line)
