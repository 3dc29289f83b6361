"""What is told of an answer: every notice a reader meets, in the interface's words."""

import pytest

from rag.gazette import Gazette
from rag.model import LANGUAGES, STOPPED
from ui.i18n import words
from ui.notices import told

EN = words("page", "en")


@pytest.mark.parametrize(
    ("notice", "said"),
    [
        (STOPPED, "Stopped before its end."),
        ("answered with the documents' own sentences instead", EN["told_own_words"]),
        ("no document is of that time and source: all were searched", EN["told_widened"]),
        (
            "no document is of that time and source: all chosen ones were searched",
            EN["told_widened_chosen"],
        ),
        (
            "2 sentence(s) of qwen3:4b left out: the passages do not bear them out",
            EN["told_left_out"].format(n=2),
        ),
        (
            "1 sentence(s) of qwen3:4b marked: the passages do not bear them out",
            EN["told_marked"].format(n=1),
        ),
        (
            "qwen3:4b on Ollama at http://127.0.0.1:1 fell silent for 30 s: ask again, or raise X",
            "qwen3:4b fell silent before the end.",
        ),
        (
            "Ollama at http://127.0.0.1:1 failed (OSError: it broke): run gazette doctor",
            EN["told_model_failed"],
        ),
        (
            "no Ollama at http://127.0.0.1:1: start it; another server was asked instead",
            EN["told_another_server"],
        ),
        ("this answer is not kept: no space left for /data: free some", EN["told_not_kept"]),
    ],
)
def test_what_a_reader_meets_every_day_is_worded(notice, said):
    assert told(notice, EN).text == said
    assert not told(notice, EN).is_english


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_its_own_words(language):
    one = told(
        "1 sentence(s) of m marked: the passages do not bear them out", words("page", language)
    )
    assert "1" in one.text and "{" not in one.text
    assert (one.text == told("1 sentence(s) of m marked: x", EN).text) == (language == "en")


def test_what_is_technical_is_told_as_it_is():
    one = told("http://127.0.0.1:9 refused the connection: start Ollama {x}", EN)
    assert one.text == "http://127.0.0.1:9 refused the connection: start Ollama {x}"
    assert one.is_english


def test_markup_in_a_models_name_is_left_for_the_template_to_escape():
    assert "<b>" in told("answered by <b>{n}</b> of http://127.0.0.1:1", EN).text


def test_the_notices_of_a_real_answer_are_worded(small: Gazette, embedder):
    from rag.settings import load_settings

    settings = load_settings(home=small.settings.home, answerer="auto")
    with Gazette(settings, embedder) as gazette:
        notices = gazette.answer("How many steps has the lighthouse of Port Quillan?").notices
    assert notices
    assert told(notices[0], EN).text == EN["told_quotation"]
