"""Stop words: what carries no subject, in any of the five languages, and nothing that does."""

import pytest

from rag.text.folding import tokens
from rag.text.stopwords import is_stop_word


def left(text: str) -> list[str]:
    return [token.text for token in tokens(text) if not is_stop_word(token)]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("what did Nabiyev discuss with OpenAI?", ["Nabiyev", "discuss", "OpenAI"]),
        ("de quoi Nabiyev a-t-il parlé avec OpenAI ?", ["Nabiyev", "parlé", "OpenAI"]),
        ("Nəbiyev OpenAI ilə nəyi müzakirə edib?", ["Nəbiyev", "OpenAI", "müzakirə"]),
        ("что Набиев обсуждал с OpenAI?", ["Набиев", "обсуждал", "OpenAI"]),
        ("Nebiyev OpenAI ile ne konuştu?", ["Nebiyev", "OpenAI", "konuştu"]),
        ("Когда это было и кто там был?", []),
        ("Bu necə oldu və niyə?", []),
        ("Bu nasıl oldu ve neden?", []),
    ],
)
def test_only_the_subject_of_a_question_is_left(question: str, words: list[str]) -> None:
    assert left(question) == words


def test_accents_and_case_make_no_difference() -> None:
    assert left("Après APRES apres À DÉJÀ") == ["APRES", "DÉJÀ"]
    assert left("üçün ucun Üçün") == []


def test_an_abbreviation_is_no_stop_word() -> None:
    assert left("j’ai vu AI, l’IA et l’IT") == ["vu", "AI", "IA", "IT"]


def test_a_single_letter_says_nothing_and_a_digit_does() -> None:
    assert left("x X я 7 42") == ["7", "42"]
