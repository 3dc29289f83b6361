"""Calibration: weights that are never negative, and that separate what can be separated."""

from dataclasses import fields

import numpy as np
import pytest

from eval import calibrate
from eval.calibrate import Measured, chances, fit, rows_of
from eval.questions import Question
from rag.answering import refusal
from rag.answering.refusal import Signals, confidence

QUESTION = Question("q", "Q?", "en")


def logits(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return rows @ weights[:-1] + weights[-1]


def test_what_can_be_separated_is():
    yes = np.array([[0.8, 1.0], [0.7, 1.0], [0.9, 0.5], [0.6, 1.0]])
    no = np.array([[0.2, 1.0], [0.3, 0.5], [0.1, 1.0], [0.25, 0.0]])
    weights = fit(yes, no)
    assert weights.shape == (3,)
    assert (weights[:-1] >= 0).all()
    assert logits(yes, weights).min() > 0 > logits(no, weights).max()


def test_a_signal_that_speaks_the_wrong_way_gets_no_weight():
    yes = np.array([[0.9, 0.1], [0.8, 0.0], [0.7, 0.2]])
    no = np.array([[0.1, 0.9], [0.2, 1.0], [0.3, 0.8]])
    meaning, wrong, _ = fit(yes, no)
    assert meaning > 1
    assert wrong == pytest.approx(0.0, abs=1e-6)


def test_a_signal_that_says_nothing_gets_almost_none():
    yes = np.array([[0.9, 0.0], [0.8, 1.0], [0.9, 1.0], [0.8, 0.0]])
    no = np.array([[0.1, 0.0], [0.2, 1.0], [0.1, 1.0], [0.2, 0.0]])
    meaning, nothing, _ = fit(yes, no)
    assert abs(nothing) < 0.1 < meaning


def test_both_sides_count_alike_whatever_their_numbers():
    yes, no = np.array([[1.0], [0.6]]), np.array([[0.0], [0.4]])
    many = np.repeat(no, 50, axis=0)
    assert fit(yes, many) == pytest.approx(fit(yes, no), abs=0.02)


def test_fitting_twice_gives_the_same():
    generator = np.random.default_rng(7)
    yes, no = generator.random((30, 3)) + 0.3, generator.random((20, 3))
    assert (fit(yes, no) == fit(yes, no)).all()


def test_the_signals_it_fits_are_those_of_a_refusal():
    known = {field.name for field in fields(Signals)}
    assert set(calibrate._SUBJECT) | set(calibrate._FITTING) == known


def test_chances_are_the_confidence_that_answers_are_given_with():
    found = [Signals(0.5, 0.3, 1.0, 1.0), Signals(0.1, 0.05, 0.5, 0.0), Signals(1.0, 1.0, 0.0, 1.0)]
    measured = [Measured(QUESTION, {f.name: getattr(s, f.name) for f in fields(s)}) for s in found]
    assert rows_of(measured, ("meaning", "names")).tolist() == [[0.3, 1.0], [0.05, 0.5], [1.0, 0.0]]
    subject, fitting = np.array(refusal._ON_SUBJECT), np.array(refusal._FITTING)
    expected = [confidence(one) for one in found]
    assert chances(measured, subject, fitting) == pytest.approx(expected)
