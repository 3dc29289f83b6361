"""The runner: what it asks, what it writes down, and that it goes on where it stopped."""

from collections import Counter
from pathlib import Path

import pytest

from eval import records
from eval.questions import Question, Suite, suites
from eval.run import Choice, Opened, chosen, opened, run
from rag.errors import AnswererError
from rag.gazette import Gazette
from rag.settings import load_settings

FEW = Choice(sample=4)


@pytest.fixture
def corpus(reader: Gazette) -> Opened:
    documents = {document.id: document for document in reader.documents()}
    return Opened(suites()[0], reader, documents)


def test_a_row_holds_the_answer_and_its_scores(corpus: Opened, tmp_path: Path):
    found = run([corpus], corpus.gazette.settings, FEW, tmp_path)
    assert len(found.rows) == 4
    for row in found.rows:
        answer = corpus.gazette.answer(row.question, today=corpus.today)
        assert row.refused == answer.refused
        assert [s.text for s in row.sentences] == [s.text for s in answer.sentences]
        assert len(row.passages) == 10
        assert [p.doc for p in row.passages[:6]] == [h.passage.doc for h in answer.passages]
        assert row.broken == () and row.error == ""
    assert found.peak_memory > 100 * 2**20


def test_rows_timings_and_what_it_was_made_with_are_on_disk(corpus: Opened, tmp_path: Path):
    found = run([corpus], corpus.gazette.settings, FEW, tmp_path)
    assert records.rows_from(tmp_path / records.RESULTS) == list(found.rows)
    timings = records.timings_from(tmp_path / records.TIMINGS)
    assert {t.id for t in timings} == {row.id for row in found.rows}
    assert all(set(t.seconds) >= {"retrieval", "evidence", "total"} for t in timings)
    assert (tmp_path / records.ABOUT).read_text() == records.line_of(found.about)
    assert sorted(
        p.name for p in tmp_path.iterdir() if p.is_file() and p.name != ".lock"
    ) == sorted([records.RESULTS, records.TIMINGS, records.ABOUT])


def test_a_run_that_was_cut_off_goes_on(corpus: Opened, tmp_path: Path):
    """The second run asks only what the first did not, and ends with the same bytes."""
    whole = run([corpus], corpus.gazette.settings, FEW, tmp_path / "whole")

    def stop(done: int, total: int, name: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([corpus], corpus.gazette.settings, FEW, tmp_path / "cut", stop)
    with (tmp_path / "cut" / "rows.part").open("a") as file:
        file.write('{"half a li')
    asked: list[str] = []
    counting = counting_of(corpus, asked)
    assert run([counting], corpus.gazette.settings, FEW, tmp_path / "cut").rows == whole.rows
    assert len(asked) == 2
    first, second = (tmp_path / name / records.RESULTS for name in ("whole", "cut"))
    assert first.read_bytes() == second.read_bytes()


def test_another_run_begins_anew(corpus: Opened, tmp_path: Path):
    def stop(done: int, total: int, name: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([corpus], corpus.gazette.settings, FEW, tmp_path, stop)
    asked: list[str] = []
    other = Choice(sample=4, seed=1)
    found = run([counting_of(corpus, asked)], corpus.gazette.settings, other, tmp_path)
    assert len(asked) == len(found.rows) == 4


def counting_of(corpus: Opened, asked: list[str]) -> Opened:
    """The corpus, telling what it is asked."""

    class Counting(Gazette):
        def ask(self, question: str, *given: object, **more: object):  # type: ignore[no-untyped-def,override]
            asked.append(question)
            return corpus.gazette.ask(question, *given, **more)  # type: ignore[arg-type]

    gazette = Counting(corpus.gazette.settings, corpus.gazette.embedder)
    return Opened(corpus.suite, gazette, corpus.documents)


def test_a_failure_is_no_refusal(corpus: Opened, tmp_path: Path):
    class Failing(Gazette):
        def ask(self, question: str, *given: object, **more: object):  # type: ignore[no-untyped-def,override]
            raise AnswererError("the model went away")

    failing = Failing(corpus.gazette.settings, corpus.gazette.embedder)
    found = run([Opened(corpus.suite, failing, corpus.documents)], failing.settings, FEW, tmp_path)
    for row in found.rows:
        assert (row.error, row.refused, row.passed) == ("the model went away", False, False)
        assert "false refusals" not in row.scores and "false answers" not in row.scores
    answerable = [row for row in found.rows if row.behaviour != "refuse"]
    assert answerable and all(row.scores["nugget recall"].value == 0 for row in answerable)


# Samples


def test_a_sample_has_the_proportions_of_the_whole(trial_questions: list[Question]):
    sample = chosen(trial_questions, Choice(sample=100))
    assert len(sample) == 100
    for of in (lambda q: q.lang, lambda q: q.is_answerable):
        whole, part = Counter(map(of, trial_questions)), Counter(map(of, sample))
        for value, count in whole.items():
            assert abs(part[value] / 100 - count / len(trial_questions)) < 0.06


def test_a_sample_is_the_same_each_time_and_a_smaller_one_lies_in_it(
    trial_questions: list[Question],
):
    large = [q.id for q in chosen(trial_questions, Choice(sample=60))]
    assert large == [q.id for q in chosen(trial_questions, Choice(sample=60))]
    small = [q.id for q in chosen(trial_questions, Choice(sample=12))]
    assert set(small) < set(large)
    assert large != [q.id for q in chosen(trial_questions, Choice(sample=60, seed=1))]


def test_a_split_is_asked_alone(trial_questions: list[Question]):
    parts = [chosen(trial_questions, Choice(split)) for split in ("development", "sealed")]
    assert {q.split for q in parts[1]} == {"sealed"}
    assert len(parts[0]) + len(parts[1]) == len(chosen(trial_questions, Choice()))


# Indexes


def test_a_suite_is_indexed_beside_the_users_own_index(tmp_path: Path):
    folder = tmp_path / "press"
    folder.mkdir()
    (folder / "a.md").write_text("---\ntitle: A\nlang: en\n---\n\nThe bridge is 380 metres long.\n")
    settings = load_settings(answerer="extractive")
    suite = Suite("mine", folder, ())
    with opened([suite], settings, lambda done, total, name: None) as (one,):
        assert list(one.documents) == ["press/a.md"]
        assert one.gazette.settings.home == settings.home / "evaluation" / "mine"
        assert one.questions() == []
    assert not Gazette(settings).is_indexed
