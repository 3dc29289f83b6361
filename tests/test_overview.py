"""The overview: what the index holds, who would answer, and that nobody waits for it."""

import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from ollama_server import OllamaServer

from rag.embedding import Embedder
from rag.errors import IndexStateError
from rag.gazette import Gazette
from rag.index import vectors
from rag.model import Notice, Overview
from rag.settings import load_settings

CLOSED = "http://127.0.0.1:9"


@pytest.fixture
def over(small_home: Path, embedder: Embedder) -> Iterator[Gazette]:
    """The small index, which answers by quotation."""
    with Gazette(load_settings(home=small_home, answerer="extractive"), embedder) as opened:
        yield opened


def answering(small_home: Path, embedder: Embedder, **settings: str) -> Overview:
    """Told once it is known who answers."""
    with Gazette(load_settings(home=small_home, **settings), embedder) as opened:
        while not ((found := opened.overview()).answerer or found.notice):
            assert found.model == ""
        return found


def test_what_the_index_holds(over: Gazette):
    found = over.overview()
    held = over.documents()
    assert found.documents == len(held) == 4
    assert found.passages == sum(len(over.document(one.id)[1]) for one in held)
    assert list(found.languages.items()) == [("en", 2), ("fr", 1), ("ru", 1)]
    assert found.publishers == {
        "Azernews": 1,
        "Kursiv": 1,
        "Le Courrier": 1,
        "[red]Bold & Sons[/red]": 1,
    }
    assert (found.first, found.last) == (date(2025, 3, 10), date(2026, 1, 14))
    assert (found.answerer, found.model, found.notice) == ("extractive", "", None)


def test_each_sync_notes_when_it_ended_even_one_that_changes_nothing(
    small_home: Path, home: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("rag.index.store.is_sound", vectors.finds)
    shutil.copytree(small_home, home)
    with Gazette(load_settings(home=home, answerer="extractive"), embedder) as own:
        before = own.overview().synced
        assert before
        revision = own._opened().catalog.revision()
        report = own.sync([small_home.parent / "press"])
        assert report.unchanged == 4
        after = own.overview().synced
        assert after
        assert before < after <= datetime.now(UTC)
        assert own._opened().catalog.revision() == revision


def test_an_older_index_does_not_say_when_it_was_synced(
    small_home: Path, home: Path, embedder: Embedder
):
    shutil.copytree(small_home, home)
    with Gazette(load_settings(home=home, answerer="extractive"), embedder) as own:
        own._opened().catalog.remember({"synced": ""})
        assert own.overview().synced is None


def test_a_model_that_would_answer_is_named(small_home: Path, embedder: Embedder):
    with OllamaServer() as server:
        found = answering(small_home, embedder, ollama_hosts=server.host)
    assert (found.answerer, found.model, found.notice) == ("ollama", "stand-in:4b", None)


def test_why_no_model_answers_is_told(small_home: Path, embedder: Embedder):
    found = answering(small_home, embedder, answerer="auto")
    assert (found.answerer, found.model) == ("extractive", "")
    said = f"answered by quotation: no Ollama at {CLOSED}: start it with `ollama serve`"
    assert found.notice == Notice(said, "by_quotation")
    found = answering(small_home, embedder, answerer="ollama")
    assert (found.answerer, found.model) == (None, "")
    assert found.notice and found.notice.kind == "no_model_server"
    assert found.notice.text.startswith(f"no Ollama at {CLOSED}")
    assert found.notice.text.endswith("or set GAZETTE_ANSWERER=extractive to answer without it")


def test_nobody_waits_for_a_server_that_says_nothing_and_it_is_known_later(
    small_home: Path, embedder: Embedder
):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings = load_settings(home=small_home, ollama_hosts=host)
        with Gazette(settings, embedder) as own:
            first = own.overview()
            assert (first.answerer, first.model, first.notice) == (None, "", None)
            assert first.documents == 4
            waiting, _ = silent.accept()
            silent.close()
            waiting.close()
            while (later := own.overview()).answerer is None:
                assert later.notice is None
    assert later.answerer == "extractive"
    assert later.notice and host in later.notice.text


def test_without_an_index_there_is_nothing_to_tell(home: Path, embedder: Embedder):
    with pytest.raises(IndexStateError, match="nothing is indexed .*run gazette sync"):
        Gazette(load_settings(home=home), embedder).overview()
