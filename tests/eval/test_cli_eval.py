"""``gazette eval`` as a person or CI runs it, in processes of its own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import REPOSITORY, Ran

from eval.records import ABOUT, RESULTS, TIMINGS, rows_from

Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def gazette_eval(
    copy_corpus: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """``gazette eval …`` where the corpus is indexed already."""
    home = tmp_path_factory.mktemp("evaluated")
    copy_corpus(home / "evaluation" / "corpus")

    def run(*arguments: str, env: dict[str, str] | None = None) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "rag.cli", "eval", *arguments],
            env={
                **os.environ,
                "PYTHONPATH": str(REPOSITORY),
                "GAZETTE_HOME": str(home),
                **(env or {}),
            },
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="module")
def gate(gazette_eval: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Path]:
    """Every question of both suites, held to the committed baseline and floors; the report."""
    out = tmp_path_factory.mktemp("gate")
    env = {"PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return gazette_eval("--gate", "--out", str(out), env=env), out


def test_the_gate_is_green(gate: tuple[Ran, Path]):
    done, out = gate
    assert done.code == 0, done.out + done.err
    assert len(rows_from(out / RESULTS)) >= 500
    assert {p.name for p in out.iterdir() if p.is_file() and p.name != ".lock"} == {
        RESULTS, TIMINGS, ABOUT, "report.html", "summary.md",
    }  # fmt: skip
    assert (out / "summary.md").read_text(encoding="utf-8").strip() == done.out.strip()
    assert f"report: {out / 'report.html'}" in done.err


def test_another_process_writes_the_same_bytes(
    gate: tuple[Ran, Path], gazette_eval: Run, tmp_path: Path
):
    """Other hashes, another number of threads, other questions before each."""
    env = {"PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    done = gazette_eval("--sample", "14", "--out", str(tmp_path), env=env)
    assert done.code == 0, done.err
    sample = (tmp_path / RESULTS).read_bytes().splitlines()
    assert len(sample) == 14
    whole = (gate[1] / RESULTS).read_bytes().splitlines()
    assert [line for line in whole if line in sample] == sample


# A user's own questions

FILLED = {"380": "How long will the cable be?", "512": "Combien de processeurs a la machine ?"}


@pytest.fixture
def own(cli: Run, small_home: Path, tmp_path: Path) -> Path:
    """A starter file to which a person has written the questions they can."""
    file = tmp_path / "mine.jsonl"
    done = cli("eval", "init", str(file), home=small_home)
    assert (done.code, done.out) == (0, f"gazette eval --questions {file}\n")
    assert "facts proposed; write a question to those you like, then run" in done.err
    lines = file.read_text(encoding="utf-8").splitlines()
    questions = iter(["How long will it be?", "Combien de processeurs ?", "Какой штраф?"])
    lines = [line for line in lines if '"lang": "en"' not in line or "380" in line]
    written = [
        line.replace('"question": ""', f'"question": "{next(questions, "")}"')
        if line.startswith('{"id": "fact')
        else line
        for line in lines
    ]
    file.write_text("\n".join(written) + "\n", encoding="utf-8")
    return file


def test_a_set_of_ones_own_is_made_asked_kept_and_held_to(
    cli: Run, own: Path, small_home: Path, tmp_path: Path
):
    out = tmp_path / "out"

    def evaluate(*arguments: str) -> Ran:
        return cli("eval", "--questions", str(own), "--out", str(out), *arguments, home=small_home)

    asked = evaluate()
    assert asked.code == 0, asked.err
    rows = rows_from(out / RESULTS)
    assert 1 <= len(rows) <= 3 and all(row.suite == "yours" for row in rows)
    kept = evaluate("--update-baseline")
    assert f"a first baseline of {len(rows)} questions" in kept.out
    baseline = own.with_suffix(".baseline")
    assert len(baseline.read_text().splitlines()) == len(rows)
    failing = baseline.read_text().replace('"passed": false', '"passed": true')
    assert evaluate("--gate").code == 0
    gone = json.dumps(
        {"suite": "yours", "id": "gone", "lang": "en", "passed": True, "refused": False,
         "recall": 1.0, "nuggets": 1.0}
    )  # fmt: skip
    baseline.write_text(failing + gone + "\n")
    red = evaluate("--gate")
    assert red.code == 8
    assert "1 questions of the baseline were not asked (yours/gone)" in red.out


def test_questions_are_reviewed_beside_their_evidence(cli: Run, own: Path, small_home: Path):
    done = cli("eval", "review", "--questions", str(own), home=small_home)
    assert done.code == 0, done.out
    assert re.search(r"^question +evidence +answer", done.out, re.MULTILINE)
    assert "vital, number" in done.out
    alone = cli("eval", "review", "--problems", "--questions", str(own), home=small_home)
    assert (alone.code, alone.out) == (0, "")
    assert "questions, nothing wrong with them" in alone.err
    other = cli("eval", "review", "nobody", "--questions", str(own), home=small_home)
    assert (other.code, other.out) == (2, "no question is called nobody\n")


def test_what_is_wrong_with_a_question_is_named(cli: Run, own: Path, small_home: Path):
    text = own.read_text(encoding="utf-8")
    own.write_text(re.sub(r'"(en|fr|ru)": \["[^"]+"\]', r'"\1": ["nowhere"]', text))
    done = cli("eval", "review", "--problems", "--questions", str(own), home=small_home)
    assert done.code == 2
    assert re.search(r"^fact-\w+: n1: no alias in \w\w stands in its evidence", done.out, re.M)


def test_a_dislike_is_adopted(cli: Run, tmp_path: Path):
    feedback = tmp_path / "feedback.jsonl"
    disliked = {"question": "Why?", "lang": "en", "liked": False, "answer": "x", "at": "t"}
    feedback.write_text(json.dumps(disliked) + "\n")
    into = tmp_path / "mine.jsonl"
    done = cli("eval", "adopt", str(feedback), "--into", str(into))
    assert done.code == 0
    first, second = done.err.splitlines()
    assert first == f"{into}: 1 question(s) added, 1 of them drafts"
    assert second.startswith("a draft is asked once you have written its aliases, checked its")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--corpus", "press"), "no questions about press are named: add --questions FILE; gaz"),
        (("--questions", "none.jsonl"), "none.jsonl cannot be read"),
        (("--gate", "--answerer", "ollama"), "the gate and the baseline are of the extractive"),
        (("--update-baseline", "--sample", "3"), "a baseline is of all questions: leave --split"),
        (("--update-baseline", "--split", "sealed"), "a baseline is of all questions: leave"),
        (("--update-baseline", "--gate"), "--gate holds a run to the old baseline and --update-"),
        (("adopt", "none.jsonl"), "none.jsonl cannot be read"),
    ],
)
def test_bad_input_is_named_in_one_line(
    cli: Run, small_home: Path, arguments: tuple[str, ...], message: str
):
    done = cli("eval", *arguments, home=small_home)
    assert done.code == 2
    assert message in done.said


def test_a_folder_without_questions_is_named(cli: Run, small_home: Path, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    done = cli("eval", "--questions", str(tmp_path / "empty"), home=small_home)
    assert "empty holds no .jsonl file: name a file of questions" in done.said


def test_questions_that_nobody_wrote_yet_are_named(cli: Run, small_home: Path, tmp_path: Path):
    file = tmp_path / "mine.jsonl"
    cli("eval", "init", str(file), home=small_home)
    done = cli("eval", "--questions", str(file), home=small_home)
    assert done.code == 2
    assert f"no question is written yet in {file}" in done.err


def test_a_model_that_is_away_is_named_before_anything_is_asked(
    cli: Run, own: Path, small_home: Path
):
    done = cli("eval", "--questions", str(own), "--answerer", "ollama", home=small_home)
    assert done.code == 6
    assert "no Ollama at" in done.said


def test_a_place_that_cannot_be_written_to_is_named(
    cli: Run, own: Path, small_home: Path, tmp_path: Path
):
    (tmp_path / "file").write_text("")
    out = str(tmp_path / "file" / "out")
    done = cli("eval", "--questions", str(own), "--out", out, home=small_home)
    assert done.code == 5
    assert "cannot be written to" in done.said and "name another folder with --out" in done.said


def test_a_gate_that_was_asked_nothing_is_red(cli: Run, own: Path, small_home: Path):
    done = cli("eval", "--gate", "--split", "sealed", "--questions", str(own), home=small_home)
    assert done.code == 8
    assert "no question was asked: name another split or file" in done.out


def test_a_question_that_cannot_be_asked_is_told(cli: Run, own: Path, small_home: Path):
    text = own.read_text(encoding="utf-8")
    own.write_text(text.replace("How long will it be?", "?" * 20), encoding="utf-8")
    done = cli("eval", "--questions", str(own), home=small_home)
    assert re.search(r"fact-\w+: no answer: the question is empty", done.out)
