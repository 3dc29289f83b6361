"""Verification of a sentence that corrects what the question takes for granted."""

import numpy as np
import pytest

from rag.answering.verification import Judgement, Source, judge
from rag.gazette import Gazette
from rag.model import Filters
from rag.text.sentences import sentence_spans

PASSAGE = (
    "The cable will be 380 kilometres long, and its capacity will reach 400 terabits per second. "
    "Emin Aliyev heads the project."
)


def judged(reader: Gazette, sentence: str, question: str, lang: str = "en") -> Judgement:
    retriever = reader._searcher(Filters())
    spans = tuple(sentence_spans(PASSAGE, "en"))
    rows = [retriever.centred_text(PASSAGE[s.start : s.end], "en") for s in spans]
    source = Source(PASSAGE, "en", "A cable under the Caspian", spans, np.array(rows))
    return judge(sentence, lang, retriever.centred_text(sentence, lang), [source], question)


@pytest.mark.parametrize(
    ("question", "sentence", "lang"),
    [
        (
            "Why will the cable be 900 kilometres long?",
            "The cable will not be 900 kilometres long, but 380 kilometres.",
            "en",
        ),
        (
            "Pourquoi le câble fera-t-il 900 kilomètres ?",
            "Le câble ne fera pas 900 kilomètres mais 380 kilomètres.",
            "fr",
        ),
        (
            "Почему кабель будет длиной 900 километров?",
            "Кабель будет длиной не 900 километров, а 380 километров.",
            "ru",
        ),
        (
            "Kabel niyə 900 kilometr uzunluğunda olacaq?",
            "Kabel 900 kilometr deyil, 380 kilometr uzunluğunda olacaq.",
            "az",
        ),
        (
            "Kablo neden 900 kilometre uzunluğunda olacak?",
            "Kablo 900 kilometre değil, 380 kilometre uzunluğunda olacak.",
            "tr",
        ),
    ],
)
def test_a_false_premise_may_be_repeated_to_be_denied(
    reader: Gazette, question: str, sentence: str, lang: str
):
    found = judged(reader, sentence, question, lang)
    assert (found.verdict, found.missing) == ("supported", ())
    assert found.quotes[0] == (0, 0)
    without = judged(reader, sentence, "", lang)
    assert without.verdict == "unsupported" and any("900" in text for text in without.missing)


@pytest.mark.parametrize(
    "sentence",
    [
        "The cable will be 900 kilometres long.",  # denies nothing
        "The cable will not be 900 kilometres long.",  # says nothing else instead
        "The cable will not be 900 kilometres long, but 381 kilometres.",  # what no passage says
        "The cable will not be 700 kilometres long, but 380 kilometres.",  # nobody spoke of 700
        "The cable will be 900 kilometres long, not 380 kilometres.",  # it denies what is held
        "The cable, said Emin Aliyev, will never be less than 900 kilometres long.",
    ],
)
def test_what_is_no_correction_stays_unsupported(reader: Gazette, sentence: str):
    found = judged(reader, sentence, "Why will the cable be 900 kilometres long?")
    assert found.verdict == "unsupported"
