"""Sync: new, changed, renamed and deleted documents, by content; nothing is embedded twice."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from documents_on_disk import assert_whole, paragraph, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.embedding import Embedder
from rag.errors import ReadError
from rag.index import build
from rag.index.store import Index
from rag.model import Document, Filters, SyncReport

pytestmark = pytest.mark.usefixtures("probed_here")

Sync = Callable[..., SyncReport]
Opened = Callable[[], Index]


def contents(index: Index) -> dict[str, str]:
    return {document.id: document.text for document in index.catalog.documents()}


def passage_ids(index: Index) -> dict[str, list[int]]:
    return {d.id: [p.id for p in index.catalog.passages_of(d.id)] for d in documents(index)}


def documents(index: Index) -> list[Document]:
    return index.catalog.documents()


def test_a_first_sync_takes_every_document_in(press: Path, sync: Sync, opened: Opened):
    report = sync(press)
    assert report.added == ("press/cables.md", "press/rivers.md", "press/sub/bridges.md")
    assert report.passages_embedded == 3
    assert not (report.changed)
    assert not (report.removed)
    assert not (report.skipped)
    assert not (report.repaired)
    index = opened()
    assert_whole(index)
    assert index.catalog.count() == (3, 3)
    index.close()


def test_a_second_sync_embeds_nothing_and_leaves_the_same_ids(
    press: Path, sync: Sync, opened: Opened
):
    sync(press)
    before = passage_ids(opened())
    report = sync(press)
    assert report.unchanged == 3
    assert report.passages_embedded == 0
    assert not (report.added)
    assert not (report.changed)
    assert not (report.renamed)
    assert not (report.removed)
    assert passage_ids(opened()) == before


def test_a_touched_file_is_unchanged(press: Path, sync: Sync):
    sync(press)
    os.utime(press / "cables.md", (1, 1))
    assert sync(press).unchanged == 3


def test_a_changed_paragraph_embeds_only_its_own_passage(press: Path, sync: Sync, opened: Opened):
    file = press / "long.md"
    write(file, *(paragraph(subject) for subject in ("one", "two", "three")))
    sync(press)
    write(file, *(paragraph(subject) for subject in ("one", "other", "three")))
    report = sync(press)
    assert report.changed == ("press/long.md",)
    assert report.passages_embedded == 1
    index = opened()
    assert "other" in contents(index)["press/long.md"]
    assert_whole(index)


def test_a_changed_title_counts_as_a_change(press: Path, sync: Sync, opened: Opened):
    sync(press)
    write(press / "cables.md", paragraph("cables"), title="Another title")
    assert sync(press).changed == ("press/cables.md",)
    assert "Another title" in {document.title for document in documents(opened())}


def test_a_rename_embeds_nothing(press: Path, sync: Sync, opened: Opened):
    sync(press)
    (press / "cables.md").rename(press / "sub" / "moved.md")
    report = sync(press)
    assert report.renamed == (("press/cables.md", "press/sub/moved.md"),)
    assert report.passages_embedded == 0
    assert not (report.added)
    assert not (report.removed)
    assert not (report.skipped)
    index = opened()
    assert set(contents(index)) == {"press/rivers.md", "press/sub/bridges.md", "press/sub/moved.md"}
    assert_whole(index)


def test_a_folder_that_was_moved_brings_its_documents_along(
    press: Path, sync: Sync, opened: Opened, tmp_path: Path
):
    sync(press)
    moved = press.rename(tmp_path / "notes")
    report = sync(moved)
    assert report.renamed == (
        ("press/cables.md", "notes/cables.md"),
        ("press/rivers.md", "notes/rivers.md"),
        ("press/sub/bridges.md", "notes/sub/bridges.md"),
    )
    assert (report.passages_embedded, report.skipped) == (0, ())
    index = opened()
    assert [root.path for root in index.catalog.roots()] == [moved]
    assert_whole(index)
    assert sync(moved).unchanged == 3


def test_a_file_put_in_place_of_one_of_a_folder_that_is_gone_takes_its_text_over(
    press: Path, sync: Sync, opened: Opened, tmp_path: Path
):
    other = tmp_path / "other"
    other.mkdir()
    write(other / "notes.md", paragraph("notes"))
    sync(press, other)
    (press / "cables.md").replace(other / "notes.md")
    report = sync(other)
    assert (report.changed, report.removed) == (("other/notes.md",), ("press/cables.md",))
    assert_whole(opened())


def test_a_deleted_document_is_gone_from_both_indexes(press: Path, sync: Sync, opened: Opened):
    sync(press)
    (press / "cables.md").unlink()
    report = sync(press)
    assert report.removed == ("press/cables.md",)
    index = opened()
    assert not index.catalog.matching(["cabl", "cables"], 5)
    assert index.catalog.count() == (2, 2)
    assert_whole(index)


def test_two_files_that_exchange_names_both_stay(press: Path, sync: Sync, opened: Opened):
    sync(press)
    before = contents(opened())
    cables, rivers = press / "cables.md", press / "rivers.md"
    cables.rename(press / "x")
    rivers.rename(cables)
    (press / "x").rename(rivers)
    report = sync(press)
    assert not (report.skipped)
    assert not (report.removed)
    after = contents(opened())
    assert after["press/cables.md"] == before["press/rivers.md"]
    assert after["press/rivers.md"] == before["press/cables.md"]


def test_a_text_moved_away_from_a_file_that_got_another_is_no_duplicate(
    press: Path, sync: Sync, opened: Opened
):
    sync(press)
    shutil.copy(press / "cables.md", press / "z.md")
    write(press / "cables.md", paragraph("wires"))
    report = sync(press)
    assert not report.skipped
    assert report.passages_embedded == 1
    assert set(contents(opened())) >= {"press/cables.md", "press/z.md"}
    assert sync(press).unchanged == 4


def test_a_duplicate_is_passed_over_with_the_reason(press: Path, sync: Sync, opened: Opened):
    shutil.copy(press / "cables.md", press / "twin.md")
    for _ in range(2):
        report = sync(press)
        assert [one.path for one in report.skipped] == [str(press / "twin.md")]
        assert report.skipped[0].reason == (
            "has the same text as press/cables.md, which is indexed: remove one of them"
        )
    (press / "cables.md").unlink()
    report = sync(press)
    assert report.renamed == (("press/cables.md", "press/twin.md"),)
    assert report.passages_embedded == 0


def test_two_folders_stand_side_by_side(press: Path, sync: Sync, opened: Opened, tmp_path: Path):
    other = tmp_path / "other" / "press"
    write(other / "cables.md", paragraph("ropes"))
    sync(press)
    assert sync(other).added == ("press-2/cables.md",)
    assert len(contents(opened())) == 4
    shutil.rmtree(press / "sub")
    assert sync(press).removed == ("press/sub/bridges.md",)
    assert set(contents(opened())) == {"press/cables.md", "press/rivers.md", "press-2/cables.md"}


def test_the_same_folder_twice_is_one(press: Path, sync: Sync):
    assert len(sync(press, press, press / "cables.md").added) == 3


def test_a_file_of_a_known_folder_stays_the_document_it_was(
    press: Path, sync: Sync, opened: Opened
):
    sync(press)
    file = write(press / "sub" / "bridges.md", paragraph("tunnels"))
    report = sync(file)
    assert report.changed == ("press/sub/bridges.md",)
    assert not report.removed
    write(file, paragraph("ferries"))
    assert sync(press / "sub").changed == ("press/sub/bridges.md",)
    assert len(contents(opened())) == 3


def test_a_folder_around_known_ones_takes_them_over(press: Path, sync: Sync, opened: Opened):
    sync(press / "sub", press / "cables.md")
    report = sync(press)
    assert not report.skipped
    assert report.passages_embedded == 1
    assert report.added == ("press/rivers.md",)
    assert ("sub/bridges.md", "press/sub/bridges.md") in report.renamed
    index = opened()
    assert [root.path for root in index.catalog.roots()] == [press]
    assert_whole(index)


def test_a_single_file_brings_in_itself_only(
    press: Path, sync: Sync, opened: Opened, home: Path, embedder: Embedder
):
    assert sync(press / "cables.md").added == ("press/cables.md",)
    assert set(contents(opened())) == {"press/cables.md"}
    build.rebuild(home, embedder, [], lambda done, total, name: None, lambda: press)
    assert set(contents(opened())) == {"press/cables.md"}


def test_a_path_that_cannot_be_opened_changes_nothing(press: Path, sync: Sync, opened: Opened):
    sync(press)
    for path in (press / "none", Path("~no-such-user-here/x"), Path("a\udcffb"), press / "a.md/b"):
        with pytest.raises(ReadError, match=r"cannot be opened .*nothing was changed"):
            sync(press, path)
    assert len(contents(opened())) == 3


def test_a_folder_that_cannot_be_opened_keeps_its_documents(
    press: Path, sync: Sync, opened: Opened, monkeypatch: pytest.MonkeyPatch
):
    sync(press)
    (press / "rivers.md").unlink()
    real = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        report = sync(press)
    assert report.removed == ("press/rivers.md",)
    assert [one.path for one in report.skipped] == [str(press / "sub")]
    assert "Permission denied" in report.skipped[0].reason
    assert "press/sub/bridges.md" in contents(opened())
    assert sync(press).unchanged == 2


def test_a_file_that_turns_binary_or_unreadable_keeps_the_version_before(
    press: Path, sync: Sync, opened: Opened
):
    sync(press)
    before = contents(opened())
    (press / "cables.md").write_bytes(os.urandom(2000) + b"\0")
    (press / "rivers.md").unlink()
    (press / "rivers.md").symlink_to("nowhere.md")
    report = sync(press)
    assert not (report.changed)
    assert not (report.removed)
    assert {Path(one.path).name for one in report.skipped} == {"cables.md", "rivers.md"}
    assert all(one.reason.endswith("version indexed before is kept") for one in report.skipped)
    assert contents(opened()) == before


def test_what_has_no_format_of_ours_is_told_and_what_is_hidden_is_not(press: Path, sync: Sync):
    (press / "photo.jpg").write_bytes(b"\xff\xd8")
    (press / ".git").mkdir()
    write(press / ".git" / "a.md", paragraph("git"))
    (press / "module.py").write_text("pass\n")
    report = sync(press)
    assert [(Path(one.path).name, one.reason) for one in report.skipped] == [
        ("photo.jpg", ".jpg is not read; .md, .markdown, .txt, .html, .htm are")
    ]


@pytest.mark.parametrize("name", [b"caf\xe9.md", b"bell\x07.md", b"escape\x1b[31m.md"])
def test_a_name_that_cannot_be_shown_is_told_not_stumbled_over(
    press: Path, sync: Sync, name: bytes
):
    (Path(os.fsdecode(os.fsencode(press) + b"/" + name))).write_text("A text like any other.")
    report = sync(press)
    assert len(report.added) == 3
    assert "rename it" in report.skipped[0].reason
    report.skipped[0].path.encode()
    assert "\x1b" not in report.skipped[0].path


def test_an_emptied_folder_leaves_a_sound_empty_index(press: Path, sync: Sync, opened: Opened):
    sync(press)
    for file in press.rglob("*.md"):
        file.unlink()
    assert len(sync(press).removed) == 3
    report = sync(press)
    assert not report.repaired
    index = opened()
    assert index.is_sound()
    assert index.catalog.count() == (0, 0)
    write(press / "new.md", paragraph("news"))
    assert sync(press).added == ("press/new.md",)
    assert_whole(opened())


_NAMES = ("a.md", "b.md", "sub/c.md")
_SUBJECTS = ("cables", "rivers", "bridges")
_STEP = st.dictionaries(
    st.sampled_from(_NAMES), st.none() | st.sampled_from(_SUBJECTS), min_size=1, max_size=3
)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(_STEP, min_size=1, max_size=3))
def test_after_any_changes_the_index_is_what_the_folder_is_and_stays_so(
    steps: list[dict[str, str | None]], tmp_path_factory: pytest.TempPathFactory, embedder: Embedder
):
    base = tmp_path_factory.mktemp("steps")
    press, home = base / "press", base / "data"
    press.mkdir()

    def sync() -> SyncReport:
        return build.update(home, embedder, [press], lambda done, total, name: None)

    from rag.index import home as folders

    for step in steps:
        for name, subject in step.items():
            if subject:
                write(press / name, paragraph(subject))
            else:
                (press / name).unlink(missing_ok=True)
        sync()
        folder = folders.current(home)
        assert folder
        index = Index(folder, embedder)
        held = {(d.id.removeprefix("press/"), d.text) for d in index.catalog.documents(Filters())}
        files = {str(f.relative_to(press)): f.read_text() for f in press.rglob("*.md")}
        assert {text for _, text in held} == {t.split("---\n\n")[1].strip() for t in files.values()}
        assert {name for name, _ in held} <= set(files)
        assert len(held) == len({text for _, text in held})
        assert_whole(index)
        index.close()
    again = sync()
    assert not (again.added)
    assert not (again.changed)
    assert not (again.renamed)
    assert not (again.removed)
    assert again.passages_embedded == 0
