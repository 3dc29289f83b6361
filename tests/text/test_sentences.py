"""Sentence spans: the table of traps, and the law for any text."""

import re
import subprocess
import sys
import time
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eval.bench.segmenters import Row, gazette, score, table
from rag.model import LANGUAGES
from rag.text.sentences import SEGMENTER_RULES, sentence_spans

ROWS = table()
FLOOR = {"fr": 0.98, "en": 0.96, "az": 0.98, "ru": 0.98, "tr": 0.97}


def sentences(text: str, lang: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, lang)]


@pytest.mark.parametrize(
    "row", [r for r in ROWS if not r.known_failure], ids=lambda r: f"{r.lang}: {r.about}"
)
def test_row_of_the_table(row: Row) -> None:
    ends = [0, *sorted(row.ends), len(row.text)]
    expected = [row.text[a:b].strip() for a, b in pairwise(ends)]
    assert sentences(row.text, row.lang) == expected


@pytest.mark.parametrize("lang", LANGUAGES)
def test_score_of_a_language_stays_above_its_floor(lang: str) -> None:
    assert score(gazette, [row for row in ROWS if row.lang == lang]).f1 >= FLOOR[lang]


def test_table_is_large_and_few_of_its_rows_are_given_up() -> None:
    assert len(ROWS) >= 170
    assert sum(bool(row.known_failure) for row in ROWS) <= 5


PIECES = st.sampled_from(
    [
        *'aZéİıəşЖяא中٣7.…«»“”"(;,\t \n\x00\x1c\ud800\u00a0\u200d\u200f\u2028\u202f\u0301👩🔬',
        *("i\u0307", "\n\n", "\r\n", "\n• ", "\n- ", "\n1. ", "...", ". ", "! ", "? ", ") ", ": "),
        *("— ", "M. ", "U.S. ", "и т. д. ", "20. ", "2,5", "1.250", "http://a.b/c?d"),
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=60).map("".join))


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from([*LANGUAGES, "xx", ""]))
@example("", "fr")
@example(" \n\n ", "fr")
@example("a\n \nb", "en")
def test_spans_are_ordered_trimmed_and_cover_the_text(text: str, lang: str) -> None:
    end_before = 0
    for start, end in sentence_spans(text, lang):
        assert end_before <= start < end
        assert not text[end_before:start].strip()
        assert text[start:end] == text[start:end].strip()
        assert not re.search(r"\n\n", text[start:end])
        end_before = end
    assert not text[end_before:].strip()


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.from_regex(r"\A[0-9]{1,3}([.,\u00a0\u202f]?[0-9]{1,3}){1,3}\Z"), TEXTS)
def test_a_number_is_never_split(before: str, number: str, after: str) -> None:
    text = f"{before} x{number}x {after}"
    position = text.index(f"x{number}x", len(before))
    assert any(
        start <= position and position + len(number) <= end
        for start, end in sentence_spans(text, "tr")
    )


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_the_same_text_gives_the_same_spans(text: str) -> None:
    assert sentence_spans(text, "az") == sentence_spans(text, "az")


@pytest.mark.parametrize(
    "text",
    [
        *("a" * 200_000, "." * 100_000, "« " * 50_000, "«" * 100_000, "(a. " * 40_000),
        *("A." * 60_000, "\n" * 100_000, "1 " * 60_000, "- a\n" * 20_000, "“a. " * 40_000),
        *("т. " * 50_000, "… " * 50_000, "A-" * 60_000),
    ],
    ids=lambda text: repr(text[:4]),
)
def test_degenerate_text_ends_soon(text: str) -> None:
    start = time.perf_counter()
    spans = sentence_spans(text, "ru")
    assert time.perf_counter() - start < 20
    assert "".join(text[a:b] for a, b in spans).split() == text.split() or len(spans) > 1


def test_a_long_paragraph_reads_as_its_sentences_do() -> None:
    text = "Le décret n° 530 est signé. M. Nabiyev l’a dit. " * 400
    assert set(sentences(text, "fr")) == {"Le décret n° 530 est signé.", "M. Nabiyev l’a dit."}
    assert len(sentences(text, "fr")) == 800


def test_an_unknown_language_reads_like_english() -> None:
    text = "Mr. Smith left. Nobody saw him."
    assert sentences(text, "xx") == sentences(text, "en") == ["Mr. Smith left.", "Nobody saw him."]


def test_rules_have_a_version() -> None:
    assert SEGMENTER_RULES >= 1


def test_the_library_is_loaded_only_when_text_is_read() -> None:
    code = "import sys, rag.text.sentences; sys.exit('sentencex' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
