"""The extractive answerer: one to four sentences of the documents, verbatim, each cited."""

import time
from collections.abc import Iterator, Sequence

from rag.answering import phrases
from rag.answering.citations import Numbering
from rag.answering.evidence import Evidence
from rag.answering.grounds import Grounds
from rag.model import AnswerEvent, AnswerSentence, Cited, Finished, Intro

MAX_SENTENCES = 4
_MARGIN = 1.0
"""How far below the best a sentence's score may lie; measured on the trial questions."""
_SAME = 0.93
"""Cosine above which two sentences with the same numbers say the same."""


def answer(grounds: Grounds) -> Iterator[AnswerEvent]:
    """Answer with the documents' own sentences, or refuse."""
    began = time.perf_counter()
    if not grounds.is_answerable:
        yield from grounds.refuse("extractive")
        return
    intro = phrases.INTRO[grounds.question.language]
    yield Intro(intro)
    numbering, sentences = Numbering(), []
    for group in chosen(grounds.evidence):
        numbers, new = numbering.cite((one.hit, one.span) for one in group)
        sentences.append(AnswerSentence(group[0].text, numbers))
        yield Cited(sentences[-1], new)
    grounds.timings["answer"] = time.perf_counter() - began
    yield Finished(
        grounds.answer("extractive", intro, tuple(sentences), numbering.citations)
    )


def chosen(evidence: Sequence[Evidence]) -> list[list[Evidence]]:
    """The sentences to answer with, each with its near duplicates from elsewhere."""
    groups: list[list[Evidence]] = []
    for one in evidence:
        if one.score < evidence[0].score - _MARGIN:
            break
        twin = next((group for group in groups if _says_the_same(group[0], one)), None)
        if twin is not None:
            if one.hit.passage.doc not in {other.hit.passage.doc for other in twin}:
                twin.append(one)
        elif len(groups) < MAX_SENTENCES:
            groups.append([one])
    return groups


def _says_the_same(one: Evidence, other: Evidence) -> bool:
    return one.numbers == other.numbers and float(one.vector @ other.vector) >= _SAME
