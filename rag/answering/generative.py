"""The generative answerer: a local LLM writes, every sentence is checked before it is shown."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answering import extractive
from rag.answering.citations import Numbering
from rag.answering.evidence import numbers_in
from rag.answering.grounds import Grounds
from rag.answering.ollama import ChatModel
from rag.answering.prompts import NOT_IN_CORPUS, fitting, messages
from rag.embedding import Embedder
from rag.errors import AnswererError
from rag.model import AnswerEvent, AnswerSentence, Cited, Finished, Hit, Notice, Span
from rag.retrieval import holds, names_in
from rag.text.sentences import sentence_spans

_MARKS = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_LEADING = re.compile(r"^(?:\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\])+[.!?]?")
_MIN_SUPPORT = 0.80
"""Cosine of a statement and the sentence quoted for it; unrelated e5 vectors lie near .75."""
_PLAUSIBLE = 0.2
"""The model is asked only when the signals give the corpus at least this chance."""
_MAX_REPLY = 8000
"""Characters after which a reply is cut: an answer has four sentences, a runaway never stops."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as the model wrote it."""

    text: str
    """Without citation marks."""
    cited: tuple[int, ...]
    """Passage numbers it names."""


def answer(
    grounds: Grounds, model: ChatModel, embedder: Embedder, insists: bool
) -> Iterator[AnswerEvent]:
    """Answer in the model's words; what the passages do not bear out is left out and told.

    When nothing of the model's can be shown, the extractive answer is given instead, announced. A
    model that fails after a sentence was shown ends the answer there, with a notice; one that
    fails before raises AnswererError when the user ``insists`` on it.
    """
    began = time.perf_counter()
    if not is_worth_asking(grounds):
        yield from grounds.refuse("ollama")
        return
    writing = _Writing(grounds, model, embedder)
    try:
        yield from writing.sentences()
    except AnswererError as error:
        if insists and not writing.shown:
            raise
        yield from _notice(grounds, str(error))
    if writing.dropped:
        yield from _notice(
            grounds,
            f"{writing.dropped} sentence(s) of {model.name} left out: the passages do not bear "
            "them out",
        )
    grounds.timings["answer"] = time.perf_counter() - began
    if writing.shown:
        citations = writing.numbering.citations
        yield Finished(grounds.answer("ollama", "", tuple(writing.shown), citations))
    elif writing.refused:
        yield from grounds.refuse("ollama")
    else:
        yield from _notice(grounds, "answered with the documents' own sentences instead")
        yield from extractive.answer(grounds)


def is_worth_asking(grounds: Grounds) -> bool:
    """Whether the signals leave the model a chance; if not, the answer is a refusal."""
    return grounds.confidence >= _PLAUSIBLE and bool(grounds.retrieval.hits)


class _Writing:
    """A model's answer as it comes: what was shown, left out, refused."""

    def __init__(self, grounds: Grounds, model: ChatModel, embedder: Embedder) -> None:
        question = grounds.question
        self._language, self._embedder = question.language, embedder
        self._hits = fitting(question.text, grounds.retrieval.hits, model.context)
        self._pieces = model.stream(messages(question.text, self._language, self._hits))
        self.numbering = Numbering()
        self.shown: list[AnswerSentence] = []
        self.dropped = 0
        self.refused = False

    def sentences(self) -> Iterator[Cited]:
        """Each sentence that its passages bear out, as soon as it is whole."""
        for draft in drafts(self._pieces, self._language):
            if NOT_IN_CORPUS in draft.text:
                self.refused = True
            elif quotes := supported(draft, self._language, self._hits, self._embedder):
                numbers, new = self.numbering.cite(quotes)
                self.shown.append(AnswerSentence(draft.text, numbers))
                yield Cited(self.shown[-1], new)
            else:
                self.dropped += 1


def _notice(grounds: Grounds, text: str) -> Iterator[Notice]:
    grounds.notices.append(text)
    yield Notice(text)


def drafts(pieces: Iterator[str], language: str) -> Iterator[Draft]:
    """Whole sentences out of a stream, each as soon as the next has begun."""
    text, taken = "", 0
    for piece in pieces:
        text += piece
        if len(text) > _MAX_REPLY:
            break
        sentences = split(text, language)
        yield from sentences[taken:-1]
        taken = max(taken, len(sentences) - 1)
    yield from split(text, language)[taken:]


def split(text: str, language: str) -> list[Draft]:
    """The sentences of ``text``; marks that follow a full stop belong to the sentence before."""
    parts: list[str] = []
    for start, end in sentence_spans(text, language):
        part = text[start:end]
        leading = _LEADING.match(part)
        if leading and parts:
            parts[-1] += leading.group()
            part = part[leading.end() :].strip()
        if part and any(c.isalnum() for c in _MARKS.sub("", part)):
            parts.append(part)
        elif part and parts:
            parts[-1] += part
    return [_draft(part) for part in parts]


def _draft(part: str) -> Draft:
    marks = [int(n) for group in _MARKS.findall(part) for n in group.split(",")]
    return Draft(_MARKS.sub("", part).strip(), tuple(dict.fromkeys(marks)))


def supported(
    draft: Draft, language: str, hits: Sequence[Hit], embedder: Embedder
) -> list[tuple[Hit, Span]]:
    """The spans that bear a draft out, one for each passage it cites; [] when it must go.

    Every number and name of the draft must stand in the passages it cites, and the sentence quoted
    must be near it in meaning.
    """
    cited = [hits[n - 1] for n in draft.cited if 1 <= n <= len(hits)]
    if not cited or unsupported_atoms(draft.text, language, cited):
        return []
    vector = embedder.embed_passages([draft.text])[0]
    found = []
    for hit in cited:
        spans = hit.passage.sentences
        vectors = embedder.embed_passages([hit.document.text[s.start : s.end] for s in spans])
        support = vectors @ vector
        if float(support.max()) >= _MIN_SUPPORT:
            found.append((hit, spans[int(support.argmax())]))
    return found


def unsupported_atoms(statement: str, language: str, cited: Sequence[Hit]) -> list[str]:
    """Numbers and names of ``statement`` that its cited passages, titles and dates do not hold.

    Names are translated across languages (États-Unis, the United States), so there a statement
    keeps its names when at least half of them are held; numbers are always held or missing.
    """
    held = "\n".join(_citable(hit) for hit in cited)
    numbers = numbers_in(held) | {str(int(part)) for part in re.findall(r"\d+", held)}
    missing = sorted(numbers_in(statement) - numbers)
    named = names_in(statement)
    absent = [token.text for token in named if not holds(token, held)]
    translated = all(hit.document.lang != language for hit in cited)
    return missing if translated and 2 * len(absent) <= len(named) else missing + absent


def _citable(hit: Hit) -> str:
    document = hit.document
    return f"{document.title}\n{document.date or ''}\n{document.publisher}\n{hit.passage.text}"
