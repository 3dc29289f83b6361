"""The files of a run: the same bytes for the same rows, read back as they were written."""

from pathlib import Path

import pytest
from rows import ABOUT, row

from eval.records import (
    Gold,
    Place,
    Quote,
    RunFileError,
    Score,
    Sentence,
    Timing,
    in_order,
    line_of,
    rows_from,
    timings_from,
    write_lines,
)

FULL = row(
    "full",
    question="Çox «uzun»?\u2028 İ",
    sentences=(Sentence("A.", (1,), ("n1",), ("5",)),),
    citations=(Quote(1, Place("d", 0, 2), "az", "T", "A."),),
    passages=(Place("d", 0, 9),),
    gold=(Gold("n1", True, "a", (Place("d", 0, 2),), "stated"),),
    scores={},
    broken=("refuses and cites",),
)


def test_rows_are_read_as_they_were_written(tmp_path: Path):
    rows = [FULL, row("b", scores={"R@5": 0.5})]
    write_lines(tmp_path / "r.jsonl", rows)
    assert rows_from(tmp_path / "r.jsonl") == rows
    timings = [Timing("corpus", "q", 0, {"total": 0.25}, 6, 40)]
    write_lines(tmp_path / "t.jsonl", timings)
    assert timings_from(tmp_path / "t.jsonl") == timings


def test_a_row_is_one_line_whatever_it_holds():
    line = line_of(FULL)
    assert line.count("\n") == 1
    assert line == line_of(FULL)
    assert "Çox" in line


def test_the_order_of_scores_makes_no_difference():
    one = row(scores={"R@5": 1.0, "R@1": 0.0})
    other = row(scores={"R@1": 0.0, "R@5": 1.0})
    assert line_of(one) == line_of(other)


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path: Path):
    path = tmp_path / "r.part"
    whole = line_of(row("a")) + line_of(row("b"))
    for cut in range(len(line_of(row("a"))), len(whole)):
        path.write_text(whole[:cut], encoding="utf-8")
        with path.open("ab") as file:
            file.write("ə".encode()[:1])
        assert [one.id for one in rows_from(path)] == ["a"]


def test_another_line_that_is_no_row_is_named(tmp_path: Path):
    path = tmp_path / "r.jsonl"
    path.write_text(line_of(row("a")) + "{}\n" + line_of(row("b")), encoding="utf-8")
    with pytest.raises(RunFileError, match=r"r\.jsonl:2 is no line that this version wrote: use"):
        rows_from(path)


def test_rows_come_in_the_order_of_suite_id_and_seed():
    rows = [row("b"), row("a", seed=2), row("a", seed=1), row("z", suite="a")]
    assert [(r.suite, r.id, r.seed) for r in in_order(rows)] == [
        ("a", "z", 0),
        ("corpus", "a", 1),
        ("corpus", "a", 2),
        ("corpus", "b", 0),
    ]


def test_a_score_without_weight_says_that_there_was_nothing():
    assert Score(0.0, 0.0).weight == 0
    assert "weight" in line_of(row(scores={"R@5": 1.0}))
    assert ABOUT.version in line_of(ABOUT)
