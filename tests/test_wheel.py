"""The wheel: what it holds, and that it works from where it was installed."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import rag

REPOSITORY = Path(__file__).parents[1]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]


def run(*command: str, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from this tree with the build backend that is installed, without any network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    run(*build, str(REPOSITORY), cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """A folder that the wheel is installed into."""
    target = wheel.with_name("installed")
    install = [*PIP, "install", "--no-deps", "--no-index", "--target", str(target)]
    run(*install, str(wheel), cwd=wheel.parent)
    return target


def test_the_wheel_has_the_version_of_the_program(wheel: Path):
    assert wheel.name == f"gazette-{rag.__version__}-py3-none-any.whl"


def test_the_wheel_holds_program_documents_questions_and_page(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    about = f"gazette-{rag.__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {"rag", "ui", "eval", "corpus", about}
    for folder, pattern in (
        ("corpus", "??/*.md"),
        ("ui/assets", "*"),
        ("eval", "*.json*"),
        ("eval/questions", "**/*.jsonl"),
        ("eval/staged", "**/*.md"),
        ("eval/templates", "*"),
        ("rag/conversation/templates", "*"),
        ("rag", "**/*.py"),
    ):
        here = {
            path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / folder).glob(pattern)
        }
        assert here
        assert here <= set(names)
    assert f"{about}/licenses/LICENSE" in names
    assert not [name for name in names if name.endswith(".pyc")]


def test_the_wheel_brings_the_command(wheel: Path):
    archive = zipfile.ZipFile(wheel)
    entry_points = archive.read(f"gazette-{rag.__version__}.dist-info/entry_points.txt").decode()
    assert "gazette = rag.cli:main" in entry_points


def test_the_installed_command_says_its_version(installed: Path, tmp_path: Path):
    command = [sys.executable, "-m", "rag.cli", "--version"]
    out = run(*command, cwd=tmp_path, env={"PYTHONPATH": str(installed)})
    assert out == f"gazette {rag.__version__}\n"


def test_the_installed_program_finds_its_corpus_and_its_page(installed: Path, tmp_path: Path):
    code = (
        "from rag.gazette import corpus_folder; from ui.layout import ASSETS; "
        "print(corpus_folder(), len(list(corpus_folder().glob('??/*.md'))), ASSETS, "
        "len(list(ASSETS.iterdir())), sep='\\n')"
    )
    out = run(sys.executable, "-c", code, cwd=tmp_path, env={"PYTHONPATH": str(installed)})
    documents = len(list((REPOSITORY / "corpus").glob("??/*.md")))
    assets = len(list((REPOSITORY / "ui" / "assets").iterdir()))
    assert out.splitlines() == [
        str(installed / "corpus"),
        str(documents),
        str(installed / "ui" / "assets"),
        str(assets),
    ]
