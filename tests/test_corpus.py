"""The shipped corpus is what it says it is."""

from pathlib import Path

import pytest

from corpus import FOLDER
from corpus.check import check, files, main, missing_documents

SENTENCE = "Le ministre a signé un accord avec une société américaine, a annoncé le gouvernement. "
FRONT = (
    "---\ntitle: Un accord\ndate: 2025-12-18\nlang: fr\npublisher: Le Journal\n"
    "source_title: A deal\nsource_date: 2025-12-17\n---\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fr").mkdir()
    return tmp_path


def defects(folder: Path, text: str, name: str = "2025-12-18-accord.md") -> list[str]:
    path = folder / "fr" / name
    path.write_text(text, encoding="utf-8")
    return list(check(path, folder).defects)


def test_the_shipped_documents_have_no_defect(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0, capsys.readouterr().err
    assert capsys.readouterr().out.splitlines()[0].split() == [
        "lang",
        "documents",
        "least",
        "words",
        "publishers",
    ]


def test_only_documents_are_counted() -> None:
    assert {path.suffix for path in files()} == {".md"}
    assert all(path.parent.parent == FOLDER for path in files())


def test_a_good_document_has_no_defect(folder: Path) -> None:
    assert defects(folder, FRONT + SENTENCE * 20) == []


def test_every_missing_key_is_named(folder: Path) -> None:
    found = defects(folder, SENTENCE * 20)
    for key in ("title", "date", "lang", "publisher", "source_title", "source_date"):
        assert f"fr/2025-12-18-accord.md: front matter lacks {key}" in found


@pytest.mark.parametrize(
    ("text", "name", "defect"),
    [
        (FRONT + SENTENCE, "2025-12-18-a.md", "the body has 14 words, not 150 to 600"),
        (FRONT + SENTENCE * 50, "2025-12-18-a.md", "the body has 700 words, not 150 to 600"),
        (FRONT + SENTENCE * 20, "a.md", "the file name does not begin with its date 2025-12-18-"),
        (
            FRONT.replace("lang: fr", "lang: en") + SENTENCE * 20,
            "2025-12-18-a.md",
            "lang is en but the folder is fr",
        ),
        (
            FRONT + "The minister signed an agreement with the company on Thursday. " * 20,
            "2025-12-18-a.md",
            "lang is fr but the text reads as en",
        ),
        ("", "2025-12-18-a.md", "2025-12-18-a.md is empty: fill it or remove it"),
    ],
)
def test_each_defect_is_named(folder: Path, text: str, name: str, defect: str) -> None:
    assert f"fr/{name}: {defect}" in defects(folder, text, name)


def test_too_few_documents_are_a_defect(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "fr: 0 documents, fewer than 12" in missing_documents([])
    assert main(folder) == 1
    assert "in all: 0 documents, fewer than 36" in capsys.readouterr().err
