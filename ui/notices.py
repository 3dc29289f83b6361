"""What is told of an answer, in the words of the interface's language.

Notices come in English, with what is technical in them; those a reader meets every day are worded
here, the others are shown as they are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_KNOWN = (
    (r"answered by quotation: .*", "told_quotation"),
    (r"answered by (?P<model>\S+).*", "told_model"),
    (r"(?P<n>\d+) sentence\(s\) of .* left out: .*", "told_left_out"),
    (r"(?P<n>\d+) sentence\(s\) of .* marked: .*", "told_marked"),
    (r"answered with the documents' own sentences instead", "told_own_words"),
    (r"no document is of that time and source: all were searched", "told_widened"),
    (r"no chosen document is of .*|.* all chosen ones were searched", "told_widened_chosen"),
    (r"stopped before its end", "told_stopped"),
    (r".*; another server was asked instead", "told_another_server"),
    (r"(?P<model>\S+) on .* (fell silent for|wrote nothing within) .*", "told_silent"),
    (r".* failed \(.*\): run gazette doctor", "told_model_failed"),
    (r"this answer is not kept: .*", "told_not_kept"),
)
_PATTERNS = [(re.compile(pattern, re.DOTALL), name) for pattern, name in _KNOWN]


@dataclass(frozen=True, slots=True)
class Told:
    """A line about an answer, or about a failure."""

    text: str
    is_english: bool
    """Whether it stays in English whatever the interface's language."""


def told(notice: str, words: Mapping[str, str]) -> Told:
    """``notice`` in the interface's words, where it is one of those that have them."""
    for pattern, name in _PATTERNS:
        if found := pattern.fullmatch(notice):
            return Told(words[name].format(**found.groupdict()), False)
    return in_english(notice)


def in_english(text: str) -> Told:
    """What has no words of the interface's language: a sentence, but for a name at its start."""
    begins_with_word = text.partition(" ")[0].isalpha()
    return Told(text[:1].upper() + text[1:] if begins_with_word else text, True)
