"""What readers are told, in five languages: every kind of it, as it really comes about."""

import errno
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from ollama_server import OllamaServer

from rag.answering.chat import Limits, replies
from rag.conversation.store import Conversations
from rag.documents import read_document
from rag.documents.raw import bounded
from rag.documents.registry import read_bytes
from rag.errors import GazetteError, ReadError
from rag.gazette import Gazette, clean_question
from rag.index.home import storage_errors, writing
from rag.model import LANGUAGES, Answer, Cited, Filters, Notice, Turn
from rag.notice import Kind
from rag.settings import load_settings
from rag.wording import Told, notice_words, number, told
from ui.asked import Asked
from ui.notices import failure, notice_of
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


def over_a_file_that_is_no_database(small: Gazette, home: Path) -> None:
    (home / "conversations.db").write_bytes(b"no database" * 1000)
    Conversations(home).listed()


def over_an_index_of_another_version(small: Gazette, home: Path) -> None:
    (home / "index.json").write_text('{"layout": 0, "generation": "1"}')
    Gazette(load_settings(home=home)).answer("Who?")


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
    "data_unusable": over_a_file_that_is_no_database,
    "index_unusable": over_an_index_of_another_version,
    "unusable": lambda *_: Asked.model_validate({"question": "Who?", "surprise": 1}),
    "crashed": lambda *_: [][0],
}
"""How each kind comes about."""


QUESTION = "How long is the cable under the Caspian?"
WHOLE = "The cable will be 380 kilometres long."
HALF = f"{WHOLE} Its capacity will reach 400 terabits per second. And so on and so on."


def written(script: dict[str, Any], question: str = QUESTION, **how: Any) -> Callable[..., Answer]:
    """What an Ollama server that follows ``script`` makes of a question."""
    history, passages = how.pop("history", ()), how.pop("passages", None)

    def ask(home: Path, server: OllamaServer) -> Answer:
        server.configure(**{"reply": WHOLE, **script})
        settings = load_settings(**{"home": home, "ollama_hosts": server.host, **how})
        with Gazette(settings) as gazette:
            return gazette.answer(question, passages=passages, history=history)

    return ask


def quoted(home: Path, _: OllamaServer) -> Answer:
    with Gazette(load_settings(home=home, answerer="auto")) as gazette:
        return gazette.answer(QUESTION)


def written_by_the_second(home: Path, server: OllamaServer) -> Answer:
    server.configure(reply=WHOLE)
    with OllamaServer() as first:
        first.configure(way="error")
        return written({}, ollama_hosts=f"{first.host},{server.host}")(home, server)


def of_no_time(*chosen: str) -> Callable[..., Answer]:
    def ask(home: Path, _: OllamaServer) -> Answer:
        with Gazette(load_settings(home=home, answerer="extractive")) as gazette:
            docs = tuple(one.id for one in gazette.documents() if one.id.endswith(chosen))
            question = "What did Azernews write about the cable yesterday?"
            return gazette.answer(question, Filters(docs=docs), today=date(2031, 1, 2))

    return ask


def over_a_damaged_index(home: Path, _: OllamaServer) -> Answer:
    with Gazette(load_settings(home=home, answerer="extractive")) as gazette:
        shutil.rmtree(gazette._opened().vectors_folder)
        return gazette.answer(QUESTION)


def during_a_sync(home: Path, _: OllamaServer) -> Answer:
    with Gazette(load_settings(home=home, answerer="extractive")) as gazette:
        gazette._opened().catalog.remember({"writing_vectors": "yes"})
        return gazette.answer(QUESTION)


def stopped(home: Path, server: OllamaServer) -> Answer:
    found: list[Answer] = []
    with Gazette(load_settings(home=home, answerer="extractive", keep=True)) as gazette:
        events = gazette.converse(QUESTION, on_stop=lambda answer, _: found.append(answer))
        for event in events:
            if isinstance(event, Cited):
                break
        events.close()
    return found[0]


def not_kept(home: Path, _: OllamaServer) -> Answer:
    (home / "conversations.db").write_bytes(b"no database" * 1000)
    with Gazette(load_settings(home=home, answerer="extractive", keep=True)) as gazette:
        *_, last = gazette.converse(QUESTION)
    return last.answer


INVENTED = "What does the Alpine tunnel of 1882 cost?"
KABLO = "Kablo 380 kilometre uzunluğunda olacak."
SAID = [Turn(QUESTION, f"{WHOLE} [1]")]
LIMITS = {"ollama_silence_timeout": 1.0}
NOTICED: dict[str, Callable[[Path, OllamaServer], Answer]] = {
    "by_quotation": quoted,
    "by_model": written({}),
    "another_server": written_by_the_second,
    "read_by_rules": written({"reply": INVENTED}, "And how much does it cost?", history=SAID),
    "widened": of_no_time(),
    "widened_chosen": of_no_time(".md"),
    "sync_under_way": during_a_sync,
    "vectors_damaged": over_a_damaged_index,
    "passages_unread": written({}, ollama_num_ctx=2048, passages=50),
    "prompt_cut": written({"way": "forgets", "window": 64}),
    "other_tongue": written({"way": "strays", "foreign": KABLO}, unsupported="mark"),
    "left_out": written({"reply": f"{WHOLE} It was built by Siemens."}),
    "marked": written({"reply": f"{WHOLE} It was built by Siemens."}, unsupported="mark"),
    "own_sentences": written({"reply": "It was built by Siemens."}),
    "stopped": stopped,
    "not_kept": not_kept,
    "model_fell_silent": written({"way": "stalls", "after": 24, "reply": HALF}, **LIMITS),
    "model_cut_off": written({"way": "cut", "after": 24, "reply": HALF}),
}
"""How each kind comes to be told of an answer."""


@pytest.fixture(scope="module")
def server() -> Iterator[OllamaServer]:
    with OllamaServer() as running:
        yield running


def check_words(notice: Notice) -> None:
    """It is worded in every language, with its values and without a terminal's remedies."""
    for language in LANGUAGES:
        said = told(notice, language)
        assert said.lang == language
        for value in notice.values.values():
            assert (number(value, language) if isinstance(value, int) else value) in said.text
        rest = said.text.replace("gazette doctor", "")
        assert "gazette " not in rest and "GAZETTE_" not in rest, "a terminal's remedy"
    unlike = {told(notice, language).text for language in LANGUAGES}
    assert len(unlike) >= len(LANGUAGES) - 1  # Azerbaijani and Turkish have words in common


def test_every_kind_has_words_and_comes_about_here():
    kinds = {*get_args(Kind)} - {""}
    assert set(notice_words()) == {*PROVOKED, *NOTICED} == kinds


@pytest.mark.parametrize("kind", PROVOKED)
def test_a_failure_is_told_in_each_language_with_its_values(
    kind: str, small: Gazette, tmp_path: Path
):
    with pytest.raises(Exception, match=r"\S") as raised:
        PROVOKED[kind](small, tmp_path)
    notice = notice_of(raised.value)
    assert notice.kind == kind
    check_words(notice)


@pytest.mark.parametrize("kind", NOTICED)
def test_a_notice_of_an_answer_is_told_in_each_language(
    kind: str, small: Gazette, tmp_path: Path, server: OllamaServer
):
    home = shutil.copytree(small.settings.home, tmp_path / "home")
    answer = NOTICED[kind](home, server)
    assert kind in [notice.kind for notice in answer.notices], answer.told
    for notice in answer.notices:
        check_words(notice)


def test_numbers_are_written_as_the_language_writes_them():
    with pytest.raises(GazetteError) as raised:
        clean_question("x" * 2001)
    assert "2\u202f001 caractères, 2\u202f000 au plus" in failure(raised.value, "fr")


def test_what_was_stored_when_its_kind_had_other_values_is_told_in_english():
    notice = Notice("answered by m", "by_model", {"name": "m"})
    assert told(notice, "fr") == Told("Answered by m", "en")


def test_what_has_no_kind_is_told_in_english_on_one_line():
    said = told(notice_of(ReadError("the moon\n is full {x}: wait")), "ru")
    assert (said.text, said.lang) == ("The moon is full {x}: wait", "en")


def test_a_name_that_begins_what_is_told_stays_as_it_is():
    said = failure(ReadError("bad.md has 9,000 brackets: split it"), "fr")
    assert said == "bad.md has 9,000 brackets: split it"


def test_only_what_nobody_expected_is_logged(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR):
        notice_of(ReadError("a.md is empty", "empty", name="a.md"))
        assert not caplog.text
        notice_of(RuntimeError("secret detail"))
    assert "secret detail" in caplog.text


def test_what_concerns_whoever_runs_the_server_is_told_there_in_full(
    small: Gazette, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with pytest.raises(GazetteError) as raised:
        over_an_index_of_another_version(small, tmp_path)
    said = failure(raised.value, "ru")
    assert str(tmp_path) not in said
    assert f"{tmp_path} was made by another version of Gazette (layout 0" in caplog.text


def test_a_failure_told_anew_keeps_its_kind():
    error = ReadError("a.md is empty", "empty", name="a.md").retold("a.md is empty, again")
    assert str(error) == "a.md is empty, again"
    assert error.notice == Notice("a.md is empty, again", "empty", {"name": "a.md"})


def test_markup_in_a_models_name_is_left_for_the_template_to_escape():
    assert "<b>{n}</b>" in told(Notice("", "by_model", {"model": "<b>{n}</b>"}), "en").text
