"""The make commands hand on what was asked, whatever letters it holds, and only then install."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
ECHO = '#!/bin/sh\nfor argument; do printf "<%s>" "$argument"; done\n'

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A folder in place of .venv, up to date, whose gazette only shows its arguments."""
    folder = tmp_path / "venv"
    (folder / "bin").mkdir(parents=True)
    gazette = folder / "bin" / "gazette"
    gazette.write_text(ECHO)
    gazette.chmod(0o755)
    (folder / ".installed").touch()
    return folder


def make(
    *arguments: str, environment: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "--silent", f"VENV={environment}", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
        env={**ours, **(env or {})},
    )


QUESTIONS = [
    "what did Nabiyev discuss with OpenAI?",
    "qu'a-t-il dit ?",
    'who said "sovereign"?',
    "does it cost $5 or $(HOME) or ${HOME} or $HOME?",
    "$(shell echo run) $$ `echo run`",
    "Süni intellekt — nə vaxt? Когда? 🙂",
    "a # b; c & d | e > f * ~ ! \\n %",
    "-x --help",
    r"ends with \\",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_arrives_as_it_was_asked(environment: Path, question: str):
    done = make("ask", f"Q={question}", environment=environment)
    assert done.stdout == f"<ask><--><{question}>"
    assert done.stderr == ""


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_may_come_from_the_environment(environment: Path, question: str):
    done = make("ask", environment=environment, env={"Q": question})
    assert done.stdout == f"<ask><--><{question}>"


@pytest.mark.parametrize("arguments", [("ask",), ("ask", "Q="), ("ask", "Q=  ")])
def test_a_missing_question_is_asked_for_before_anything_is_installed(
    tmp_path: Path, arguments: tuple[str, ...]
):
    done = make(*arguments, environment=tmp_path / "none")
    assert done.returncode == 2
    first = done.stderr.splitlines()[0]
    assert first == 'make ask needs a question: make ask Q="what did Nabiyev discuss with OpenAI?"'
    assert not (tmp_path / "none").exists()


def test_sync_takes_several_folders_or_none(environment: Path):
    assert make("sync", "PATHS=a b*/c", environment=environment).stdout == "<sync><--><a><b*/c>"
    assert make("sync", environment=environment).stdout == "<sync><-->"


def test_an_old_python_is_refused_by_name(tmp_path: Path):
    done = make("chat", "PYTHON=false", environment=tmp_path / "none")
    assert done.returncode == 2
    assert "Gazette needs Python 3.11 or newer" in done.stderr


def test_make_alone_lists_the_commands(environment: Path):
    assert 'make ask Q="…"' in make(environment=environment).stdout
