"""Who said it: how a question names a person as the one whose words are wanted."""

import re
from collections.abc import Iterator, Sequence

from rag.model import Span
from rag.text.folding import Token
from rag.text.names import read_names

_BEFORE = {
    "en": r"according to|in the (?:words|opinion|view) of|as (?:said|stated|told) by",
    "fr": r"selon|d['’]après|de l['’]avis d(?:e |['’])|aux dires d(?:e |['’])",
    "ru": r"по (?:словам|мнению|данным|оценке)",
}
"""What stands before the name; only blanks and a title between."""
_AFTER = {
    "az": r"(?:[-'’]?[ny]?[aə])?\s+görə|['’]?(?:[nd]?[ıiuü]n)\s+(?:sözlərinə\s+görə|fikrincə"
    r"|dediyinə\s+görə)",
    "tr": r"['’]?(?:[ny]?[ae])?\s+göre|['’]?(?:n?[ıiuü]n)\s+(?:sözlerine|dediğine|görüşüne)\s+göre",
}
"""What stands after it, the case ending that the name has taken on included."""
_TITLE = r"(?:\s+[\w.’'-]+){0,3}?\s*"
_PATTERNS = {
    lang: re.compile(pattern, re.IGNORECASE)
    for lang, pattern in [
        *((lang, rf"\b(?:{words}){_TITLE}$") for lang, words in _BEFORE.items()),
        *((lang, rf"(?:{words})\b") for lang, words in _AFTER.items()),
    ]
}
_NEAR = 60
"""Characters before a name in which the phrase is looked for."""


def read_persons(question: str, words: Sequence[Token], lang: str) -> Iterator[tuple[Span, str]]:
    """(phrase and name, the name) of each person who is named as a source in ``question``.

    Whether it is a person or a body is not told apart: either is only preferred.
    """
    pattern = _PATTERNS[lang]
    for name in read_names(question, words):
        start, end = name.span
        if lang in _BEFORE:
            if found := pattern.search(question[max(0, start - _NEAR) : start]):
                yield Span(start - len(found[0]), end), question[start:end]
        elif found := pattern.match(question, end):
            yield Span(start, found.end()), question[start:end]
        elif last := _ended(question, pattern, start, end):
            yield Span(start, last), question[start:end]


def _ended(question: str, pattern: re.Pattern[str], start: int, end: int) -> int:
    """Where the phrase ends after a name whose case ending the name's span holds; 0 for none."""
    for at in range(end - 1, max(start + 2, end - 5), -1):
        if found := pattern.match(question, at):
            return found.end()
    return 0
