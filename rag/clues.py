"""Clues: a question's words of time and source, as filters and weights to be seen and removed.

"What did Trend write about Alemcloud last week?" names a publisher and a week. What is said
relative to today speaks of when an article was published, and filters. A date ("in December") or a
whole year ("last year") is as often that of an event: it only weighs, and hides nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from rag.clue_persons import read_persons
from rag.clue_sources import SOURCES, named
from rag.clue_times import read_times
from rag.clue_words import Line
from rag.model import LANGUAGES, Clue, Filters, Span
from rag.text.folding import Token, tokens
from rag.text.stopwords import is_stop_word


def clues_in(question: str, lang: str, today: date, publishers: Sequence[str]) -> tuple[Clue, ...]:
    """The clues of ``question``, in order, none overlapping.

    ``lang`` is its language (where it is none of the five, all are tried); ``publishers`` are the
    names that the corpus knows. Weeks begin on Monday; "last week" is a week of the calendar, "the
    last seven days" end today. A month without a year is the latest that has begun; dates that
    have not begun, and quarters, are no clues. In a question about what is to come, nothing that
    has not ended filters. A publisher or a person counts in a phrase that makes it a source only.
    """
    words = tokens(question)
    found: list[Clue] = []
    for one in (lang,) if lang in LANGUAGES else LANGUAGES:
        found += (
            Clue("time", time.span, question[slice(*time.span)], *time.days, "", time.is_filter)
            for time in read_times(question, words, one, today)
        )
        found += _sources(question, words, one, publishers)
        found += (
            Clue("source", span, question[slice(*span)], None, None, "", False, person)
            for span, person in read_persons(question, words, one)
        )
    kept: list[Clue] = []
    for clue in sorted(found, key=lambda clue: (clue.span.start - clue.span.end, clue.span)):
        if all(clue.span.end <= k.span.start or k.span.end <= clue.span.start for k in kept):
            kept.append(clue)
    return tuple(sorted(kept, key=lambda clue: clue.span))


def filters_with(clues: Iterable[Clue], given: Filters) -> Filters:
    """``given``, and what the filter clues add to it.

    Dates that were given stay as they are, and so do publishers. Several times make one that spans
    them all; of several publishers any may be meant.
    """
    kept = [clue for clue in clues if clue.is_filter]
    times = [clue for clue in kept if clue.kind == "time"]
    publishers = dict.fromkeys(clue.publisher for clue in kept if clue.kind == "source")
    if times and not (given.since or given.until):
        first = [clue.since for clue in times if clue.since]
        last = [clue.until for clue in times if clue.until]
        given = replace(
            given,
            since=min(first) if len(first) == len(times) else None,
            until=max(last) if len(last) == len(times) else None,
        )
    return replace(given, publishers=given.publishers or tuple(publishers))


def without(question: str, clues: Iterable[Clue]) -> str:
    """``question`` without the words of its filter clues, for retrieval.

    All of it where nothing but function words would be left; clues of other questions are ignored.
    """
    own = {c.span for c in clues if c.is_filter and question[slice(*c.span)] == c.text}
    left = question
    for span in sorted(own, reverse=True):
        left = _cut(left, span)
    return left if any(not is_stop_word(word) for word in tokens(left)) else question


def _cut(text: str, span: Span) -> str:
    """``text`` without a span, and without the commas or brackets that only set it off."""
    before, after = text[: span.start].rstrip(), text[span.end :]
    if before.endswith("(") and after.lstrip().startswith(")"):
        before, after = before[:-1].rstrip(), after.lstrip()[1:]
    if not before or before[-1] in "(«“„":
        return before + after.lstrip(" \u00a0,;:–—-")
    mark = after.lstrip()[:1]
    if before[-1] == "," and mark in ("", ",", ".", "?", "!"):
        before, after = before[:-1].rstrip(), after.lstrip()[1:] if mark == "," else after
    return f"{before} {after}" if after[:1].isalnum() else before + after


def _sources(
    question: str, words: Sequence[Token], lang: str, publishers: Sequence[str]
) -> Iterator[Clue]:
    """Everything that may be a source."""
    line = Line(question, named(question, words, lang, publishers))
    for pattern in SOURCES[lang]:
        for match in pattern.finditer(line.text):
            items = line.items(match, "clue" if "clue" in pattern.groupindex else 0)
            span = line.span(items)
            publisher = next(item.publisher for item in items if item.publisher)
            yield Clue("source", span, question[slice(*span)], None, None, publisher, True)
