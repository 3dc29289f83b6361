"""What went wrong, told in five languages: every kind of failure, as it really comes about."""

import errno
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from ollama_server import OllamaServer

from rag.answering.chat import Limits, replies
from rag.conversation.store import Conversations
from rag.documents import read_document
from rag.documents.raw import bounded
from rag.documents.registry import read_bytes
from rag.errors import GazetteError, Kind, ReadError
from rag.gazette import Gazette, clean_question
from rag.index.home import storage_errors, writing
from rag.model import LANGUAGES, Answer, Filters
from rag.settings import load_settings
from ui.asked import Asked
from ui.failures import failure_of
from ui.i18n import number, words
from ui.reading import _version


class Silent:
    """A model that never writes."""

    def stream_chat(self, messages: object) -> Any:
        time.sleep(1)
        yield from ()


class Failing:
    """A model whose server breaks."""

    def stream_chat(self, messages: object) -> Any:
        raise OSError("the runner has stopped")


def read(name: str, data: bytes) -> Callable[..., object]:
    return lambda *_: read_document(Path(name), name, data)


def writing_twice(small: Gazette, home: Path) -> None:
    with writing(home), writing(home):
        pass


def no_space(small: Gazette, home: Path) -> None:
    with storage_errors(home):
        raise OSError(errno.ENOSPC, "No space left on device")


def answered_by(llm: object, seconds: float) -> Callable[..., object]:
    limits = Limits(seconds, seconds)
    return lambda *_: list(replies(llm, [], limits, "qwen3:4b", "Ollama at x"))


def asked_of(**settings: Any) -> Callable[..., object]:
    def ask(small: Gazette, home: Path) -> None:
        Gazette(load_settings(home=home, answerer="ollama", **settings)).check_answerer()

    return ask


def asked_of_one_without_the_model(small: Gazette, home: Path) -> None:
    with OllamaServer() as server:
        asked_of(ollama_hosts=server.host, ollama_model="absent")(small, home)


def changed_turn(small: Gazette, home: Path) -> None:
    store = Conversations(home)
    answer = Answer("Who?", "en", "extractive", "Nobody.", (), (), True, ())
    kept = store.append(answer, datetime.now(UTC))
    try:
        store.history(kept.conversation, before=5)
    finally:
        store.close()


def front(line: str) -> bytes:
    return f"---\n{line}\n---\n\nThe quay is long.\n".encode()


PROVOKED: dict[str, Callable[[Gazette, Path], object]] = {
    "empty_question": lambda *_: clean_question(" ?! "),
    "long_question": lambda *_: clean_question("x" * 2001),
    "no_document": lambda small, _: small.search("Who?", Filters(docs=("press/{x}.md",))),
    "no_publisher": lambda small, _: small.search("Who?", Filters(publishers=("<b>",))),
    "nothing_indexed": lambda _, home: Gazette(load_settings(home=home)).search("Who?"),
    "no_model_server": asked_of(),
    "no_model": asked_of_one_without_the_model,
    "model_silent": answered_by(Silent(), 0.01),
    "model_failed": answered_by(Failing(), 60),
    "other_type": read("a.pdf", b"text"),
    "empty": read("a.md", b" \n"),
    "not_text": read("a.md", b"%PDF-1.7"),
    "too_big": read("a.md", b"x" * 20_000_001),
    "too_long": lambda *_: bounded("x" * 1235, "a.md", 1234),
    "encoding": read("a.txt", b"\xef\xbb\xbfA quay \xff\xfe"),
    "no_text": read("a.txt", b"... --- ..."),
    "no_article": read("a.html", b"<html><body><p></p></body></html>"),
    "not_html": read("a.html", b"The quay is long."),
    "too_deep": read("a.md", b">" * 500 + b" deep"),
    "other_language": read("a.md", front("lang: de")),
    "front_matter": read("a.md", front("- a list")),
    "bad_date": read("a.md", front("date: soon")),
    "same_text": lambda small, _: small.library.paste("Again", small.documents()[0].text),
    "file_gone": lambda _, home: read_bytes(home / "gone.md"),
    "file_closed": lambda _, home: read_bytes(home / f"{'x' * 300}.md"),
    "no_title": lambda small, _: small.library.paste(" … ", "The quay is long."),
    "text_changed": lambda small, _: _version(small, small.documents()[0].id, "0" * 64, "", -1, ""),
    "no_conversation": lambda _, home: Conversations(home).get("abc"),
    "turn_changed": changed_turn,
    "no_new_title": lambda _, home: Conversations(home).rename("abc", " \n "),
    "busy": writing_twice,
    "full": no_space,
    "unusable": lambda *_: Asked.model_validate({"question": "Who?", "surprise": 1}),
    "crashed": lambda *_: [][0],
}
"""How each kind comes about."""


def test_every_kind_has_words_and_is_provoked_here():
    kinds = {*get_args(Kind), "unusable", "crashed"} - {""}
    assert set(words("failures", "fr")) == set(PROVOKED) == kinds


@pytest.mark.parametrize("kind", PROVOKED)
def test_a_failure_is_told_in_each_language_with_its_values(
    kind: str, small: Gazette, tmp_path: Path
):
    with pytest.raises(Exception, match=r"\S") as raised:
        PROVOKED[kind](small, tmp_path)
    failure = failure_of(raised.value)
    assert failure.kind == kind
    for language in LANGUAGES:
        told = failure.told(language)
        assert not told.is_english
        for value in failure.values.values():
            assert (number(value, language) if isinstance(value, int) else value) in told.text
        assert "gazette " not in told.text and "GAZETTE_" not in told.text, "a terminal's remedy"
    assert len({failure.told(language).text for language in LANGUAGES}) == len(LANGUAGES)


def test_numbers_are_written_as_the_language_writes_them():
    with pytest.raises(GazetteError) as raised:
        clean_question("x" * 2001)
    assert "2\u202f001 caractères, 2\u202f000 au plus" in failure_of(raised.value).told("fr").text


def test_what_has_no_kind_is_told_in_english_on_one_line():
    told = failure_of(ReadError("the moon\n is full {x}: wait")).told("ru")
    assert (told.text, told.is_english) == ("The moon is full {x}: wait", True)


def test_a_name_that_begins_what_is_told_stays_as_it_is():
    told = failure_of(ReadError("bad.md has 9,000 brackets: split it")).told("fr")
    assert told.text == "bad.md has 9,000 brackets: split it"


def test_only_what_nobody_expected_is_logged(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR):
        failure_of(ReadError("a.md is empty", "empty", name="a.md"))
        assert not caplog.text
        failure_of(RuntimeError("secret detail"))
    assert "secret detail" in caplog.text


def test_a_failure_told_anew_keeps_its_kind():
    error = ReadError("a.md is empty", "empty", name="a.md").retold("a.md is empty, again")
    assert (str(error), error.kind, error.values) == (
        "a.md is empty, again",
        "empty",
        {"name": "a.md"},
    )
