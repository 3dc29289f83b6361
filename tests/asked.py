"""What a question of the evaluation was answered, as tests take it."""

from dataclasses import dataclass

from eval.questions import Question
from rag.model import Answer


@dataclass(frozen=True)
class Asked:
    """A question and its answer."""

    question: Question
    answer: Answer
