"""The generative answerer: a local LLM writes, every sentence is judged before it is shown."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from rag.answering import extractive
from rag.answering.chat import ChatModel
from rag.answering.citations import Numbering
from rag.answering.grounds import Grounds
from rag.answering.markers import DraftParser
from rag.answering.prompts import NOT_IN_CORPUS, Prompt
from rag.answering.unfinished import Draft
from rag.answering.verification import Judgement, Source, judge
from rag.embedding import Vector
from rag.errors import AnswererError
from rag.model import AnswerEvent, AnswerSentence, Cited, Dropped, Finished, Hit, Notice, Span, Turn
from rag.model import Writing as Written
from rag.notice import Kind
from rag.retrieval import Retriever
from rag.text.language import identify

_PLAUSIBLE = 0.2
"""The model is asked only when the signals give the corpus at least this chance."""
_CHARACTERS_PER_TOKEN = 8
"""More than any of the five languages has: a prompt of fewer tokens was cut."""
_CONTEXT = {"ollama": "GAZETTE_OLLAMA_NUM_CTX", "llm": "the context in GAZETTE_LLM_OPTIONS"}
"""What sets the context, by answerer."""
_OWN_SENTENCES = Notice("answered with the documents' own sentences instead", "own_sentences")
_MAX_SENTENCES = 12
_MAX_REPLY = 8000
"""Sentences, and characters, after which a reply is cut: an answer has four sentences, a runaway
never stops."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model is asked."""

    question: str
    """In words that stand by themselves."""
    history: Sequence[Turn] = ()
    """The turns before it, oldest first."""


def answer(
    grounds: Grounds,
    model: ChatModel,
    retriever: Retriever,
    asked: Asked,
    insists: bool,
    marks: bool = False,
) -> Iterator[AnswerEvent]:
    """Answer in the model's words; what the passages do not bear out is left out and told.

    With ``marks`` it is shown, marked as unsupported. When nothing of the model's can be shown, the
    extractive answer is given instead, announced. A model that fails after a sentence was shown
    ends the answer there, with a notice; one that fails before raises AnswererError when the user
    ``insists`` on it.
    """
    began = time.perf_counter()
    if not is_worth_asking(grounds):
        yield from grounds.refuse(model.answerer)
        return
    writing = _Writing(grounds, model, retriever, asked, marks)
    left = len(grounds.retrieval.hits) - len(writing.hits)
    if left:
        of = left + len(writing.hits)
        said = (
            f"{left} of {of} passages did not fit into {model.context} tokens and were not read by "
            f"the model: raise {_CONTEXT[model.answerer]}"
        )
        yield _told(grounds, Notice(said, "passages_unread", {"n": left, "of": of}))
    try:
        yield from writing.events()
    except AnswererError as error:
        yield from writing.news()
        if insists and not writing.shown:
            raise
        yield _told(grounds, error.notice)
    for notice in writing.oddities():
        yield _told(grounds, notice)
    if writing.dropped:
        said = (
            f"{writing.dropped} sentence(s) of {model.name} {'marked' if marks else 'left out'}: "
            "the passages do not bear them out"
        )
        kind: Kind = "marked" if marks else "left_out"
        yield _told(grounds, Notice(said, kind, {"n": writing.dropped}))
    grounds.timings["answer"] = time.perf_counter() - began
    if writing.shown:
        citations = writing.numbering.citations
        yield Finished(grounds.answer(model.answerer, "", tuple(writing.shown), citations))
    elif writing.refused:
        yield from grounds.refuse(model.answerer)
    else:
        yield _told(grounds, _OWN_SENTENCES)
        yield from extractive.answer(grounds)


def is_worth_asking(grounds: Grounds) -> bool:
    """Whether the signals leave the model a chance; if not, the answer is a refusal."""
    return grounds.confidence >= _PLAUSIBLE and bool(grounds.retrieval.hits)


def _told(grounds: Grounds, notice: Notice) -> Notice:
    """``notice``, noted for the finished answer too."""
    grounds.notices.append(notice)
    return notice


class _Writing:
    """A model's answer as it comes: what was shown, left out, refused."""

    def __init__(
        self,
        grounds: Grounds,
        model: ChatModel,
        retriever: Retriever,
        asked: Asked,
        marks: bool,
    ) -> None:
        language, hits = grounds.question.language, grounds.retrieval.hits
        prompt = Prompt.of(
            asked.question,
            language,
            hits,
            model.context,
            asked.history,
            model.characters_per_token,
        )
        self.hits = prompt.hits
        self._language, self._retriever, self._marks = language, retriever, marks
        self._question = asked.question
        self._sources = sources_of(prompt.hits, retriever)
        self._pieces = model.stream(prompt.messages)
        self._model, self._grounds, self._told = model, grounds, 0
        self._sent = sum(len(text) for _, text in prompt.messages)
        self.numbering = Numbering()
        self.shown: list[AnswerSentence] = []
        self.dropped = 0
        self.refused = False

    def events(self) -> Iterator[AnswerEvent]:
        """What is being written, and each sentence judged as soon as it is whole."""
        parser, told, read = DraftParser(self._language, len(self.hits)), "", 0
        with closing(self._pieces):  # who stops reading stops the model
            for piece in self._pieces:
                yield from self.news()
                if not piece:
                    yield Written(told)  # nothing new, but an occasion to leave
                    continue
                read += len(piece)
                for draft in parser.feed(piece):
                    told = ""
                    yield from self._judged(draft)
                if parser.pending != told and not NOT_IN_CORPUS.startswith(parser.pending[:12]):
                    told = parser.pending
                    yield Written(told)
                if read > _MAX_REPLY or len(self.shown) + self.dropped >= _MAX_SENTENCES:
                    return
        for draft in parser.finish():
            yield from self._judged(draft)

    def news(self) -> Iterator[Notice]:
        """What the model has to tell since it was last asked: who answers, who failed."""
        for notice in self._model.notices[self._told :]:
            self._told += 1
            yield _told(self._grounds, notice)

    def oddities(self) -> Iterator[Notice]:
        """What a reader should know of how the answer came about."""
        model = self._model
        read = model.tokens_read
        if read is not None and read * _CHARACTERS_PER_TOKEN < self._sent:
            yield Notice(
                f"{model.name} read only {read} tokens, less than was sent: its server ignores the "
                "context size that was asked for",
                "prompt_cut",
                {"model": model.name},
            )
        written = " ".join(sentence.text for sentence in self.shown)
        if written and (spoken := identify(written)) != self._language:
            said = f"{model.name} answered in {spoken}, not in {self._language}"
            yield Notice(said, "other_tongue", {"model": model.name})

    def _judged(self, draft: Draft) -> Iterator[AnswerEvent]:
        if NOT_IN_CORPUS in draft.text:
            self.refused = True
            return
        found, judgement = self._judgement(draft)
        if judgement.verdict == "unsupported":
            self.dropped += 1
            yield Dropped(draft.text, judgement.missing)
            if self._marks:
                self.shown.append(AnswerSentence(draft.text, (), "unsupported"))
                yield Cited(self.shown[-1], ())
            return
        numbers, new = self.numbering.cite(
            _quoted(self.hits[found[source]], sentence) for source, sentence in judgement.quotes
        )
        self.shown.append(AnswerSentence(draft.text, numbers, judgement.verdict))
        yield Cited(self.shown[-1], new)

    def _judgement(self, draft: Draft) -> tuple[Sequence[int], Judgement]:
        """(indices of the passages it was judged by, the verdict).

        A sentence that cites nothing is judged by all passages, and shown only when one bears it
        out without a doubt: models forget their marks.
        """
        cited = [n - 1 for n in draft.cited]
        read = cited or range(len(self.hits))
        vector = self._retriever.centred_text(draft.text, self._language)
        held = [(index, self._sources[index]) for index in read if self._sources[index].sentences]
        sources = [source for _, source in held]
        judgement = judge(draft.text, self._language, vector, sources, self._question)
        if not cited and judgement.verdict == "weak":
            judgement = Judgement("unsupported", judgement.support, (), judgement.missing)
        return [index for index, _ in held], judgement


def sources_of(hits: Sequence[Hit], retriever: Retriever) -> list[Source]:
    """The passages with the vectors of their sentences, as the index holds them."""
    vectors: dict[int, list[Vector]] = {}
    for hit, _, vector in retriever.sentence_vectors(hits):
        vectors.setdefault(hit.passage.id, []).append(vector)
    return [Source.from_hit(hit, vectors.get(hit.passage.id, ())) for hit in hits]


def _quoted(hit: Hit, sentence: int) -> tuple[Hit, Span]:
    return hit, hit.passage.sentences[sentence]
