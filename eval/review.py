"""Review: questions beside their evidence and their answer, and what is wrong with them.

A machine can tell that a span moved or that an alias stands nowhere; whether a question is a good
one, only a person who reads it beside its evidence can.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from rich.text import Text

from eval.metrics import states
from eval.questions import Nugget, Question
from rag.model import Document
from rag.text.atoms import numbers

Embed = Callable[[str], NDArray[np.float32]]

_DOUBTFUL = 0.8
"""Cosine under which an alias may be no translation of the others."""


def problems(questions: Sequence[Question], documents: Mapping[str, Document]) -> list[str]:
    """What is wrong with the questions, in words that begin with the question's id."""
    found = [f"{q.id}: {what}" for q in questions for what in _problems(q, documents)]
    return found + list(_duplicates(questions))


def _problems(question: Question, documents: Mapping[str, Document]) -> Iterator[str]:
    for nugget in question.nuggets:
        yield from _unstated(nugget, documents)
        yield from _unlike(nugget)
    vital = {documents[e.doc].lang for nugget in question.vital for e in nugget.evidence}
    if question.is_answerable and vital != set(question.doc_langs):
        yield f"doc_langs should be {', '.join(sorted(vital))}"
    across = "other language than the document's" in question.categories
    if question.categories and across != question.is_cross_language:
        yield 'the category "other language than the document\'s" does not fit its doc_langs'
    if ("follow-up turn" in question.categories) != bool(question.history):
        yield 'a "follow-up turn" has a history, and nothing else has'


def _unstated(nugget: Nugget, documents: Mapping[str, Document]) -> Iterator[str]:
    """Evidence languages in which no alias is stated by any evidence."""
    quotes = defaultdict(list)
    for evidence in nugget.evidence:
        quotes[documents[evidence.doc].lang].append(evidence.quote)
    for lang, texts in quotes.items():
        own = replace(nugget, aliases={lang: nugget.aliases.get(lang, ())})
        if not any(states(text, lang, own) for text in texts):
            yield f"{nugget.id}: no alias in {lang} stands in its evidence in {lang}"


def _unlike(nugget: Nugget) -> Iterator[str]:
    """Aliases of different languages that cannot be translations of each other."""
    if nugget.type == "number":
        stated = [
            {frozenset(n.value for n in numbers(alias, lang)) for alias in aliases}
            for lang, aliases in nugget.aliases.items()
        ]
        if stated and not set.intersection(*stated):
            yield f"{nugget.id}: no number is stated by its aliases in all languages"


def _duplicates(questions: Sequence[Question]) -> Iterator[str]:
    first: dict[str, str] = {}
    for question in questions:
        turns = [turn.question for turn in question.history]
        words = " ".join(" ".join([*turns, question.question]).casefold().split())
        if words in first:
            yield f"{question.id}: asks the same as {first[words]}"
        first.setdefault(words, question.id)


def doubtful(nugget: Nugget, embed: Embed) -> list[str]:
    """Aliases whose meaning is far from that of the nugget's other languages.

    A hint for the eye: short wordings are embedded poorly.
    """
    by_lang = {
        lang: [(alias, embed(alias)) for alias in aliases]
        for lang, aliases in nugget.aliases.items()
    }
    found = []
    for lang, own in by_lang.items():
        others = [v for other, rows in by_lang.items() if other != lang for _, v in rows]
        for alias, vector in own:
            if others and max(float(vector @ other) for other in others) < _DOUBTFUL:
                found.append(alias)
    return found


def show(questions: Sequence[Question], documents: Mapping[str, Document], embed: Embed) -> None:
    """Print each question beside its evidence in its document and what should be answered."""
    console = Console(highlight=False, emoji=False)
    for question in questions:
        console.rule(Text(f"{question.id} · {question.split}", "bold"), align="left")
        table = Table(box=None, expand=True, padding=(0, 2, 1, 0), header_style="dim")
        for header, ratio in (("question", 3), ("evidence", 5), ("answer", 3)):
            table.add_column(header, ratio=ratio, overflow="fold")
        asked = _asked(question)
        for nugget in question.nuggets or (None,):
            evidence = Text() if nugget is None else _evidence(nugget, documents)
            answer = _refusal() if nugget is None else _answer(nugget, embed)
            table.add_row(asked, evidence, answer)
            asked = Text()
        console.print(table)


def _asked(question: Question) -> Text:
    text = Text()
    for turn in question.history:
        text.append(f"{turn.question}\n{turn.answer}\n", "dim")
    text.append(question.question, "bold")
    text.append(f"\n{question.lang}: {', '.join(question.categories)}", "dim")
    if question.note:
        text.append(f"\n{question.note}", "italic dim")
    return text


def _evidence(nugget: Nugget, documents: Mapping[str, Document]) -> Text:
    text = Text()
    for evidence in nugget.evidence:
        document = documents[evidence.doc]
        before = document.text[max(0, evidence.start - 80) : evidence.start]
        after = document.text[evidence.end : evidence.end + 80]
        text.append("…" + " ".join(before.split()) + " ", "dim")
        text.append(" ".join(evidence.quote.split()))
        text.append(" " + " ".join(after.split()) + f"…\n{evidence.doc}\n", "dim")
    return text


def _answer(nugget: Nugget, embed: Embed) -> Text:
    text = Text(f"{nugget.id} {'vital' if nugget.vital else 'welcome'}, {nugget.type}\n", "dim")
    far = doubtful(nugget, embed) if nugget.type in ("text", "person") else []
    for lang, aliases in nugget.aliases.items():
        text.append(f"{lang} ", "dim")
        for place, alias in enumerate(aliases):
            text.append(", " if place else "")
            text.append(alias, "yellow" if alias in far else "")
            text.append(" ?" if alias in far else "", "yellow")
        text.append("\n")
    return text


def _refusal() -> Text:
    return Text("the corpus does not say", "italic")
