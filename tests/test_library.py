"""The library: documents come and go one by one, and whoever asks meanwhile is answered."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from command_line import Ran

from rag.embedding import Embedder, Matrix
from rag.errors import GazetteError, QuestionError, ReadError, StorageError
from rag.gazette import Gazette
from rag.index import home as folders
from rag.index import vectors
from rag.model import Filters, ListedDocument
from rag.settings import load_settings

MOON = b"A base on the moon\n\nThe base of Xanadu has 17 domes, wrote Kubla. It was begun in 1797."
DOMES = "How many domes has the base of Xanadu?"


@pytest.fixture(autouse=True)
def _probed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.index.store.is_sound", vectors.finds)


class Remembering:
    """The real embedder, which reads no text twice: every test begins with the same few."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.dimension = embedder.name, embedder.dimension
        self.latent_terms = embedder.latent_terms
        self.embed_query = cache(embedder.embed_query)
        self._passage = cache(lambda text: embedder.embed_passages([text])[0])

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        return np.stack([self._passage(text) for text in texts])


@pytest.fixture(scope="module")
def remembering(embedder: Embedder) -> Embedder:
    return Remembering(embedder)


@pytest.fixture
def press(tmp_path: Path) -> Path:
    """A folder of three documents."""
    folder = tmp_path / "press"
    folder.mkdir()
    for name, day, body in (
        ("cables", "2025-03-10", "The cable under the Caspian is 380 kilometres long."),
        ("rivers", "2025-07-10", "The river Kura is 1515 kilometres long, wrote Nəbiyev."),
        ("bridges", "2026-01-14", "The bridge at Tovuz was opened by Élise Dupont in winter."),
    ):
        front = f"title: On {name}\nlang: en\ndate: {day}\npublisher: The Daily {name.title()}"
        (folder / f"{name}.md").write_text(f"---\n{front}\n---\n\n{body}\n")
    return folder


@pytest.fixture
def opened(home: Path, remembering: Embedder, press: Path) -> Iterator[Gazette]:
    """That folder, synced and opened to be asked."""
    with Gazette(load_settings(home=home, answerer="extractive"), remembering) as gazette:
        gazette.sync([press])
        yield gazette


def ids(gazette: Gazette, words: str = "") -> list[str]:
    return [one.id for one in gazette.library.find(words).documents]


def only(gazette: Gazette, words: str) -> ListedDocument:
    (found,) = gazette.library.find(words).documents
    return found


def assert_agree(gazette: Gazette) -> None:
    """Both indexes hold the passages of the catalog, and no writing is under way."""
    index = gazette._opened()
    assert index.is_settled
    assert index.vectors().ids() == index.catalog.passage_ids()


# Looking


def test_the_newest_document_comes_first(opened: Gazette):
    assert ids(opened) == ["press/bridges.md", "press/rivers.md", "press/cables.md"]
    first = opened.library.find(n=1)
    assert first.total == 3
    assert first.documents == (
        ListedDocument(
            "press/bridges.md",
            "On bridges",
            "en",
            date(2026, 1, 14),
            "The Daily Bridges",
            passages=1,
            state="current",
            origin="folder",
        ),
    )
    assert [one.id for one in opened.library.find(start=1, n=1).documents] == ["press/rivers.md"]


@pytest.mark.parametrize("words", ["RIVERS", "the daily rîvers", "press/riv", "  on rivers "])
def test_words_are_found_whatever_their_accents_and_case(opened: Gazette, words: str):
    assert ids(opened, words) == ["press/rivers.md"]


def test_what_no_document_has_or_is_in_is_not_found(opened: Gazette):
    assert ids(opened, "rivers cables") == []
    assert opened.library.find(langs=("fr",)).total == 0
    assert opened.library.find(langs=("fr", "en")).total == 3


def test_an_empty_data_folder_has_an_empty_library(home: Path, embedder: Embedder):
    assert Gazette(load_settings(home=home), embedder).library.find().total == 0


def test_a_file_that_changed_or_went_says_so(opened: Gazette, press: Path):
    (press / "cables.md").write_text("The cable is longer now than it was then.")
    (press / "rivers.md").unlink()
    assert [one.state for one in opened.library.find().documents] == ["current", "gone", "changed"]


# Taking in


def test_an_uploaded_document_can_be_asked_for_at_once(opened: Gazette, home: Path):
    steps: list[tuple[int, int]] = []
    taken = opened.library.add("../../moon.txt", MOON, lambda *step: steps.append(step))
    assert taken.id == "documents/moon.txt"
    assert (taken.title, taken.state, taken.origin) == ("A base on the moon", "current", "uploaded")
    assert (home / "documents" / "moon.txt").read_bytes() == MOON
    assert steps == [(1, 1)]
    assert "17 domes" in opened.answer(DOMES).text
    assert_agree(opened)


def test_the_first_document_of_all_may_be_an_uploaded_one(home: Path, remembering: Embedder):
    with Gazette(load_settings(home=home, answerer="extractive"), remembering) as gazette:
        gazette.library.add("moon.txt", MOON)
        assert "17 domes" in gazette.answer(DOMES).text


def test_a_second_document_of_a_name_gets_another(opened: Gazette):
    first = opened.library.add("moon.txt", MOON)
    second = opened.library.add("moon.txt", MOON.replace(b"17", b"19"))
    assert (first.id, second.id) == ("documents/moon.txt", "documents/moon-2.txt")
    assert opened.document(first.id)[0].text != opened.document(second.id)[0].text


def test_a_text_that_is_indexed_is_refused_with_its_document(opened: Gazette, home: Path):
    opened.library.add("moon.txt", MOON)
    with pytest.raises(ReadError, match=r"again.txt has the same text as documents/moon.txt, whi"):
        opened.library.add("again.txt", MOON)
    assert [file.name for file in (home / "documents").iterdir()] == ["moon.txt"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.pdf", MOON, "pdf files are not read: save it as one of .md"),
        ("x", MOON, "a file without a suffix is not read"),
        ("x.txt", b"%PDF-1.7\n1 0 obj", "x.txt is a PDF, whatever its name: save its text as"),
        ("x.md", b"{\\rtf1 hello}", "x.md is an RTF file, whatever its name"),
        ("x.md", b"\x7fELF\0\0\0\1\2\0", "x.md is a binary file"),
        ("x.txt", b" \n", "x.txt is empty: fill it or remove it"),
        ("x.md", b"---\ntitle: a: b\n---\ntext", "x.md: its front matter is not valid YAML"),
        ("x.txt", b"x" * 20_000_001, "x.txt has 20.0 MB, over the limit of 20 MB: split it"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words_and_not_kept(
    opened: Gazette, home: Path, name: str, data: bytes, message: str
):
    with pytest.raises(ReadError, match=message.replace(".", r"\.")):
        opened.library.add(name, data)
    assert not (home / "documents").exists()
    assert len(ids(opened)) == 3


def test_of_one_that_cannot_be_indexed_no_file_stays(
    opened: Gazette, home: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise StorageError("no space left")

    monkeypatch.setattr("rag.index.catalog.Catalog.publish", full)
    with pytest.raises(StorageError, match="no space left"):
        opened.library.add("moon.txt", MOON)
    assert not list((home / "documents").iterdir())


def test_uploaded_documents_survive_a_rebuild(opened: Gazette):
    opened.library.add("moon.txt", MOON)
    opened.library.delete(["press/rivers.md"])
    report = opened.sync(rebuild=True)
    assert set(report.added) == {"press/bridges.md", "press/cables.md", "documents/moon.txt"}
    assert only(opened, "moon").origin == "uploaded"
    assert only(opened, "rivers").state == "deleted"


def test_while_another_program_writes_nothing_is_taken_in(opened: Gazette, home: Path):
    with folders.writing(home):
        for change in (
            lambda: opened.library.add("moon.txt", MOON),
            lambda: opened.library.delete(["press/rivers.md"]),
            lambda: opened.library.reread(["press/rivers.md"]),
        ):
            with pytest.raises(StorageError, match="another gazette sync is writing to .*: wait"):
                change()
    assert len(ids(opened)) == 3
    assert not list((home / "documents").iterdir())


# Pasting


def test_a_pasted_text_is_a_document_with_its_title_date_and_publisher(opened: Gazette, home: Path):
    taken = opened.library.paste(
        'Who said "yes: no"? ---', "The answer is Xanadu.", date(2026, 2, 3), "A: 'B'\n# c"
    )
    assert (taken.title, taken.date, taken.publisher) == (
        'Who said "yes: no"? ---',
        date(2026, 2, 3),
        "A: 'B' # c",
    )
    assert (home / taken.id).is_file()
    assert opened.document(taken.id)[0].text == "The answer is Xanadu."


@pytest.mark.parametrize(
    ("title", "publisher", "message"),
    [
        (" - ", "", "the text has no title: give it one"),
        ("x" * 301, "", "the title has 301 characters, over the limit of 300: shorten it"),
        ("x", "y" * 301, "the publisher has 301 characters"),
    ],
)
def test_a_title_that_is_none_is_refused(opened: Gazette, title: str, publisher: str, message: str):
    with pytest.raises(ReadError, match=message):
        opened.library.paste(title, "Some text of some length.", None, publisher)


def test_what_was_taken_in_is_found_when_the_data_folder_is_moved(
    opened: Gazette, remembering: Embedder, home: Path, tmp_path: Path
):
    opened.library.add("moon.txt", MOON)
    opened.close()
    home.rename(tmp_path / "elsewhere")
    settings = load_settings(home=tmp_path / "elsewhere", answerer="extractive")
    with Gazette(settings, remembering) as moved:
        found = only(moved, "moon")
        assert (found.state, found.origin) == ("current", "uploaded")
        assert only(moved, "rivers").state == "current"
        assert not moved.library.reread([found.id]).skipped
        assert moved.library.add("moon.txt", MOON + b" It grew.").id == "documents/moon-2.txt"
        moved.library.delete([found.id])
        assert not (tmp_path / "elsewhere" / "documents" / "moon.txt").exists()
        assert not moved.sync(rebuild=True).skipped
        assert len(ids(moved)) == 4
        assert only(moved, "moon-2").state == "current"
        assert_agree(moved)


def test_an_index_that_knows_the_uploads_by_their_whole_path_is_used_on(
    opened: Gazette, remembering: Embedder, home: Path, tmp_path: Path
):
    opened.library.add("moon.txt", MOON)
    catalog = opened._opened().catalog
    with catalog._transaction() as c:
        change = "UPDATE roots SET path = ? WHERE name = 'documents'"
        c.exec_driver_sql(change, (str(home / "documents"),))
    assert only(opened, "moon").state == "current"
    opened.library.add("mars.txt", MOON + b" It grew.")
    assert {root.name for root in catalog.roots()} == {"press", "documents"}
    opened.close()
    home.rename(tmp_path / "elsewhere")
    with Gazette(load_settings(home=tmp_path / "elsewhere"), remembering) as moved:
        assert [only(moved, name).state for name in ("moon.txt", "mars")] == ["current"] * 2


# Reading again


def test_a_changed_file_is_read_again(opened: Gazette, press: Path):
    file = press / "cables.md"
    file.write_text(file.read_text().replace("380", "412"))
    (press / "rivers.md").unlink()
    report = opened.library.reread(["press/cables.md", "press/rivers.md"])
    assert report.changed == ("press/cables.md",)
    assert "rivers.md is gone" in report.skipped[0].reason
    assert "the version indexed before is kept" in report.skipped[0].reason
    assert "412" in opened.answer("How long is the cable under the Caspian?").text
    assert only(opened, "cables").state == "current"


# Taking out


def test_an_uploaded_document_that_is_deleted_is_gone_for_good(opened: Gazette, home: Path):
    taken = opened.library.add("moon.txt", MOON)
    opened.library.delete([taken.id])
    assert not list((home / "documents").iterdir())
    assert ids(opened, "moon") == []
    assert "17 domes" not in opened.answer(DOMES).text
    assert not opened._opened().catalog.matching(["xanad"], 5)
    assert_agree(opened)


def test_a_deleted_document_of_a_folder_keeps_its_file_and_stays_out(opened: Gazette, press: Path):
    before = (press / "rivers.md").read_bytes()
    opened.library.delete(["press/rivers.md"])
    assert (press / "rivers.md").read_bytes() == before
    gone = only(opened, "rivers")
    assert (gone.state, gone.passages, gone.title) == ("deleted", 0, "On rivers")
    report = opened.sync([press])
    assert report.left_out == (str(press / "rivers.md"),)
    assert not report.skipped and report.unchanged == 2
    assert "1515" not in opened.answer("How long is the river Kura?").text
    assert_agree(opened)


def test_it_comes_back_when_it_is_restored(opened: Gazette):
    opened.library.delete(["press/rivers.md", "press/cables.md"])
    assert opened.library.restore(["press/rivers.md"]).added == ("press/rivers.md",)
    assert only(opened, "rivers").state == "current"
    assert only(opened, "cables").state == "deleted"
    assert "1515" in opened.answer("How long is the river Kura?").text


def test_the_command_line_says_what_is_left_out_and_brings_it_back(
    opened: Gazette, press: Path, cli: Callable[..., Ran]
):
    opened.library.delete(["press/rivers.md"])
    file = press / "rivers.md"
    done = cli("sync", str(press))
    assert done.code == 0
    assert done.err == (
        f"left out {file}: it was deleted on purpose; gazette sync {file} brings it back\n"
    )
    assert json.loads(cli("sync", "--json", str(press)).out)["left_out"] == [str(file)]
    assert "1 added" in cli("sync", str(file)).out
    assert cli("sync", str(press)).err == ""
    assert only(opened, "rivers").state == "current"


def test_a_file_that_went_is_left_out_no_more(opened: Gazette, press: Path):
    opened.library.delete(["press/rivers.md"])
    (press / "rivers.md").rename(press.parent / "rivers.md")
    assert opened.sync([press]).left_out == ()
    (press.parent / "rivers.md").rename(press / "rivers.md")
    assert opened.sync([press]).added == ("press/rivers.md",)


@pytest.mark.parametrize("change", ["delete", "reread", "restore"])
def test_a_document_that_does_not_exist_is_named_and_nothing_is_done(opened: Gazette, change: str):
    with pytest.raises(QuestionError, match=r"'press/none.md' is (indexed|left out): look at the"):
        getattr(opened.library, change)(["press/none.md"])
    assert len(opened.documents()) == 3


def test_stored_answers_outlive_the_documents_they_quote(opened: Gazette):
    *_, kept, _ = opened.converse("How long is the river Kura?", keep=True)
    opened.library.delete(["press/rivers.md"])
    stored = opened.conversations.get(kept.conversation)  # type: ignore[union-attr]
    answer = stored.turns[0].answer
    assert "1515" in answer.citations[0].quote
    assert opened.states(answer)["press/rivers.md"] == "gone"


# Asking meanwhile


def test_questions_are_answered_while_documents_come_and_go(opened: Gazette):
    failed: list[BaseException] = []
    answers: list[str] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            try:
                answer = opened.answer("How long is the cable under the Caspian?")
                answers.append(answer.text)
                failed.extend(AssertionError(n) for n in answer.told if "sync" in n)
            except GazetteError as error:
                failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for round_ in range(4):
        taken = opened.library.add("moon.txt", MOON + str(round_).encode())
        assert opened.search(DOMES, n=1).hits[0].document.id == taken.id
        opened.library.delete([taken.id, "press/rivers.md"])
        opened.library.restore(["press/rivers.md"])
    done.set()
    for thread in threads:
        thread.join()
    assert not failed
    assert answers and all("380" in text for text in answers)
    assert_agree(opened)


def test_the_last_document_may_go_while_a_question_is_answered(opened: Gazette):
    events = opened.ask("How long is the cable under the Caspian?", Filters())
    next(events)
    opened.library.delete(["press/cables.md", "press/rivers.md", "press/bridges.md"])
    *_, last = events
    assert last.answer.question  # type: ignore[union-attr]
    opened.library.add("moon.txt", MOON)
    assert "17 domes" in opened.answer(DOMES).text


def test_changes_at_once_are_made_one_after_the_other(opened: Gazette):
    def add(number: int) -> None:
        opened.library.add("moon.txt", MOON + str(number).encode())

    threads = [threading.Thread(target=add, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened.library.find("moon").total == 5
    assert_agree(opened)
