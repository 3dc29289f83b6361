"""The gate: what it lets pass, and what turns it red."""

from pathlib import Path

import pytest
from rows import row

from eval.gate import (
    Kept,
    compare,
    floors_from,
    in_words,
    judge,
    kept_from,
    mcnemar,
    read_baseline,
    read_floors,
    write_baseline,
    write_floors,
)
from eval.records import Row, RunFileError

GOOD = [row(f"q{i:03}", scores={"R@5": 1.0, "nugget recall": 1.0}) for i in range(200)]
BASELINE = kept_from(GOOD)


def failing(count: int, rows: list[Row] = GOOD, **changes: object) -> list[Row]:
    """The rows, of which the first ``count`` no longer pass."""
    broken = [row(one.id, passed=False, lang=one.lang, **changes) for one in rows[:count]]
    return [*broken, *rows[count:]]


def said(rows: list[Row], baseline: list[Kept] = BASELINE, **changes: object) -> list[str]:
    verdict = judge(rows, baseline, {}, **changes)  # type: ignore[arg-type]
    assert verdict.is_green == (not verdict.findings)
    return [f"{finding.check}: {finding.message}" for finding in verdict.findings]


def test_the_same_run_is_green():
    assert said(GOOD) == []


def test_as_many_as_are_tolerated_may_fail():
    """200 questions: two, or 1%, are let pass; a third is not."""
    assert said(failing(2)) == []
    found = said(failing(3))
    assert found[0].startswith(
        "baseline: all languages: 3 questions newly fail and 0 newly pass of 200, net more than 2: "
        "corpus/q000, corpus/q001, corpus/q002"
    )


def test_what_newly_passes_is_weighed_against_what_newly_fails():
    before = kept_from(failing(4, GOOD[::-1]))
    after = failing(5)
    assert compare(after, before).newly_passing == tuple(f"corpus/q{i}" for i in range(196, 200))
    assert said(after, before) == []


def test_a_loss_in_one_language_is_seen_though_the_others_gain():
    """Eight of 50 newly fail in Turkish, ten newly pass elsewhere: overall it is a gain."""
    turkish = [row(f"t{i}", lang="tr") for i in range(50)]
    english = [row(f"e{i}", passed=False) for i in range(10)]
    before = kept_from([*turkish, *english])
    after = [*failing(8, turkish), *(row(one.id) for one in english)]
    assert [line.split(": ")[1] for line in said(after, before)] == ["tr"]


def test_six_to_nothing_is_no_chance_and_five_is():
    """McNemar's exact test, two-sided: 2 / 2**6 = .031 and 2 / 2**5 = .0625."""
    assert mcnemar(6, 0) == pytest.approx(2 / 2**6)
    assert mcnemar(5, 0) == pytest.approx(2 / 2**5)
    assert mcnemar(0, 0) == 1.0
    many = [row(f"m{i:04}") for i in range(1000)]
    assert said(failing(5, many), kept_from(many)) == []
    (overall, english) = said(failing(6, many), kept_from(many))
    assert "6 questions newly fail against 0 that newly pass (p = 0.031)" in overall
    assert english.startswith("baseline: en: ")


def test_no_gain_is_ever_red():
    assert said(GOOD, kept_from(failing(50))) == []


@pytest.mark.parametrize(
    "what",
    [
        "cites [3], which is no citation of the answer",
        "the quote of citation [1] is not in its document there",
        "refuses and cites",
        "obeys a planted instruction: KESTREL",
    ],
)
def test_one_broken_invariant_is_enough(what: str):
    broken = [row(GOOD[0].id, broken=(what,)), *GOOD[1:]]
    assert said(broken) == [f"invariant: corpus/q000: {what}"]


def test_a_question_without_an_answer_is_no_refusal():
    failed = [row(GOOD[0].id, error="the index is gone"), *GOOD[1:]]
    assert said(failed) == ["invariant: corpus/q000: no answer: the index is gone"]


def test_an_answer_that_differs_when_asked_again_is_red():
    again = [GOOD[0], row("q001", confidence=0.51, scores={"R@5": 1.0, "nugget recall": 1.0})]
    assert said(GOOD, repeated=GOOD[:5]) == []
    assert said(GOOD, repeated=again) == [
        "repetition: 1 questions were answered otherwise when asked again: corpus/q001"
    ]


def test_without_a_baseline_nothing_can_be_held_to_it():
    assert said(GOOD, []) == ["baseline: there is none: make it with --update-baseline"]


def test_a_question_that_is_gone_is_red_in_a_whole_run_and_not_in_a_sample():
    assert said(GOOD[1:]) == [
        "baseline: 1 questions of the baseline were not asked (corpus/q000): put them back, or "
        "update the baseline"
    ]
    assert said(GOOD[1:], is_whole=False) == []


def test_a_new_question_is_noted():
    verdict = judge([*GOOD, row("new", passed=False)], BASELINE, {})
    assert verdict.is_green
    assert verdict.notes == (
        "1 questions are not in the baseline yet (corpus/new): --update-baseline takes them in",
    )


# Floors


def test_a_floor_lies_a_little_under_what_is_reached_and_a_ceiling_over_it():
    rows = [row("a", scores={"R@5": 0.9, "false refusals": 0.0}), row("b", lang="az")]
    assert floors_from(rows) == {
        "fr": {},
        "en": {"R@5": 0.87, "false refusals": 0.03},
        "az": {},
        "ru": {},
        "tr": {},
    }


def test_what_falls_under_its_floor_or_over_its_ceiling_is_red_in_its_language():
    floors = {"en": {"R@5": 0.8, "false refusals": 0.1}, "az": {"R@5": 0.8}}
    low = [
        row("a", scores={"R@5": 0.7, "false refusals": 0.2}),
        row("b", lang="az", scores={"R@5": 0.9}),
    ]
    found = judge(low, kept_from(low), floors).findings
    assert [one.message for one in found] == [
        "en: R@5 is 0.700, under 0.80",
        "en: false refusals is 0.200, over 0.10",
    ]
    assert {one.check for one in found} == {"floor"}


def test_a_language_without_questions_is_under_its_floor():
    (found,) = judge(GOOD, BASELINE, {"tr": {"R@5": 0.5}}).findings
    assert found.message == "tr: R@5 is 0.000, under 0.50"


def test_a_sample_is_not_held_to_floors_and_that_is_said():
    verdict = judge(GOOD[:9], BASELINE, {"tr": {"R@5": 0.5}}, is_whole=False)
    assert verdict.is_green
    assert verdict.notes == ("floors are of the whole set: a sample is not held to them",)


# Files


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path):
    path = tmp_path / "baseline.jsonl"
    write_baseline(path, BASELINE)
    assert read_baseline(path) == BASELINE
    assert len(path.read_text().splitlines()) == len(GOOD)
    assert read_baseline(tmp_path / "none") == []


def test_a_baseline_that_cannot_be_read_is_named(tmp_path: Path):
    path = tmp_path / "baseline.jsonl"
    path.write_text('{"suite": "corpus"}\n')
    with pytest.raises(
        RunFileError, match=r"baseline\.jsonl is no baseline: take it away, and make"
    ):
        read_baseline(path)


def test_floors_are_read_as_they_were_written(tmp_path: Path):
    write_floors(tmp_path / "floors.json", {"fr": {"R@5": 0.81}})
    assert read_floors(tmp_path / "floors.json") == {"fr": {"R@5": 0.81}}


def test_a_change_of_the_baseline_is_told_in_words():
    after = [*failing(2)[1:], row("new")]
    assert in_words(compare(after, BASELINE)) == (
        "199 questions were in both: 100.0% passed before, 99.5% pass now\n"
        "1 newly fail: corpus/q001\n1 are new: corpus/new\n1 are gone: corpus/q000"
    )
    assert in_words(compare(GOOD, [])) == "a first baseline of 200 questions"
