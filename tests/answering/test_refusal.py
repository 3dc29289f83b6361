"""Refusal: what the corpus does not hold is not answered, and says so."""

from dataclasses import fields, replace
from datetime import date

import pytest
from asked import Asked
from hypothesis import given
from hypothesis import strategies as st

from rag.answering import phrases
from rag.answering.refusal import THRESHOLD, Signals, confidence
from rag.gazette import Gazette
from rag.model import LANGUAGES, Answer, Filters

NAMES = tuple(field.name for field in fields(Signals))
_UNIT = st.floats(0.0, 1.0)
_SIGNALS = st.builds(Signals, **dict.fromkeys(NAMES, _UNIT))

FAR = {
    "en": "How do I bake sourdough bread?",
    "fr": "Quelle est la recette de la ratatouille ?",
    "az": "Plov necə bişirilir?",
    "ru": "Как приготовить пельмени?",
    "tr": "Menemen nasıl yapılır?",
}
UNKNOWN = {
    "en": ("What did Zaphod Beeblebrox cook for Frodo?", ("Zaphod Beeblebrox", "Frodo")),
    "fr": ("Pourquoi Zaphod a-t-il épousé Frodo ?", ("Zaphod", "Frodo")),
    "az": ("Plovu Zaphod necə bişirir?", ("Zaphod",)),
    "ru": ("Почему Зафод готовит пельмени?", ("Зафод",)),
    "tr": ("Acaba menemeni Zaphod nasıl yapar?", ("Zaphod",)),
}


# Confidence


@given(_SIGNALS, st.sampled_from(NAMES), _UNIT)
def test_a_better_signal_never_speaks_for_a_refusal(found: Signals, name: str, value: float):
    better = replace(found, **{name: max(value, getattr(found, name))})
    assert confidence(better) >= confidence(found)


@given(_SIGNALS)
def test_confidence_is_a_probability_with_and_without_latent_terms(found: Signals):
    assert 0.0 <= confidence(found) <= 1.0
    assert 0.0 <= confidence(replace(found, concepts=None)) <= 1.0


@given(_SIGNALS, _UNIT)
def test_without_latent_terms_meaning_counts_alone(found: Signals, value: float):
    plain = replace(found, concepts=None)
    better = replace(plain, meaning=max(value, found.meaning))
    assert confidence(better) >= confidence(plain)


def test_the_threshold_can_be_reached_and_missed():
    best = Signals(**dict.fromkeys(NAMES, 1.0))
    worst = Signals(**dict.fromkeys(NAMES, 0.0))
    assert confidence(worst) < THRESHOLD < confidence(best)


def test_a_name_that_no_document_has_lowers_the_confidence(reader: Gazette):
    known = reader.answer("What did Nabiyev discuss with Apple?")
    unknown = reader.answer("What did Nabiyev discuss with Zaphod?")
    assert known.signals["names"] == 1.0
    assert unknown.signals["names"] == 0.5
    assert unknown.confidence < known.confidence


def test_a_kind_that_no_sentence_has_lowers_the_confidence():
    signals = Signals(**dict.fromkeys(NAMES, 0.8))
    assert confidence(replace(signals, kind=0.0)) < confidence(replace(signals, kind=1.0))


# What is refused


def test_far_questions_of_the_trial_are_refused(trial: list[Asked]):
    far = [o for o in trial if "not in the corpus, far" in o.question.categories]
    assert len(far) >= 8
    answered = [o.question.question for o in far if not o.answer.refused]
    assert len(answered) <= 0.2 * len(far), answered


def test_a_refusal_is_one_below_the_threshold_and_no_other(trial: list[Asked]):
    for outcome in trial:
        assert outcome.answer.refused == (outcome.answer.confidence < THRESHOLD)


def test_a_refusal_quotes_nothing_and_shows_the_nearest_passages(
    trial: list[Asked], reader: Gazette
):
    refused = [o for o in trial if o.answer.refused]
    assert refused
    for outcome in refused:
        answer = outcome.answer
        assert answer.citations == answer.sentences == ()
        assert answer.passages == reader.search(outcome.question.question, n=6).hits
        assert len(answer.passages) == 6
        assert answer.text == answer.intro
        assert answer.intro.startswith(phrases.REFUSAL[answer.language])


# What it says


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_says_so_in_the_questions_language(reader: Gazette, lang: str):
    answer = reader.answer(FAR[lang])
    assert answer.refused
    assert answer.language == lang
    assert answer.intro == phrases.REFUSAL[lang]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_names_what_no_document_mentions(reader: Gazette, lang: str):
    question, names = UNKNOWN[lang]
    answer = reader.answer(question)
    assert answer.refused
    assert answer.language == lang
    assert answer.intro.startswith(phrases.REFUSAL[lang])
    assert ", ".join(names) in answer.intro


@pytest.mark.parametrize("lang", LANGUAGES)
def test_filters_that_leave_nothing_are_blamed_for_it(reader: Gazette, lang: str):
    answer: Answer = reader.answer(FAR[lang], Filters(until=date(1990, 1, 1)))
    assert answer.refused
    assert answer.intro == phrases.REFUSAL_FILTERED[lang]
    assert answer.passages == answer.citations == answer.sentences == ()
    assert answer.confidence == 0.0
    assert answer.signals == {}


@pytest.mark.parametrize(
    "words",
    [
        phrases.INTRO,
        phrases.REFUSAL,
        phrases.REFUSAL_FILTERED,
        phrases.UNKNOWN_NAMES,
        phrases.NEAREST,
        phrases.SOURCES,
    ],
)
def test_every_phrase_is_said_in_every_language(words: dict[str, str]):
    assert set(words) == set(LANGUAGES)
    assert all(words.values())
