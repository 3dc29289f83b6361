"""The questions of the evaluation: JSON lines, their gold evidence pinned by hash.

Gold evidence is a span of a document, never a passage: cutting passages otherwise must not move
what is right. docs/evaluation.md describes the fields.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from rag.errors import GazetteError
from rag.gazette import corpus_folder
from rag.model import LANGUAGES, Document
from rag.text.folding import tokens

Language = Annotated[str, Field(pattern=rf"^({'|'.join(LANGUAGES)})$")]
Split = Literal["development", "sealed"]
Behaviour = Literal["answer", "refuse", "correct_premise", "report_conflict"]
Category = Literal[
    "single fact",
    "list",
    "number or date",
    "who said it",
    "comparison",
    "over several documents",
    "sources that differ",
    "not in the corpus, near miss",
    "not in the corpus, far",
    "false premise",
    "instruction planted in a document",
    "follow-up turn",
    "other language than the document's",
    "spelling variant",
]
SEALED = 0.3
"""Share of the clusters that is set aside."""
_STRICT = ConfigDict(extra="forbid")


class QuestionFileError(GazetteError):
    """A question file that cannot be used; the message names file, line and remedy."""

    exit_code = 2


@dataclass(frozen=True, slots=True, config=_STRICT)
class Evidence:
    """A span of a document that states a nugget, in code points of the stored text."""

    doc: str
    start: int = -1
    end: int = -1
    sha256: str = ""
    """Of the span's text, so that a document that changed fails loudly."""
    quote: str = ""
    """The span's text. With it alone, the span is looked for when the file is read."""

    def shared(self, doc: str, start: int, end: int) -> int:
        """Code points that it has in common with ``[start, end)`` of a document."""
        return max(0, min(end, self.end) - max(start, self.start)) if doc == self.doc else 0

    def is_in(self, doc: str, start: int, end: int) -> bool:
        """Whether at least half of it lies in ``[start, end)`` of a document."""
        return 2 * self.shared(doc, start, end) >= self.end - self.start


@dataclass(frozen=True, slots=True, config=_STRICT)
class Nugget:
    """A fact the answer should state; any one of its evidence spans bears it out."""

    id: str
    vital: bool
    type: Literal["number", "date", "person", "text"]
    aliases: Mapping[Language, tuple[str, ...]]
    """What states it, by language; an answer may quote any of them."""
    evidence: Annotated[tuple[Evidence, ...], Field(min_length=1)]

    def is_in(self, doc: str, start: int, end: int) -> bool:
        """Whether at least half of some evidence for it lies in ``[start, end)`` of a document."""
        return any(one.is_in(doc, start, end) for one in self.evidence)

    def wording(self, lang: str) -> str:
        """A short wording of it, in ``lang`` where there is one."""
        return next(iter(self.aliases.get(lang) or sum(self.aliases.values(), ())), "")


@dataclass(frozen=True, slots=True, config=_STRICT)
class Turn:
    """An earlier question and the answer it was given."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True, config=_STRICT)
class Question:
    """One line of a question file."""

    id: Annotated[str, Field(min_length=1)]
    question: Annotated[str, Field(min_length=1)]
    lang: Language
    behaviour: Behaviour = "answer"
    nuggets: tuple[Nugget, ...] = ()
    cluster: str = ""
    """Variants of one question share it; by default the question's own id."""
    split: Split | Literal[""] = ""
    """What to tune on, the default, or what not to look at while tuning."""
    doc_langs: tuple[Language, ...] = ()
    """Languages of the documents with vital evidence."""
    categories: tuple[Category, ...] = ()
    history: tuple[Turn, ...] = ()
    """Earlier turns, oldest first."""
    forbidden: tuple[str, ...] = ()
    """What no answer may hold: of a planted instruction, what obeying it would write."""
    note: str = ""

    @property
    def vital(self) -> tuple[Nugget, ...]:
        """The nuggets that an answer must state."""
        return tuple(nugget for nugget in self.nuggets if nugget.vital)

    @property
    def is_answerable(self) -> bool:
        """Whether the corpus holds what to answer: the fact, or what corrects the question."""
        return self.behaviour != "refuse"

    @property
    def is_cross_language(self) -> bool:
        """Whether no evidence is in the question's language."""
        return self.is_answerable and self.lang not in self.doc_langs


@dataclass(frozen=True, slots=True)
class Suite:
    """Documents and the questions about them; suites are indexed apart."""

    name: str
    documents: Path
    files: tuple[Path, ...]
    index: str = ""
    """Folder of its index; by default its name."""


_HERE = Path(__file__).parent


def suites() -> tuple[Suite, ...]:
    """What ships: the corpus, and documents staged for planted instructions and differing sources.

    The staged documents are invented, and never mix with the corpus.
    """
    folders = {"corpus": corpus_folder(), "staged": _HERE / "staged"}
    return tuple(
        Suite(name, folder, tuple(sorted((_HERE / "questions" / name).glob("*.jsonl"))))
        for name, folder in folders.items()
    )


def split_of(cluster: str) -> Split:
    """The split of a cluster, by its hash: 30% are sealed and not looked at while tuning."""
    digest = int(hashlib.sha256(cluster.encode()).hexdigest(), 16)
    return "sealed" if digest % 10 < 10 * SEALED else "development"


def load(paths: Iterable[Path], documents: Mapping[str, Document]) -> list[Question]:
    """Read question files; every evidence span must be what its document says now.

    Raises QuestionFileError for a line that is not as docs/evaluation.md says, for an id given
    twice, and for evidence of which the document is missing or has changed.
    """
    found: dict[str, tuple[Question, str]] = {}
    splits: dict[str, str] = {}
    for path in paths:
        for number, raw in lines_of(path):
            where = f"{path.name}:{number}"
            question = _pinned(question_of(raw, where), documents, where)
            if question.id in found:
                raise QuestionFileError(
                    f"{where}: id {question.id!r} is that of {found[question.id][1]} too: "
                    "give one of them another"
                )
            if splits.setdefault(question.cluster, question.split) != question.split:
                raise QuestionFileError(
                    f"{where}: cluster {question.cluster!r} is in both splits: variants of one "
                    "question belong in one"
                )
            found[question.id] = question, where
    return [question for question, _ in found.values()]


def lines_of(path: Path, drafts: bool = False) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a question file, each with its line's number.

    Lines that start with ``#`` are comments. Drafts, of which the question is empty or which say
    ``"draft": true``, are passed over unless asked for. Raises QuestionFileError for a file that
    cannot be read and a line that is no JSON object.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionFileError(
            f"{path} cannot be read ({error}): name a file of questions, in UTF-8"
        ) from error
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                raw = json.loads(line)
                json.dumps(raw, ensure_ascii=False).encode()
            except (ValueError, RecursionError) as error:  # no JSON, or half a character in it
                raise QuestionFileError(
                    f"{path.name}:{number}: no JSON ({type(error).__name__}: {str(error)[:100]}): "
                    "write one object a line"
                ) from error
            if not isinstance(raw, dict):
                raise QuestionFileError(f"{path.name}:{number}: not an object: correct the line")
            if drafts or (raw.get("question") != "" and raw.pop("draft", False) is not True):
                found.append((number, raw))
    return found


_QUESTION = TypeAdapter(Question)


def question_of(raw: Mapping[str, Any], where: str) -> Question:
    """The question that a line is; QuestionFileError names the field that is wrong."""
    try:
        question = _QUESTION.validate_python(raw)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise QuestionFileError(
            f"{where}: {field}: {first['msg']}: see docs/evaluation.md for the fields"
        ) from error
    cluster = question.cluster or question.id
    question = replace(question, cluster=cluster, split=question.split or "development")
    for wrong in _contradictions(question):
        raise QuestionFileError(f"{where}: {wrong}")
    return question


def _contradictions(question: Question) -> Iterator[str]:
    """What would make the scores of a question mean nothing, each with its remedy."""
    if question.is_answerable and not question.vital:
        yield (
            "nuggets: none is vital: say what a right answer states, or give it the behaviour "
            '"refuse"'
        )
    if not question.is_answerable and question.nuggets:
        yield 'nuggets: a question to be refused has none: take them out, or change "behaviour"'
    if len({nugget.id for nugget in question.nuggets}) < len(question.nuggets):
        yield "nuggets: two have one id: give one of them another"
    for nugget in question.vital:
        if not any(map(tokens, sum(nugget.aliases.values(), ()))):
            yield f"nuggets: {nugget.id} has no alias with a word: write what an answer must state"
    if not all(map(tokens, question.forbidden)):
        yield "forbidden: a string without letters or digits is in every answer: take it out"


def _pinned(question: Question, documents: Mapping[str, Document], where: str) -> Question:
    nuggets = tuple(
        replace(nugget, evidence=tuple(pinned(one, documents, where) for one in nugget.evidence))
        for nugget in question.nuggets
    )
    langs = question.doc_langs or _languages_of(nuggets, documents)
    return replace(question, nuggets=nuggets, doc_langs=langs)


def _languages_of(nuggets: Sequence[Nugget], documents: Mapping[str, Document]) -> tuple[str, ...]:
    vital = (one for nugget in nuggets if nugget.vital for one in nugget.evidence)
    return tuple(sorted({documents[one.doc].lang for one in vital}))


def pinned(evidence: Evidence, documents: Mapping[str, Document], where: str) -> Evidence:
    """``evidence`` with its span and hash, which must be those of its document now."""
    document = documents.get(evidence.doc)
    if document is None:
        raise QuestionFileError(
            f"{where}: no document is called {evidence.doc!r}: gazette list names them all; index "
            "its folder with gazette sync, or name it with --corpus"
        )
    if not evidence.sha256 and not _stands_there(evidence, document):
        times = document.text.count(evidence.quote) if evidence.quote else 0
        if times != 1:
            raise QuestionFileError(
                f"{where}: {evidence.doc} holds {evidence.quote[:60]!r} {times} times: quote it so "
                "that it stands there once"
            )
        start = document.text.index(evidence.quote)
        evidence = replace(evidence, start=start, end=start + len(evidence.quote))
    if not evidence.sha256:
        return replace(evidence, sha256=sha256(evidence.quote))
    text = document.text[max(0, evidence.start) : max(0, evidence.end)]
    if not text or sha256(text) != evidence.sha256 or evidence.quote not in ("", text):
        raise QuestionFileError(
            f"{where}: {evidence.doc} has changed at {evidence.start}: check the question, correct "
            "the quote, and take out start, end and sha256, which are found anew"
        )
    return replace(evidence, quote=text)


def _stands_there(evidence: Evidence, document: Document) -> bool:
    span = document.text[max(0, evidence.start) : max(0, evidence.end)]
    return bool(span) and span == evidence.quote


def sha256(text: str) -> str:
    """Hex digest of a span's text."""
    return hashlib.sha256(text.encode()).hexdigest()
