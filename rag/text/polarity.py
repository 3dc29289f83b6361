"""Polarity: whether a sentence of one of the five languages denies something.

Words and verb endings only; what is denied is not looked at.
"""

import re

from rag.model import Span

_NEGATIONS = {
    "en": r"\b(?:no|not|never|none|nobody|nothing|neither|nor|without|cannot|fail(?:s|ed)? to)\b|n['’]t\b",
    "fr": r"\b(?:ne|jamais|aucun\w*|sans|ni)\b|\bn['’]|\bpas (?:de|d['’]|encore)\b",
    "ru": r"\b(?:не|нет|ни|без|никогда|никто|ничего|нельзя|ниоткуда|нигде)\b",
    "az": r"\b(?:deyil\w*|yox\w*|heç|olmadan)\b"
    r"|\w(?:ma|mə)(?:y(?:ıb|ib|ub|üb|acaq|əcək|ən|an|ır|ir)\w*|d[ıi]\w*|z(?:lar|lər)?|mış\w*|miş\w*"
    r"|s[ıi]n(?:lar|lər)?|d[ae]n)\b",
    "tr": r"\b(?:değil\w*|yok\w*|hiç\w*|olmadan|ne ne)\b"
    r"|\w(?:m[ıiuü]yor\w*|m[ae](?:d[ıi]\w*|yacak\w*|yecek\w*|z(?:lar|ler)?|m[ıi]ş\w*|yan\w*|yen\w*|dan|den))\b",
}
_PATTERNS = {lang: re.compile(pattern, re.IGNORECASE) for lang, pattern in _NEGATIONS.items()}


def negations(text: str, lang: str) -> list[Span]:
    """Where ``text``, in the language ``lang``, holds negations, in order."""
    pattern = _PATTERNS.get(lang)
    return [Span(*found.span()) for found in pattern.finditer(text)] if pattern else []


def denies(text: str, lang: str) -> bool:
    """Whether ``text``, in the language ``lang``, holds a negation."""
    return bool(negations(text, lang))
