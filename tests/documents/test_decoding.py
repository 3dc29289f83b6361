"""Bytes are read as the text they were, or refused by name."""

import os
from pathlib import Path

import pytest

from corpus import FOLDER
from rag.documents.decoding import decode
from rag.errors import ReadError

FRENCH = "L’été dernier, l’accord a été signé à Bakou : « une œuvre de longue haleine »…"
RUSSIAN = "Министр подписал в Баку соглашение о строительстве центра обработки данных."
TURKISH = "Bakan, yapay zekâ alanında yeni bir iş birliği anlaşması imzaladığını söyledi."
AZERBAIJANI = "Nazir süni intellekt sahəsində yeni müqavilənin imzalandığını bildirdi."
UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
UNICODE += ["utf-32", "utf-32-le", "utf-32-be"]
ASCII = str.maketrans({"’": "'", "“": '"', "”": '"', "«": '"', "»": '"', "—": "-", "–": "-"})
ASCII |= str.maketrans({"…": "...", "œ": "oe", "Œ": "OE", "№": "N", "\u202f": "\u00a0"})


@pytest.mark.parametrize("encoding", UNICODE)
@pytest.mark.parametrize("text", [FRENCH, RUSSIAN, TURKISH, AZERBAIJANI, "plain English"])
def test_unicode_is_read_with_and_without_a_mark(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), "a.txt") == text


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-32-be"])
def test_big_endian_marks_are_understood(encoding: str) -> None:
    assert decode(f"\ufeff{RUSSIAN}".encode(encoding), "a.txt") == RUSSIAN


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "cp1252"),
        ("Une phrase où l'accent est à sa place.", "latin-1"),
        ("Il va à Paris.", "latin-1"),
        ("Le chef-d'œuvre vaut 300 € à présent.", "iso8859-15"),
        ("The firm’s “plan” costs £5 million — or €6 million.", "cp1252"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN.upper(), "cp1251"),
        (RUSSIAN.upper(), "koi8-r"),
        ("Компания Nvidia поставит чипы в Баку.", "cp1251"),
        (TURKISH, "cp1254"),
        (TURKISH, "iso8859-9"),
        ("Kurul, “Özbekistan Yapay Zekâ İttifakı”nın çalışmalarını yürütecek.", "cp1254"),
    ],
)
def test_the_old_code_pages_are_told_from_one_sentence(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), "a.txt") == text


@pytest.mark.parametrize(
    ("lang", "encoding"),
    [
        ("fr", "cp1252"),
        ("fr", "latin-1"),
        ("en", "cp1252"),
        ("ru", "cp1251"),
        ("ru", "koi8-r"),
        ("tr", "cp1254"),
    ],
)
def test_every_paragraph_of_the_corpus_survives_an_old_code_page(lang: str, encoding: str) -> None:
    for text in paragraphs(FOLDER / lang):
        text = text if encodable(text, encoding) else text.translate(ASCII)
        if encodable(text, encoding):
            assert decode(text.encode(encoding), "a.txt") == text


def paragraphs(folder: Path) -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.md")]
    return [
        part
        for text in texts
        for part in text.split("\n\n")
        if len(part) > 80 and part[:3] != "---"
    ]


def encodable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH.translate(ASCII), "mac_roman"),
        (FRENCH.translate(ASCII), "cp850"),
        (RUSSIAN, "iso8859-5"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "mac_cyrillic"),
        ("記者会見で新しい計画が発表された。", "shift_jis"),
        ("Le réalisateur Nový a présenté son film à Paris.", "cp1252"),
        ("Guðmundsson a présenté son plan à Paris.", "cp1252"),
    ],
)
def test_what_cannot_be_told_is_refused_by_name(text: str, encoding: str) -> None:
    message = r"^note\.txt is not UTF-8 \(byte \d+\) and its encoding cannot be told .* as UTF-8$"
    with pytest.raises(ReadError, match=message):
        decode(text.encode(encoding), "note.txt")


def test_utf_8_with_a_broken_byte_is_not_read_as_a_code_page() -> None:
    data = FRENCH.encode()
    with pytest.raises(ReadError, match="is not UTF-8"):
        decode(data[:30] + b"\xff" + data[30:], "a.txt")


def test_utf_8_that_was_cut_in_a_letter_is_refused() -> None:
    with pytest.raises(ReadError, match="is not UTF-8"):
        decode(RUSSIAN.encode()[:51], "a.txt")


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"\xff\xfea\x00b", "UTF-16"), (b"\xff\xfe\x00\x00a\x00\x00", "UTF-32")],
)
def test_damaged_unicode_says_where(data: bytes, says: str) -> None:
    with pytest.raises(ReadError, match=rf"^a\.txt says it is {says} but is damaged at byte \d+: "):
        decode(data, "a.txt")


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01" + bytes(range(256)),
        b"a text with a\x00 zero byte",
        b"%PDF-1.7\n" + bytes(range(1, 32)) * 20,
        b"PK\x03\x04\x14\x00\x00\x00" + bytes(range(256)),
        b"\x1f\x8b\x08\x00" + bytes(range(256)),
    ],
)
def test_binary_content_is_named_as_such(data: bytes) -> None:
    with pytest.raises(ReadError, match=r"^a\.md is a binary file, not text: remove it"):
        decode(data, "a.md")


def test_noise_is_never_read() -> None:
    for _ in range(50):
        with pytest.raises(ReadError):
            decode(bytes(byte | 32 for byte in os.urandom(400)), "a.txt")


def test_a_declared_encoding_is_used_where_it_fits() -> None:
    text = "Nový film : Guðmundsson à Paris"
    assert decode(text.encode("cp1252"), "a.html", "iso-8859-1") == text


@pytest.mark.parametrize("declared", ["utf-8", "windows-1252", "no-such-encoding", "utf-16", "hex"])
def test_a_wrongly_declared_encoding_is_passed_over(declared: str) -> None:
    assert decode(RUSSIAN.encode("cp1251"), "a.html", declared) == RUSSIAN
