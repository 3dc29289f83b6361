"""A small corpus of one's own to ask, change and store conversations beside."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.conversation.store import Conversations
from rag.embedding import Embedder
from rag.gazette import Gazette
from rag.model import Answer, Finished, Kept
from rag.settings import load_settings


@pytest.fixture
def copied(small_home: Path, home: Path) -> Path:
    """The small index in the data folder of this test, to be written to."""
    shutil.copytree(small_home, home)
    return home


@pytest.fixture
def asked(copied: Path, embedder: Embedder) -> Iterator[Gazette]:
    """The small index, which answers by quotation and stores."""
    settings = load_settings(home=copied, answerer="extractive", keep=True)
    with Gazette(settings, embedder) as opened:
        yield opened


@pytest.fixture
def converse(asked: Gazette) -> Callable[..., tuple[str, Answer]]:
    """Ask and store: (the conversation's id, the answer)."""

    def run(question: str, conversation: str = "", **how: object) -> tuple[str, Answer]:
        *_, kept, last = asked.converse(question, conversation, **how)  # type: ignore[arg-type]
        assert isinstance(kept, Kept)
        assert isinstance(last, Finished)
        return kept.conversation, last.answer

    return run


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Conversations]:
    """A store by itself, nothing in it yet."""
    folder = tmp_path / "store"
    folder.mkdir()
    opened = Conversations(folder)
    yield opened
    opened.close()
