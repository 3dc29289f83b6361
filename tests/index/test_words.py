"""The word index: accents, script and endings matter little, subjects and abbreviations do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from rag.index import words
from rag.index.schema import connect
from rag.text.folding import tokens

PASSAGES = {
    1: "Le ministre Nabiyev a présenté l’IA souveraine à Bakou.",
    2: "Набиев встретился с представителями OpenAI.",
    3: "Nəbiyevin səfəri barədə məlumat verilib, ölçüsü 1 200 000 manatdır.",
    4: "The tunnel is 1,200,000 millimetres long. It opened in May.",
    5: "J’ai vu le pont, la mairie et la gare.",
}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = connect(tmp_path / "catalog.sqlite3")
    with engine.begin() as opened:
        for passage_id, passage in PASSAGES.items():
            words.add(opened, passage_id, passage, "Une galerie" if passage_id == 5 else "")
        yield opened
    engine.dispose()


def found(connection: Connection, question: str, n: int = 10) -> list[int]:
    terms = words.question_terms(tokens(question))
    return [passage_id for passage_id, _ in words.nearest(connection, terms, n)]


@pytest.mark.parametrize("question", ["presente", "PRÉSENTÉ", "présenté", "présentations"])
def test_accents_case_and_endings_do_not_matter(connection: Connection, question: str) -> None:
    assert found(connection, question) == [1]


@pytest.mark.parametrize("name", ["Nabiyev", "Набиев", "Nəbiyev", "Nebiyev", "Набиевым", "Нәбијев"])
def test_a_name_is_found_in_every_script_and_spelling(connection: Connection, name: str) -> None:
    assert set(found(connection, f"кто такой {name}?")) == {1, 2, 3}


def test_a_word_that_is_no_name_is_not_looked_up_by_its_sound(connection: Connection) -> None:
    assert found(connection, "nobody") == found(connection, "небо") == []


def test_an_abbreviation_is_a_word_of_its_own(connection: Connection) -> None:
    assert found(connection, "what is IA?") == [1]
    assert words.question_terms(tokens("AI")) == ["ai"]
    assert words.question_terms(tokens("j’ai")) == []


def test_a_number_is_found_however_it_is_grouped(connection: Connection) -> None:
    assert set(found(connection, "1.200.000?")) == {3, 4}
    assert found(connection, "200") == []


def test_scores_fall_and_the_rarer_word_counts_more(connection: Connection) -> None:
    terms = words.question_terms(tokens("Nabiyev OpenAI"))
    scored = words.nearest(connection, terms, 10)
    assert scored[0][0] == 2
    scores = [score for _, score in scored]
    assert scores == sorted(scores, reverse=True)
    assert words.nearest(connection, terms, 1) == scored[:1]


def test_a_word_of_the_title_is_found_too(connection: Connection) -> None:
    assert found(connection, "galerie") == [5]


def test_documents_are_counted_by_term(connection: Connection) -> None:
    names = words.terms_of(tokens("Nabiyev")[0])
    counts = words.document_counts(connection, [*names, "opena", "nothing"])
    assert counts == {names[0]: 1, names[1]: 3, "opena": 1}


def test_function_words_are_not_indexed(connection: Connection) -> None:
    assert words.document_counts(connection, ["le", "it", "i", "vu"]) == {"vu": 1}


def test_what_is_taken_out_is_not_found_again(connection: Connection) -> None:
    words.delete(connection, [1, 99])
    assert set(found(connection, "Nabiyev")) == {2, 3}
    assert words.document_counts(connection, ["prese"]) == {}


def test_a_question_without_a_word_finds_nothing(connection: Connection) -> None:
    for question in ("", "?!", "what is it", "ъ", '"" OR * NEAR('):
        assert found(connection, question) == []


def test_an_endless_question_is_cut_to_what_a_query_can_hold(connection: Connection) -> None:
    assert found(connection, "OpenAI " + " ".join(f"word{i}x" for i in range(5000))) == [2]
