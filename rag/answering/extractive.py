"""The extractive answerer: one to four sentences of the documents, verbatim, each cited."""

import time
from collections.abc import Iterator, Sequence

from rag.answering import phrases
from rag.answering.citations import Numbering
from rag.answering.evidence import Evidence
from rag.answering.grounds import Grounds
from rag.model import AnswerEvent, AnswerSentence, Cited, Finished, Intro
from rag.retrieval import holds, names_in

MAX_SENTENCES = 4
_MARGIN = 1.5
"""How far below the best a sentence's score may lie; chosen on the development questions."""
_SAME = 0.62
"""Cosine, without what languages add, from which two sentences with the same numbers and a name or
number in common say the same; among the corpus's nearest pairs from different documents, below it
pairs that only share a subject prevail."""


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
    yield Finished(grounds.answer("extractive", intro, tuple(sentences), numbering.citations))


def chosen(evidence: Sequence[Evidence]) -> list[list[Evidence]]:
    """The sentences to answer with, each with its near duplicates from elsewhere."""
    groups: list[list[Evidence]] = []
    for one in evidence:
        if one.score < evidence[0].score - _MARGIN:
            break
        twin = next((g for g in groups if any(_says_the_same(other, one) for other in g)), None)
        if twin is not None:
            if one.hit.passage.doc not in {other.hit.passage.doc for other in twin}:
                twin.append(one)
        elif len(groups) < MAX_SENTENCES:
            groups.append([one])
    return groups


def _says_the_same(one: Evidence, other: Evidence) -> bool:
    if one.numbers != other.numbers or float(one.vector @ other.vector) < _SAME:
        return False
    return bool(one.numbers) or any(holds(name, other.text) for name in names_in(one.text))
