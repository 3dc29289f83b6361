"""The interface's words: nothing said in one language is missing in another."""

import re
from pathlib import Path

import pytest
import yaml
from starlette.requests import Request

import ui
from rag.model import LANGUAGES
from ui.i18n import words
from ui.who import LOCAL, Person, language_of, person_of

PARTS = sorted((Path(ui.__file__).parent / "words").glob("*.yaml"))


def _request(headers: dict[str, str], **state: object) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw, "state": state})


@pytest.mark.parametrize("part", PARTS, ids=lambda path: path.stem)
def test_every_word_has_every_language_and_the_same_gaps(part: Path):
    for name, said in yaml.safe_load(part.read_text()).items():
        assert set(said) == set(LANGUAGES), name
        gaps = {frozenset(re.findall(r"{\w*}", text)) for text in said.values()}
        assert len(gaps) == 1, name
        assert all(text.strip() for text in said.values()), name
        assert not hasattr({}, name), f"a template that says w.{name} would get the dict's own"


def test_words_are_found_by_their_name_and_language():
    assert words("page", "ru")["documents"] == "Документы"


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        ("az", "fr-FR,fr;q=0.9", "az"),
        ("", "de-DE,de;q=0.9,tr;q=0.8", "tr"),
        ("xx", "RU", "ru"),
        ("", "", "en"),
    ],
)
def test_the_language_is_the_chosen_one_else_the_browsers(cookie, accepted, language):
    request = _request({"cookie": f"gazette_language={cookie}", "accept-language": accepted})
    assert language_of(request) == language


def test_nobody_logged_in_is_the_local_user():
    assert person_of(_request({})) is LOCAL
    assert person_of(_request({}, person=Person("ilaha", False))).name == "ilaha"
