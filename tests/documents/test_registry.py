"""Whatever the format: bounded, titled, dated, in a known language, or refused by name."""

import os
import socket
from datetime import date
from pathlib import Path

import pytest

from rag.documents import MAX_BYTES, SUFFIXES, read_document
from rag.documents.registry import read_bytes
from rag.errors import ReadError
from rag.model import Document

FRENCH = "Le ministre a signé un accord avec une société américaine, a annoncé le gouvernement."


@pytest.fixture
def file(tmp_path: Path) -> "Write":
    return Write(tmp_path)


class Write:
    """Writes a file and reads it as a document."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str, content: str | bytes) -> Document:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_document(path, f"news/{name}")


def test_a_document_carries_what_its_front_matter_says(file: Write) -> None:
    source = (
        "---\ntitle: Un  accord\ndate: 2025-12-18\nlang: fr\npublisher: Le Journal\n"
        f"source_title: A deal\nsource_date: 2025-12-17\nsource_url: https://a.example\n---\n{FRENCH}"
    )
    assert file("a.md", source) == Document(
        id="news/a.md",
        title="Un accord",
        text=FRENCH,
        lang="fr",
        date=date(2025, 12, 18),
        publisher="Le Journal",
        source_title="A deal",
        source_date=date(2025, 12, 17),
        source_url="https://a.example",
    )


def test_bytes_at_hand_are_read_without_the_file() -> None:
    assert read_document(Path("nowhere/a.txt"), "x", FRENCH.encode()).text == FRENCH


def test_every_suffix_is_read_in_either_case(file: Write) -> None:
    for suffix in SUFFIXES:
        content = f"<p>{FRENCH}</p>" if suffix.startswith(".htm") else FRENCH
        assert file(f"a{suffix.upper()}", content).text == FRENCH


def test_the_title_comes_from_heading_line_or_file_name(file: Write) -> None:
    assert file("a.md", f"# Un accord\n\n{FRENCH}").title == "Un accord"
    assert file("a.txt", f"Un accord\n\n{FRENCH}").title == "Un accord"
    assert file("2025-12-18-un_accord-signe.md", FRENCH).title == "un accord signe"
    assert file("2025-12-18.md", FRENCH).title == "2025-12-18"


def test_a_title_that_opens_the_text_is_not_repeated(file: Write) -> None:
    assert file("a.md", f"---\ntitle: Un accord\n---\n**UN ACCORD**\n\n{FRENCH}").text == FRENCH


def test_the_date_comes_from_the_file_name_or_the_start_of_the_text(file: Write) -> None:
    assert file("2025-12-18-a.md", f"3 mars 2021. {FRENCH}").date == date(2025, 12, 18)
    assert file("a.md", f"Bakou, 18 décembre 2025. {FRENCH}").date == date(2025, 12, 18)
    assert file("a.md", f"{FRENCH * 4} Le 18 décembre 2025.").date is None
    assert file("a.md", FRENCH).date is None


def test_the_language_is_identified_where_it_is_not_given(file: Write) -> None:
    assert file("a.md", FRENCH).lang == "fr"
    assert file("a.md", "Министр подписал в Баку соглашение о строительстве центра.").lang == "ru"
    assert file("a.md", f"---\nlang: fr-FR\n---\n{FRENCH}").lang == "fr"
    page = f"<html lang='de'><body><article><h1>A</h1><p>{FRENCH * 3}</p></article></body></html>"
    assert file("a.html", page).lang == "fr"


def test_reading_its_own_text_changes_nothing(file: Write) -> None:
    source = f"Trois points :\n\n- un\n- deux\n\n{FRENCH}\n\nVoir plus\n\n> « Oui »\u00ad…\n"
    text = file("a.md", source).text
    assert text == f"Trois points :\n• un\n• deux\n\n{FRENCH}\n\n« Oui »…"
    assert file("b.txt", text).text == text


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.md", b"", r"^a\.md is empty: fill it or remove it$"),
        ("a.txt", b" \r\n\t\n", r"^a\.txt is empty: fill it or remove it$"),
        ("a.html", b"\n", r"^a\.html is empty: fill it or remove it$"),
        ("a.txt", "\u00a0\n\u200b".encode(), r"^a\.txt holds no text: fill it or remove it$"),
        ("a.md", b"---\ntitle: A\n---\n", r"^a\.md holds no text: fill it or remove it$"),
        ("a.md", b"# A title\n", r"^a\.md holds no text: fill it or remove it$"),
        ("a.md", b"![only](a.png)", r"^a\.md holds no text: fill it or remove it$"),
        ("a.md", b"***\n\n---", r"^a\.md holds no text: fill it or remove it$"),
        ("a.md", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", r"^a\.md is a binary file, not text: remove it"),
        ("a.md", b"---\nlang: de\n---\nx", r"^a\.md says its language is 'de': only fr, en, az, "),
        ("a.exe", b"x", r"^a\.exe: \.exe files are not read: save it as one of \.md, \.markdown, "),
        ("a", b"x", r"^a: a file without a suffix is not read: save it as one of \.md, "),
        (
            "a.txt",
            b"x" * 2_000_001,
            r"^a\.txt has 2,000,001 characters, over the limit of 2,000,000",
        ),
        ("a.md", b"x" * 2_000_001, r"^a\.md has 2,000,001 characters, .*: split it$"),
        (
            "a.md",
            b"x" * (MAX_BYTES + 1),
            r"^a\.md has 20\.0 MB, over the limit of 20 MB: split it$",
        ),
    ],
)
def test_what_is_no_document_is_refused_by_name(
    file: Write, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(ReadError, match=message) as refusal:
        file(name, content)
    assert "\n" not in str(refusal.value)


def test_bytes_at_hand_are_bounded_too() -> None:
    with pytest.raises(ReadError, match=r"over the limit of 20 MB"):
        read_document(Path("a.txt"), "x", b"x" * (MAX_BYTES + 1))


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to(tmp_path / "gone.md")
    with pytest.raises(ReadError, match=r"^a\.md is gone, or is a link to a file that is gone: "):
        read_document(tmp_path / "a.md", "x")


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to(tmp_path / "a.md")
    with pytest.raises(
        ReadError, match=r"^a\.md cannot be read \(.+\): allow this user to read it$"
    ):
        read_document(tmp_path / "a.md", "x")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").mkdir()
    with pytest.raises(ReadError, match=r"^a\.md is a folder, not a file: rename it or remove it$"):
        read_document(tmp_path / "a.md", "x")


def test_a_pipe_and_a_device_do_not_hang_the_reader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "zero.md").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket.md"))
        for name in ("pipe.md", "zero.md", "socket.md"):
            with pytest.raises(
                ReadError, match=rf"^{name} is a pipe, socket or device, not a file"
            ):
                read_document(tmp_path / name, "x")


def test_a_file_that_grows_while_it_is_read_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"x" * 200)
    monkeypatch.setattr("rag.documents.registry.MAX_BYTES", 200)
    assert len(read_bytes(path)) == 200
    monkeypatch.setattr("rag.documents.registry.MAX_BYTES", 100)
    with pytest.raises(ReadError, match="over the limit"):
        read_bytes(path)


def test_a_message_is_one_line_whatever_the_file_is_called(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"a\n\xff\x1b[31m.md")
    path.write_bytes(b"")
    with pytest.raises(ReadError, match="is empty") as refusal:
        read_document(path, "x")
    str(refusal.value).encode()
    assert str(refusal.value).isprintable()


def test_a_title_from_any_file_name_can_be_stored(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.md")
    path.write_text(FRENCH, encoding="utf-8")
    assert read_document(path, "x").title == "?"
