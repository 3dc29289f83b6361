"""Names of files that somebody sent."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.documents.naming import put, safe_name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Rapport d’été (2025).MD", "Rapport d’été (2025).md"),
        ("Закон об ИИ.txt", "Закон об ИИ.txt"),
        ("../../x.md", "x.md"),
        ("..\\..\\windows\\x.md", "x.md"),
        ("/etc/passwd", "passwd"),
        (".hidden.md", "hidden.md"),
        ('<img src=x onerror="alert(1)">.md', "img src-x onerror-alert(1).md"),
        ("a\x00b\nc\u202egnp.md", "a-b-c-gnp.md"),
        ("con.txt", "document-con.txt"),
        ("..", "document"),
        ("", "document"),
        ("x.m/d", "d"),
    ],
)
def test_of_any_name_a_safe_one_is_made(given: str, name: str):
    assert safe_name(given) == name


@given(st.text(max_size=400))
def test_no_name_leaves_the_folder_or_hides_in_it(given: str):
    name = safe_name(given)
    path = Path("/folder", name)
    assert path.parent == Path("/folder")
    assert path.name == name
    assert not name.startswith(".")
    assert len(name.encode()) <= 180
    assert name.isprintable()
    assert safe_name(name) == name


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path):
    folder = tmp_path / "documents"
    names = [put(folder, "report.md", data).name for data in (b"one", b"two", b"three")]
    assert names == ["report.md", "report-2.md", "report-3.md"]
    assert [(folder / name).read_bytes() for name in names] == [b"one", b"two", b"three"]
    assert len(list(folder.iterdir())) == 3
