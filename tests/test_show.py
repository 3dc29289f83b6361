"""The question that Gazette is shown with: in five languages, in words of several kinds."""

import re

import pytest

from rag.gazette import Gazette

SHOWN = {
    "en": "what did Nabiyev discuss with OpenAI?",
    "fr": "de quoi Nabiyev a-t-il parlé avec OpenAI ?",
    "az": "Nəbiyev OpenAI ilə nəyi müzakirə edib?",
    "ru": "что Набиев обсуждал с OpenAI?",
    "tr": "Nebiyev OpenAI ile ne konuştu?",
}
OTHERWISE = [
    ("en", "What was the meeting between Nabiyev and OpenAI about?"),
    ("en", "What topics did Rashad Nabiyev raise with OpenAI?"),
    ("fr", "Qu’a discuté Nabiyev avec OpenAI ?"),
    ("fr", "Sur quoi ont porté les entretiens entre Rashad Nabiyev et OpenAI ?"),
    ("fr", "Quels sujets le ministre Nabiyev a-t-il abordés avec OpenAI ?"),
    ("az", "Nəbiyev və OpenAI hansı məsələləri müzakirə ediblər?"),
    ("ru", "О чём Набиев говорил с OpenAI?"),
    ("ru", "Какие вопросы обсудил министр Набиев с компанией OpenAI?"),
    ("ru", "Что обсудили Рашад Набиев и OpenAI?"),
    ("tr", "Bakan Nebiyev’in OpenAI ile görüşmesinde ne ele alındı?"),
    ("tr", "Nebiyev OpenAI ile neyi görüştü?"),
    ("tr", "Reşad Nebiyev ile OpenAI hangi konuları görüştü?"),
]
NOT_YET = [
    ("en", "What did Minister Nabiyev and OpenAI talk about?"),
    ("az", "Rəşad Nəbiyev OpenAI ilə nə barədə danışıb?"),
    ("az", "Nazir Nəbiyevin OpenAI ilə görüşündə nə müzakirə olunub?"),
]
"""Answered with sentences of the right documents, but not with the ones that say it."""

SOVEREIGN_AI = re.compile(
    r"IA souveraine|intelligence artificielle souveraine|sovereign (AI|artificial intelligence)"
)
LOCAL_REQUIREMENTS = re.compile(r"(adaptée|ajustées) aux exigences locales|local requirements")


def assert_shown(gazette: Gazette, lang: str, question: str) -> None:
    answer = gazette.answer(question)
    assert not answer.refused, f"refused at confidence {answer.confidence:.2f}"
    assert answer.language == lang
    quotes = "\n".join(citation.quote for citation in answer.citations)
    assert SOVEREIGN_AI.search(quotes), quotes
    assert LOCAL_REQUIREMENTS.search(quotes), quotes


@pytest.mark.parametrize(("lang", "question"), SHOWN.items(), ids=SHOWN)
def test_sovereign_ai_adapted_to_local_requirements_is_quoted(
    reader: Gazette, lang: str, question: str
) -> None:
    assert_shown(reader, lang, question)


@pytest.mark.parametrize(("lang", "question"), OTHERWISE)
def test_other_words_for_it_are_answered_too(reader: Gazette, lang: str, question: str) -> None:
    assert_shown(reader, lang, question)


@pytest.mark.parametrize(
    ("lang", "question"),
    [
        pytest.param(*one, marks=pytest.mark.xfail(reason="another sentence is preferred"))
        for one in NOT_YET
    ],
)
def test_words_that_do_not_lead_there_yet(reader: Gazette, lang: str, question: str) -> None:
    assert_shown(reader, lang, question)


@pytest.mark.parametrize(("lang", "question"), NOT_YET)
def test_they_are_answered_from_documents_about_the_same_meetings(
    reader: Gazette, lang: str, question: str
) -> None:
    answer = reader.answer(question)
    assert not answer.refused
    assert answer.language == lang
    texts = [reader.document(citation.doc)[0].text for citation in answer.citations]
    assert all("OpenAI" in text for text in texts)
