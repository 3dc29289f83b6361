"""The summary in Markdown: it is well-formed, and reads as plain text too."""

import re

import pytest
from rows import row, run_of

from eval.gate import Difference, Finding, Verdict
from eval.records import Run, Timing
from eval.summary import markdown

HOSTILE = (
    "a|b\n# no heading\r\n<script>x</script> `c` \x1b[31mred ![i](http://leak.invalid) \u202eR"
)
GREEN = Verdict((), Difference(1, before=1.0, now=1.0))


def tables(text: str) -> list[list[str]]:
    """The lines of each table."""
    blocks = text.split("\n\n")
    return [block.splitlines() for block in blocks if block.startswith("|")]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def line_of(text: str, name: str) -> list[str]:
    """The cells of the first line of a table that begins with ``name``."""
    return next(cells(line) for table in tables(text) for line in table if cells(line)[0] == name)


def assert_well_formed(text: str) -> None:
    assert tables(text)
    for table in tables(text):
        assert len({len(line) for line in table}) == 1, "columns are aligned"
        assert len({len(cells(line)) for line in table}) == 1, "every line has every cell"
        assert all(re.fullmatch(r"-{3,}|-{2,}:", cell) for cell in cells(table[1]))


def test_its_tables_are_well_formed_and_aligned():
    rows = (
        row("a", scores={"R@5": 1.0, "nugget recall": 0.5}, fates=("stated", "refused")),
        row("b", split="sealed", lang="fr", categories=("list", "single fact")),
    )
    assert_well_formed(markdown(run_of(*rows), GREEN))


def test_goals_are_met_or_missed_by_the_split():
    rows = [row(f"d{i}", lang="fr", scores={"R@5": 1.0}) for i in range(4)]
    rows += [row(f"s{i}", lang="fr", split="sealed", scores={"R@5": i / 2}) for i in range(2)]
    said = markdown(run_of(*rows))
    _, aim, development, sealed = line_of(said, "Evidence R@5, fr")
    assert aim == "≥ 97%"
    assert re.fullmatch(r"100\.0% \[\d+\.\d–100\.0\] ✓", development)
    assert re.fullmatch(r"25\.0% \[.+\] ✗", sealed)
    assert line_of(said, "Evidence R@5, az")[2:] == ["–", "–"]
    assert "Goals met: 1 of 1 on development and 0 of 1 on sealed." in said


def test_a_model_is_held_to_the_goals_of_models():
    said = markdown(run_of(row(answerer="ollama", scores={"nugget recall": 1.0})))
    assert line_of(said, "Vital nugget recall")[1] == "≥ 88%"


def test_the_waterfall_counts_every_vital_nugget():
    said = markdown(run_of(row(fates=("stated", "stated", "not selected", "not retrieved"))))
    assert line_of(said, "vital nuggets")[1] == "4"
    assert line_of(said, "not selected")[1] == "1 (25.0%)"
    assert line_of(said, "stated")[1] == "2 (50.0%)"


def test_a_few_answers_are_in_brackets():
    rows = [row(f"q{i}", passed=i > 0, categories=("list",)) for i in range(5)]
    said = markdown(run_of(*rows, row("ru", lang="ru", categories=("list",))))
    assert line_of(said, "list") == ["list", "80% of 5", "(100% of 1)", "83% of 6"]


def test_the_gate_is_told_in_words():
    assert "**✓ The gate is green**" in markdown(run_of(row()), GREEN)
    red = Verdict((Finding("floor", "az: R@5 is 0.500, under 0.90"),), Difference(0), ("a note",))
    said = markdown(run_of(row()), red)
    assert "**✗ The gate is red**" in said
    assert "- Floors: az: R@5 is 0.500, under 0.90\n- Note: a note" in said
    assert "gate" not in markdown(run_of(row()))


def test_of_what_changed_the_sealed_questions_are_only_counted():
    rows = (row("open", passed=False), row("secret", passed=False, split="sealed"))
    difference = Difference(2, newly_failing=("corpus/open", "corpus/secret"), before=1.0)
    said = markdown(run_of(*rows), Verdict((), difference))
    assert "2 questions in both: 100.0% passed before, 0.0% now." in said
    assert "- 2 newly failing: corpus/open, 1 of the sealed split" in said
    assert "secret" not in said


def test_many_changes_are_named_up_to_a_number():
    names = tuple(f"corpus/q{i:02}" for i in range(20))
    said = markdown(run_of(row()), Verdict((), Difference(20, newly_passing=names)))
    assert "- 20 newly passing: corpus/q00, " in said and "corpus/q11, 8 more" in said


def test_the_cost_is_a_line():
    timings = tuple(
        Timing("corpus", f"q{i}", 0, {"total": i / 10, "retrieval": 0.01}, 6, 40) for i in range(11)
    )
    said = markdown(Run(run_of().about, (row(),), timings, 912e6))
    assert (
        "A question, p50 / p95: retrieval 0.010 s / 0.010 s, total 0.500 s / 0.950 s, "
        "passages 6 / 6, words 40 / 40. Peak memory: 912 MB."
    ) in said


def test_texts_of_others_break_no_table_and_move_no_terminal():
    rows = (row(HOSTILE, categories=(HOSTILE,), suite=HOSTILE, passed=False, lang=HOSTILE),)
    names = (f"{HOSTILE}/{HOSTILE}",)
    verdict = Verdict((Finding(HOSTILE, HOSTILE),), Difference(1, names, names), (HOSTILE,))
    said = markdown(run_of(*rows), verdict)
    assert_well_formed(said)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", said)
    assert "\n# no heading" not in said and not re.search(r"(?<!\\)<", said)
    assert not re.search(r"(?<!\\)\]\(", said)


@pytest.mark.parametrize("text", ["\ud800", "x" * 100_000])
def test_a_text_that_is_too_much_is_written_all_the_same(text):
    said = markdown(run_of(row()), Verdict((Finding("invariant", text),), Difference(0)))
    assert len(said.encode()) < 10_000


@pytest.mark.parametrize("rows", [(), (row(),), (row(error="gone"),)])
def test_a_run_of_little_or_nothing_is_told(rows):
    said = markdown(run_of(*rows))
    assert_well_formed(said)
    assert said.startswith("# Gazette evaluation\n\nVersion 1.0 · answerer extractive · ")
    assert ("No question was asked." in said) == (not rows)


def test_it_is_the_same_twice():
    rows = [row(f"q{i}", passed=i % 3 > 0, scores={"R@5": i / 9}) for i in range(10)]
    assert markdown(run_of(*rows), GREEN) == markdown(run_of(*rows), GREEN)
