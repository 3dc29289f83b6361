"""What holds for the whole tree: dependencies, exports, and that no file tells of a machine."""

import ast
import importlib
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
OURS = {"rag", "ui", "eval", "corpus"}
MODULES = {
    "argon2-cffi": "argon2",
    "llama-index-core": "llama_index.core",
    "llama-index-llms-ollama": "llama_index.llms.ollama",
    "markdown-it-py": "markdown_it",
    "pyyaml": "yaml",
}
"""What is imported of a package whose module is not called like it."""
ELSEWHERE = re.compile(
    r"(?<![\w.…/])/(?:wor[k]|roo[t]|hom[e]|op[t]|User[s])/\w|file:[/]{3}"
    r"|(?:p[y]pi|python[h]osted|p[y]thon-index)\.(?:org|python)|\bindex[-_]url|\bfind[-_]links",
    re.IGNORECASE,
)
"""Paths that exist on one machine only, and package indexes."""


def name_of(requirement: str) -> str:
    """The package a requirement names, with its extras."""
    found = re.match(r"[\w.-]+(\[[\w,-]+\])?", requirement)
    assert found
    return found.group()


RUNTIME = [name_of(requirement) for requirement in PROJECT["dependencies"]]
EXTRAS = PROJECT["optional-dependencies"]
LENT = {"lxml-html-clean"}
"""Imported by another package, which fails to bring it."""
OPTIONAL = [name_of(requirement) for extra in EXTRAS.values() for requirement in extra]


def imported(*folders: str) -> set[str]:
    """The modules, with dots, that the files below ``folders`` import anywhere."""
    found: set[str] = set()
    for folder in folders:
        for path in (REPOSITORY / folder).rglob("*.py"):
            found.update(_imports(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def module_of(package: str) -> str:
    return MODULES.get(package, package.replace("-", "_"))


def is_of(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{module_of(package)}.")


def files() -> list[Path]:
    """The files of the tree, without what tools and builds leave in it."""
    left = {"__pycache__", "build", "dist"}
    kept = {".ci", ".gitattributes", ".gitignore"}
    return [
        path
        for path in sorted(REPOSITORY.rglob("*"))
        if path.is_file()
        and not any(
            part in left
            or part.endswith(".egg-info")
            or (part.startswith(".") and part not in kept)
            for part in path.relative_to(REPOSITORY).parts
        )
    ]


def test_every_dependency_has_a_sentence_and_every_sentence_a_dependency():
    rows = (REPOSITORY / "docs" / "dependencies.md").read_text(encoding="utf-8").splitlines()
    cells = [row.strip("| ").split(" | ") for row in rows if row.startswith("| ")]
    told = {cell[0]: cell[1] for cell in cells if len(cell) == 2 and cell[0] != "package"}
    told.pop("---", None)
    assert set(told) == {*RUNTIME, *OPTIONAL}
    assert all(sentence.endswith(".") for sentence in told.values())


@pytest.mark.parametrize("package", sorted({*RUNTIME} - LENT))
def test_every_dependency_is_imported_by_the_program(package: str):
    assert any(is_of(module, package) for module in imported("rag", "ui"))


def test_everything_the_program_imports_is_a_dependency():
    known = [*RUNTIME, "sentence-transformers", "transformers"]  # the latter come together
    outside = {
        module
        for module in imported("rag", "ui", "corpus")
        if module.split(".")[0] not in OURS | sys.stdlib_module_names
    }
    assert {m for m in outside if not any(is_of(m, package) for package in known)} == set()


def test_every_dependency_has_its_exact_version_in_the_constraints():
    lines = (REPOSITORY / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
    pinned = {pin.split("==")[0].lower().replace("_", "-") for pin in pins}
    wanted = {name.lower() for name in [*RUNTIME, *OPTIONAL] if not name.startswith("gazette")}
    assert wanted <= pinned
    assert "torch==2.13.0" in pins


def test_packages_export_on_purpose():
    exported = {
        "rag": {"__version__"},
        "rag.documents": {"MAX_BYTES", "SUFFIXES", "read_document"},
        "rag.conversation": set(),
        "rag.text": set(),
        "rag.users": set(),
        "rag.index": set(),
        "rag.answering": set(),
        "ui": set(),
        "ui.login": set(),
        "ui.openai": set(),
        "eval": set(),
        "corpus": {"FOLDER"},
    }
    for name, wanted in exported.items():
        tree = ast.parse(Path(str(importlib.import_module(name).__file__)).read_text())
        found = {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Store)
            and node.id != "__all__"
        }
        found |= set(getattr(importlib.import_module(name), "__all__", ()))
        assert found == wanted, name


def test_no_file_tells_of_a_machine_or_of_a_package_index():
    told = []
    for path in files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        told += [f"{path.relative_to(REPOSITORY)}: {m.group()}" for m in ELSEWHERE.finditer(text)]
    assert told == []
