"""``gazette eval``: measure answers, hold them to the gate, make questions of one's own."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from eval.gate import Kept, Verdict
    from eval.questions import Suite
    from eval.records import Row, Run
    from eval.run import Choice
    from rag.model import Document
    from rag.settings import Settings

    Documents = Mapping[str, Mapping[str, Document]]

app = typer.Typer()

RED = 8
"""Exit code when the gate does not let the run pass."""
_REPEATED = 12
"""Questions that the gate asks again, in another process with other hashes and threads."""

Questions = Annotated[
    Path | None, typer.Option(help="Your own questions: a JSON Lines file, or a folder of them.")
]
Corpus = Annotated[
    Path | None,
    typer.Option(help="Folder of the documents your questions are about; else what is indexed."),
]


@app.callback(invoke_without_command=True)
def evaluate(
    context: typer.Context,
    questions: Questions = None,
    corpus: Corpus = None,
    answerer: Annotated[
        Literal["extractive", "ollama", "llm"],
        typer.Option(help="ollama asks each question with three seeds."),
    ] = "extractive",
    split: Annotated[
        Literal["all", "development", "sealed"], typer.Option(help="Which questions.")
    ] = "all",
    sample: Annotated[
        int | None, typer.Option(min=1, help="Ask only so many, drawn in proportion.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the sample.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(help="Where results and report go; by default in the data folder."),
    ] = None,
    gate: Annotated[
        bool, typer.Option("--gate", help="Fail where quality fell: exit code 8.")
    ] = False,
    update_baseline: Annotated[
        bool,
        typer.Option("--update-baseline", help="Keep this run as what later ones are held to."),
    ] = False,
) -> None:
    """Measure retrieval, answers, citations and refusals: ask every question, and report.

    The questions are those about the shipped corpus, or your own.

    A run that was cut off goes on where it stopped when it is started again.
    """
    if context.invoked_subcommand:
        return
    _check_installed()
    from eval.run import Choice, opened, run
    from rag.rendering import print_notice, sync_progress
    from rag.settings import load_settings

    settings = load_settings(answerer=answerer)
    choice = Choice(split, sample, seed)
    chosen = _suites(questions, corpus)
    if gate or update_baseline:
        _check_can_be_held_to(answerer)
    if update_baseline:
        _check_is_whole(choice, gate)
    if gate:
        _baseline(questions)
    folder = out or settings.home / "evaluation" / "latest"
    with (
        sync_progress() as progress,
        opened(chosen, settings, progress, _own(corpus, questions)) as held,
    ):
        held[0].gazette.check_answerer()
        found = run(held, settings, choice, folder, progress)
        documents = {one.suite.name: one.documents for one in held}
    verdict = None
    if gate:
        again = _again(_arguments(questions, corpus), choice, settings) if found.rows else []
        verdict = _verdict(found.rows, again, choice, questions)
    if not found.rows and questions is not None and not gate:
        raise _nothing_written(questions)
    _report(found, documents, verdict, folder)
    print_notice(f"report: {folder / 'report.html'}")
    if update_baseline:
        _update_baseline(found.rows, questions)
    if verdict:
        print_notice(f"the gate is {'green' if verdict.is_green else 'red'}")
        if not verdict.is_green:
            raise typer.Exit(RED)


def _check_installed() -> None:
    """Whether the packages are there that only the evaluation needs."""
    from importlib.util import find_spec

    from rag.errors import SettingsError

    missing = [
        name for name in ("ir_measures", "jinja2", "markupsafe", "scipy") if find_spec(name) is None
    ]
    if missing:
        raise SettingsError(
            f"the evaluation needs {', '.join(missing)}: pip install 'gazette[eval]'"
        )


def _suites(questions: Path | None, corpus: Path | None) -> "Sequence[Suite]":
    """The shipped suites, or the user's own."""
    from eval.questions import QuestionFileError, Suite, suites

    if questions is None:
        if corpus is None:
            return suites()
        raise QuestionFileError(
            f"no questions about {corpus} are named: add --questions FILE; gazette eval init makes "
            "a first one"
        )
    files = tuple(sorted(questions.glob("*.jsonl"))) if questions.is_dir() else (questions,)
    if not files:
        raise QuestionFileError(f"{questions} holds no .jsonl file: name a file of questions")
    if corpus is None:
        return (Suite("yours", Path(), files),)
    return (Suite("yours", corpus, files, _name_of(corpus)),)


def _name_of(corpus: Path) -> str:
    """A folder name for the index of a user's documents, one for each place they lie in."""
    import hashlib

    place = corpus.expanduser().resolve()
    return f"{place.name}-{hashlib.sha256(str(place).encode()).hexdigest()[:8]}"


def _arguments(questions: Path | None, corpus: Path | None) -> list[str]:
    named = (("--questions", questions), ("--corpus", corpus))
    return [part for name, path in named if path for part in (name, str(path.absolute()))]


def _again(arguments: Sequence[str], choice: "Choice", settings: "Settings") -> "list[Row]":
    """Ask some of the questions again, in a process with other hashes and other threads."""
    import os
    import subprocess
    import sys
    import tempfile

    from eval.records import RESULTS, RunFileError, rows_from

    chosen = ["--split", choice.split, "--seed", str(choice.seed)]
    count = min(_REPEATED, choice.sample or _REPEATED)
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    others = "2" if os.environ.get("OMP_NUM_THREADS") == "1" else "1"
    other = {"PYTHONHASHSEED": "4711", **dict.fromkeys(threads, others)}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "rag.cli", "eval", *arguments, *chosen]
        done = subprocess.run(
            [*command, "--sample", str(count), "--out", folder],
            env={**os.environ, **other, "GAZETTE_HOME": str(settings.home)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RunFileError(f"the questions could not be asked again: {done.stderr.strip()}")
        return rows_from(Path(folder) / RESULTS)


# Questions of one's own


@app.command()
def review(
    only: Annotated[
        list[str] | None, typer.Argument(help="Clusters or ids; without any, all questions.")
    ] = None,
    questions: Questions = None,
    corpus: Corpus = None,
    problems: Annotated[
        bool, typer.Option("--problems", help="Only check; show no questions.")
    ] = False,
) -> None:
    """Show questions beside their evidence and what a right answer states, and check them."""
    _check_installed()
    from eval import review as reviewing
    from eval.run import opened
    from rag.rendering import one_line, print_notice, sync_progress
    from rag.settings import load_settings

    settings, found, count = load_settings(answerer="extractive"), [], 0
    matched: set[str] = set()
    chosen = _suites(questions, corpus)
    with (
        sync_progress() as progress,
        opened(chosen, settings, progress, _own(corpus, questions)) as held,
    ):
        for one in held:
            asked = one.questions()
            count += len(asked)
            found += reviewing.problems(asked, one.documents)
            if not problems:
                wanted = set(only or ())
                matched |= wanted & {name for q in asked for name in (q.id, q.cluster)}
                shown = [q for q in asked if not wanted or wanted & {q.id, q.cluster}]
                reviewing.show(shown, one.documents, one.gazette.embedder.embed_query)
    for name in sorted(set(only or ()) - matched):
        found.append(f"no question is called {name}")
    for problem in found:
        print(one_line(problem))
    if found:
        raise typer.Exit(2)
    print_notice(f"{count} questions, nothing wrong with them")


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("questions.jsonl"),
    proposals: Annotated[int, typer.Option(min=1, max=200, help="Sentences to propose.")] = 20,
) -> None:
    """Write a first question file from what is indexed: it proposes facts, you write questions."""
    from eval import starter
    from rag.gazette import Gazette
    from rag.rendering import print_notice
    from rag.settings import load_settings

    with Gazette(load_settings(answerer="extractive")) as gazette:
        count = starter.write(file, gazette, proposals)
    print_notice(f"{file}: {count} facts proposed; write a question to those you like, then run")
    print(f"gazette eval --questions {file}")


@app.command()
def adopt(
    feedback: Annotated[Path, typer.Argument(help="Feedback kept by the interface.")],
    into: Annotated[Path, typer.Option(help="The question file to add to.")] = Path(
        "questions.jsonl"
    ),
) -> None:
    """Turn answers that readers disliked into questions; each is taken once."""
    from eval import feedback as kept
    from rag.rendering import print_notice

    added, drafts = kept.adopt(feedback, into)
    print_notice(f"{into}: {added} question(s) added, {drafts} of them drafts")
    if drafts:
        print_notice(
            "a draft is asked once you have written its aliases, checked its evidence and taken "
            'out "draft"'
        )


# The gate


def _check_can_be_held_to(answerer: str) -> None:
    if answerer != "extractive":
        from eval.records import RunFileError

        raise RunFileError(
            "the gate and the baseline are of the extractive answerer, which has no sampling "
            "noise: leave --answerer out"
        )


def _check_is_whole(choice: "Choice", gate: bool) -> None:
    from eval.records import RunFileError

    if gate:
        raise RunFileError(
            "--gate holds a run to the old baseline and --update-baseline makes a new one: ask for "
            "one of them"
        )
    if choice.split != "all" or choice.sample:
        raise RunFileError("a baseline is of all questions: leave --split and --sample out")


def _baseline_path(questions: Path | None) -> Path:
    """The shipped baseline, or the one beside the user's questions."""
    from eval.gate import BASELINE

    if questions is None:
        return BASELINE
    return questions / "all.baseline" if questions.is_dir() else questions.with_suffix(".baseline")


def _verdict(
    rows: "Sequence[Row]", repeated: "Sequence[Row]", choice: "Choice", questions: Path | None
) -> "Verdict":
    from eval import gate

    whole = choice.split == "all" and choice.sample is None
    floors = gate.read_floors(gate.FLOORS) if questions is None else {}
    return gate.judge(rows, _baseline(questions), floors, repeated, whole)


def _baseline(questions: Path | None) -> "list[Kept]":
    from eval import gate

    return gate.read_baseline(_baseline_path(questions))


def _update_baseline(rows: "Sequence[Row]", questions: Path | None) -> None:
    from eval import gate
    from eval.records import RunFileError
    from rag.errors import StorageError

    path = _baseline_path(questions)
    bad = [row.id for row in rows if row.error or row.broken]
    if bad or not rows:
        raise RunFileError(
            f"{', '.join(bad) or 'no question'} cannot be a baseline: see the report, and mend it"
        )
    print(gate.in_words(gate.compare(rows, gate.read_baseline(path))))
    try:
        gate.write_baseline(path, gate.kept_from(rows))
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error}): make it writable") from error
    if questions is None:
        gate.write_floors(gate.FLOORS, gate.floors_from(rows))
    print(f"kept in {path}")


def _report(found: "Run", documents: "Documents", verdict: "Verdict | None", folder: Path) -> None:
    from eval.report import html
    from eval.summary import markdown
    from rag.errors import StorageError

    said = markdown(found, verdict)
    print(said)
    try:
        (folder / "summary.md").write_text(said, encoding="utf-8")
        (folder / "report.html").write_text(html(found, documents, verdict), encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be written to ({error}): name another folder with --out"
        ) from error


def _nothing_written(questions: Path) -> Exception:
    from eval.questions import QuestionFileError

    return QuestionFileError(
        f"no question is written yet in {questions}, or none of that split: write one between the "
        'quotes after "question"'
    )


def _own(corpus: Path | None, questions: Path | None) -> bool:
    """Whether what the user has indexed is asked, as it is."""
    return corpus is None and questions is not None
