"""The command line: what it prints, where, and with which exit code."""

import os
import pty
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Ran

from rag import __version__

Cli = Callable[..., Ran]
COMMANDS = ("ask", "search", "list", "show", "sync", "doctor", "chat", "conversation")
QUESTION = "How long is the cable under the Caspian?"
REPOSITORY = Path(__file__).parents[1]


@pytest.fixture
def small(cli: Cli, small_home: Path) -> Cli:
    """The command line over the small index."""
    return lambda *arguments, **env: cli(*arguments, home=small_home, **env)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(cli: Cli, command: str):
    done = cli(command, "--help")
    assert done.code == 0
    assert f"gazette {command}" in done.out


def test_help_names_every_command_and_every_exit_code(cli: Cli):
    done = cli("--help")
    assert done.code == 0
    for command in COMMANDS:
        assert command in done.out
    told = " ".join(done.out.replace("│", " ").split())
    for code in range(8):
        assert f"{code} " in told.partition("Exit codes:")[2]


def test_the_version_is_printed_alone(cli: Cli):
    assert cli("--version").out == f"gazette {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [(), ("ask",), ("nonsense",), ("ask", "x", "--passages", "0"), ("chat", "--port", "x")],
)
def test_wrong_usage_is_exit_code_2(cli: Cli, arguments: tuple[str, ...]):
    done = cli(*arguments)
    assert done.code == 2
    assert "Traceback" not in done.err


def test_an_answer_names_its_sources_and_how_to_open_them(small: Cli):
    done = small("ask", QUESTION)
    assert done.code == 0
    assert "380 kilometres long" in done.out
    command = next(line for line in done.out.splitlines() if "gazette show" in line)
    *_, doc, _, span = command.split()
    shown = small("show", doc, "--at", span)
    marked = shown.out.partition("⟦")[2].partition("⟧")[0]
    assert marked
    assert marked in done.out


def test_how_it_was_answered_goes_to_standard_error(small: Cli):
    done = small("ask", QUESTION)
    assert done.err == (
        "answered by quotation: no Ollama at http://127.0.0.1:9: start it with `ollama serve`\n"
    )
    assert small("ask", QUESTION, GAZETTE_ANSWERER="extractive").err == ""


def test_an_answerer_asked_for_by_name_that_is_away_is_exit_code_6(small: Cli):
    done = small("ask", QUESTION, GAZETTE_ANSWERER="ollama")
    assert done.code == 6
    assert "no Ollama at http://127.0.0.1:9" in done.said
    assert "start it with `ollama serve`; or set GAZETTE_ANSWERER=extractive" in done.said
    assert done.out == ""


# Filters


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--lang", "fr"), {"superordinateur"}),
        (("--lang", "fr", "--lang", "ru"), {"superordinateur", "zakon"}),
        (("--since", "2025-07"), {"superordinateur", "zakon"}),
        (("--until", "2025-03-10"), {"cable"}),
        (("--since", "2025-03-11", "--until", "2025"), {"superordinateur"}),
        (("--publisher", "azernews"), {"cable"}),
        (("--publisher", "KURSIV", "--publisher", "Azernews"), {"cable", "zakon"}),
        (("--publisher", "Azernews", "--lang", "fr"), set()),
        (("--since", "2025", "--lang", "en", "--publisher", "Azernews"), {"cable"}),
        (("--document", "press/zakon.md"), {"zakon"}),
        (("--document", "press/zakon.md", "--document", "press/cable.md"), {"zakon", "cable"}),
        (("--document", "press/zakon.md", "--lang", "fr"), set()),
    ],
)
def test_filters_choose_documents_and_combine(
    small: Cli, options: tuple[str, ...], expected: set[str]
):
    import json

    listed = [json.loads(line) for line in small("list", "--json", *options).out.splitlines()]
    assert {one["id"].split("/")[1].removesuffix(".md") for one in listed} == expected
    found = json.loads(small("search", "cable", "--json", *options).out)
    assert {one["doc"].split("/")[1].removesuffix(".md") for one in found["passages"]} == expected


def test_filters_without_documents_refuse_saying_so(small: Cli):
    done = small("ask", QUESTION, "--since", "2031")
    assert done.code == 0
    assert "No document satisfies these filters." in done.out
    assert "No passage" in small("search", QUESTION, "--since", "2031").out


@pytest.mark.parametrize("command", [("ask", QUESTION), ("search", QUESTION), ("list",)])
def test_an_unknown_publisher_is_answered_with_the_known_ones(small: Cli, command: tuple[str, ...]):
    done = small(*command, "--publisher", "Nobody")
    assert done.code == 2
    assert "no document is published by 'Nobody': use one of" in done.said
    for name in ("Azernews", "Kursiv", "Le Courrier"):
        assert name in done.said


@pytest.mark.parametrize("command", [("ask", QUESTION), ("search", QUESTION), ("list",)])
def test_an_unknown_document_is_named(small: Cli, command: tuple[str, ...]):
    done = small(*command, "--document", "press/cable.md", "--document", "press/cable")
    assert done.code == 2
    assert "no document is 'press/cable': gazette list shows the id of each" in done.said


# Documents


def test_list_gives_a_line_a_document_newest_first_outside_a_terminal(small: Cli):
    done = small("list")
    lines = [line.split("\t") for line in done.out.splitlines()]
    assert [line[0] for line in lines] == ["2026-01-14", "2025-07-10", "2025-03-10", "–"]
    assert lines[0] == [
        "2026-01-14",
        "ru",
        "Kursiv",
        "Казахстан ввёл штрафы за контент без маркировки",
        "press/zakon.md",
    ]
    assert done.err == "4 document(s)\n"


@pytest.mark.parametrize(
    "name", ["press/cable.md", "cable.md", "cable", "a CABLE under the Caspian"]
)
def test_a_document_is_shown_whole_by_id_by_its_end_or_by_title(small: Cli, name: str):
    done = small("show", name)
    assert done.code == 0
    assert done.out.startswith(
        "A cable under the Caspian\nAzernews · 2025-03-10 · en · press/cable.md"
    )
    assert "\n\nThe work is to be finished at the end of 2026" in done.out


def test_show_for_marks_what_answers(small: Cli):
    done = small("show", "cable", "--for", QUESTION)
    assert "380 kilometres long" in done.out.partition("⟦")[2]
    nothing = small("show", "zakon", "--for", "Who signed an agreement with AzerTelecom?")
    assert nothing.code == 0
    assert "⟦" in nothing.out or "no sentence of this document answers" in nothing.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "nothing-like-it"), 5, "no document is called 'nothing-like-it': gazette list"),
        (("show", "cable", "--at", "5"), 2, "--at '5': write it as START-END"),
        (("show", "cable", "--at", "0-99999"), 2, "two positions in the document's"),
        (("show", "cable", "--at", ""), 2, "write it as START-END"),
        (("show", "cable", "--for", " "), 2, "the question is empty"),
        (("search", ""), 2, "the question is empty"),
        (("list", "--lang", "de"), 2, "use one of fr, en, az, ru, tr"),
        (("list", "--since", ""), 2, "write it as 2025-12-18"),
        (("sync", "/no/such/folder"), 5, "/no/such/folder cannot be opened"),
    ],
)
def test_what_cannot_be_done_is_one_line_with_the_remedy(
    small: Cli, arguments: tuple[str, ...], code: int, said: str
):
    done = small(*arguments)
    assert done.code == code
    assert said in done.said
    assert done.out == ""


def test_search_shows_passages_with_their_place(small: Cli):
    done = small("search", QUESTION, "--passages", "1")
    assert "A cable under the Caspian (Azernews, 2025-03-10, en)" in done.out
    assert "press/cable.md 0-" in done.out


# Text of documents is shown, never obeyed


def test_markup_and_escapes_of_a_document_are_shown_as_they_stand(small: Cli):
    for done in (
        small("show", "hostile"),
        small("search", "the letter of Mr Smith", "--lang", "en"),
        small("ask", "What did Mr Smith write in his letter?"),
    ):
        assert "[bold]loud[/bold] words and [link=http://x.example]a link[/link]" in done.out
        assert "\x1b" not in done.out
    assert ":smile:" in small("list").out
    assert "[red]Bold & Sons[/red]" in small("list").out


def test_a_terminal_is_sent_no_escape_that_a_document_or_a_model_wrote():
    from rag.rendering import _text, one_line

    assert _text("a\x1b[31mb\x07\x9b1m\n\tc").plain == "a\ufffd[31mb\ufffd\ufffd1m\n\tc"
    assert one_line("a\x1b]0;title\x07\r\nb") == "a ]0;title b"


def in_terminal(*arguments: str, home: Path) -> str:
    """What a terminal of 80 columns is sent."""
    main, side = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "GAZETTE_HOME": str(home)}
    env |= {"TERM": "xterm-256color", "COLUMNS": "80"}
    command = [sys.executable, "-m", "rag.cli", *arguments]
    with subprocess.Popen(command, stdout=side, stderr=side, stdin=side, env=env) as child:
        os.close(side)
        sent = b""
        while True:
            try:
                part = os.read(main, 65536)
            except OSError:
                break
            if not part:
                break
            sent += part
        child.wait(60)
    os.close(main)
    return sent.decode()


def test_in_a_terminal_too_a_document_is_only_text(small_home: Path):
    shown = in_terminal("show", "hostile", "--at", "0-8", home=small_home)
    assert "[bold]loud[/bold]" in shown
    assert "\x1b[31mred" not in shown
    assert "\x1b]8;" not in shown  # no hyperlink
    assert "Mr Smith" in shown


# Pipes and signals


@pytest.mark.parametrize("command", [("list", "--json"), ("show", "cable"), ("search", QUESTION)])
def test_a_reader_that_leaves_early_is_no_error(small_home: Path, command: tuple[str, ...]):
    run = shlex.join([sys.executable, "-m", "rag.cli", *command])
    done = subprocess.run(
        ["bash", "-c", f"{run} | true; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "GAZETTE_HOME": str(small_home)},
    )
    assert done.stderr == ""
    assert done.stdout == "0\n"


def test_an_interrupted_sync_says_what_is_kept(tmp_path: Path, home: Path):
    folder = tmp_path / "press"
    folder.mkdir()
    for i in range(300):
        (folder / f"{i}.txt").write_text(f"Number {i} of many texts that take a while to embed.")
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "rag.cli", "sync", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env) as child:
        while not list(home.glob("g*/vectors/chroma.sqlite3")):
            if child.poll() is not None:
                break
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=60)
    assert child.returncode == 130
    assert said == "gazette: stopped; what was finished is kept\n"


def test_a_terminal_without_the_letters_gets_them_escaped(small_home: Path):
    done = subprocess.run(
        [sys.executable, "-m", "rag.cli", "show", "zakon"],
        capture_output=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": str(REPOSITORY),
            "GAZETTE_HOME": str(small_home),
            "PYTHONIOENCODING": "ascii",
        },
    )
    assert done.returncode == 0
    assert b"\\u0417" in done.stdout


# A first use, and what is inside


def test_a_first_question_takes_the_corpus_in(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "press"
    folder.mkdir()
    (folder / "a.txt").write_text("The river Kura is 1,515 kilometres long, says the atlas.")
    monkeypatch.setattr("rag.gazette.corpus_folder", lambda: folder)
    done = cli("ask", "How long is the river Kura?")
    assert done.code == 0
    assert "1,515 kilometres" in done.out
    assert "nothing is indexed yet: taking in the shipped corpus" in done.err
    assert "1 documents indexed" in done.err
    assert "taking in" not in cli("ask", "How long is the river Kura?").err


def test_an_index_without_documents_is_no_refusal(cli: Cli, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    assert cli("sync", str(tmp_path / "empty")).code == 0
    done = cli("ask", "How long is the river Kura?")
    assert done.code == 4
    assert "holds no documents: run gazette sync FOLDER" in done.said
    assert cli("list").code == 0


def test_listing_before_anything_is_indexed_names_the_command(cli: Cli):
    done = cli("list")
    assert done.code == 4
    assert "nothing is indexed" in done.said
    assert "gazette sync" in done.said


def test_sync_tells_what_it_did_and_what_it_passed_over(cli: Cli, tmp_path: Path):
    folder = tmp_path / "press"
    folder.mkdir()
    (folder / "a.txt").write_text("The river Kura is 1,515 kilometres long, says the atlas.")
    (folder / "b.jpg").write_bytes(b"\xff\xd8")
    done = cli("sync", str(folder))
    assert done.code == 3
    assert done.out.startswith("1 added, 1 skipped; 1 passages embedded in ")
    assert done.err.startswith(f"skipped {folder}/b.jpg: .jpg is not read;")
    (folder / "b.jpg").unlink()
    assert cli("sync", str(folder)).code == 0


def test_the_shipped_corpus_leaves_nothing_out(
    copy_corpus: Callable[[Path], None], home: Path, cli: Cli
):
    copy_corpus(home)
    done = cli("sync", "--json")
    assert done.code == 0, done
    assert '"passages_embedded": 0' in done.out


def test_doctor_finds_a_sound_index_and_says_what_ollama_is_for(small: Cli):
    done = small("doctor")
    assert done.code == 0
    assert "ok  index: 4 documents" in done.out
    assert "ok  conversations: 0 stored" in done.out
    assert "ok  vectors: stored passages are found by their own vectors" in done.out
    assert "answers are quotations without it" in done.out
    assert small("doctor", GAZETTE_ANSWERER="ollama").code == 7


def test_doctor_before_anything_is_indexed_names_the_next_command(cli: Cli):
    done = cli("doctor")
    assert done.code == 7
    assert "nothing is indexed yet" in done.out
    assert "→ run gazette sync FOLDER" in done.out


def test_an_internal_error_is_one_line_and_its_trace_is_to_be_had(
    small: Cli, monkeypatch: pytest.MonkeyPatch
):
    def fail(*arguments: object) -> None:
        raise RuntimeError("out of\ncheese")

    monkeypatch.setattr("rag.gazette.Gazette.search", fail)
    done = small("search", "x1")
    assert done.code == 1
    assert "internal error (RuntimeError: out of cheese)" in done.said
    assert "GAZETTE_TRACE=1" in done.said
    with pytest.raises(RuntimeError):
        small("search", "x1", GAZETTE_TRACE="1")
