"""Atoms: what can be checked of a sentence (numbers, dates, names, quotations), and whether a text
holds it, across languages and scripts.

An atom is held where the text states the same value, date, name or words; that it states the same
of them is not looked at.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rag.model import Span
from rag.text.dating import Date, agrees, read_dates
from rag.text.exonyms import places
from rag.text.folding import Token, name_key, same_name, tokens
from rag.text.names import Name, gram_recall, read_names
from rag.text.quantities import Number, read_numbers

__all__ = [
    "Atom", "Atoms", "Date", "Name", "Number", "Quotation", "agrees", "dates", "gram_recall",
    "names", "numbers", "quotations", "unsupported",
]  # fmt: skip

_QUOTED = re.compile(r"«([^«»]++)»|“([^“”„]++)”|„([^“”„]++)[“”]|\"([^\"\n]++)\"")


@dataclass(frozen=True, slots=True)
class Quotation:
    """At least two words between quotation marks; the marks are outside the span."""

    span: Span
    words: tuple[str, ...]
    """Its words, folded."""


Atom = Number | Date | Name | Quotation


@dataclass(frozen=True, slots=True)
class Atoms:
    """The atoms of a text, and what is needed to tell whether it holds those of another."""

    text: str
    numbers: tuple[Number, ...]
    dates: tuple[Date, ...]
    names: tuple[Name, ...]
    quotations: tuple[Quotation, ...]
    _values: frozenset[Decimal]
    _by_key: Mapping[str, frozenset[str]]
    """Folded words by their name key; under "" all of them."""
    _running: str
    """The folded words, each between line ends, which no word holds."""
    _capitalised: tuple[str, ...]
    """The folded words that are written with a capital, in order."""

    @classmethod
    def of(cls, text: str, lang: str | None = None) -> "Atoms":
        """Analyse ``text``, written in ``lang``; without it only unambiguous number words count."""
        words = tokens(text)
        found, read = _quantities(text, words, lang)
        by_key: dict[str, set[str]] = defaultdict(set)
        for word in words:
            by_key[""].add(word.folded)
            by_key[name_key(word.folded)].add(word.folded)
        values = {number.value for number in read}
        values |= {Decimal(date.year) for date in found if date.year and date.is_year}
        return cls(
            text,
            tuple(number for number in read if number.is_certain),
            tuple(found),
            tuple(read_names(text, words)),
            tuple(quotations(text)),
            frozenset(values),
            {key: frozenset(folded) for key, folded in by_key.items()},
            _running(word.folded for word in words),
            tuple(word.folded for word in words if word.is_capitalised),
        )

    def __iter__(self) -> Iterator[Atom]:
        """All atoms, in the order of the text."""
        found: list[Atom] = [*self.numbers, *self.dates, *self.names, *self.quotations]
        return iter(sorted(found, key=lambda atom: atom.span))

    def holds(self, atom: Atom) -> bool:
        """Whether the text states ``atom``, an atom of any text.

        Number: the same value, in digits or words. Date: all that it gives; a bare year may be
        written as a number. Name: a word for each of its words that can be the same name, or the
        same place in another language.
        Quotation: its words in their order, none between.
        """
        match atom:
            case Number():
                return atom.value in self._values
            case Date():
                is_number = atom.is_year and Decimal(atom.year or 0) in self._values
                return is_number or any(agrees(atom, found) for found in self.dates)
            case Name():
                return all(map(self._holds_word, atom.words)) or self._names_place(atom)
            case Quotation():
                return _running(atom.words) in self._running

    def missing_from(self, sources: Iterable["Atoms"]) -> list[str]:
        """The slices of this text that are atoms which no source holds, in order."""
        held = list(sources)
        return [
            self.text[atom.span.start : atom.span.end]
            for atom in self
            if not any(source.holds(atom) for source in held)
        ]

    def _names_place(self, name: Name) -> bool:
        """Whether ``name`` is a place that the text names, in whatever language."""
        named = places([token.folded for token in tokens(name.text)])
        return bool(named) and named <= places(self._capitalised)

    def _holds_word(self, word: str) -> bool:
        if word in self._by_key.get("", ()):
            return True
        key = name_key(word)
        return bool(key) and any(same_name(word, other) for other in self._by_key.get(key, ()))


def numbers(text: str, lang: str | None = None) -> list[Number]:
    """The numbers of ``text`` that can be checked, in order, but for those in dates."""
    _, read = _quantities(text, tokens(text), lang)
    return [number for number in read if number.is_certain]


def dates(text: str, lang: str | None = None) -> list[Date]:
    """The dates, quarters and years of ``text``, in order."""
    return read_dates(text, tokens(text), lang)


def names(text: str) -> list[Name]:
    """The names of ``text``, in order: words with a capital that no sentence start explains.

    A word that starts a sentence belongs to the name that follows it at once, but is not required
    of a source: it may be an ordinary word.
    """
    return list(read_names(text, tokens(text)))


def quotations(text: str) -> list[Quotation]:
    """What stands between «…», “…”, „…“, „…” or "…" in ``text``, from two words on, in order."""
    found = []
    for match in _QUOTED.finditer(text):
        inside = match[match.lastindex or 0]
        start = match.start(match.lastindex or 0) + len(inside) - len(inside.lstrip())
        words = tuple(word.folded for word in tokens(inside))
        if len(words) > 1 and len(inside.split()) > 1:
            found.append(Quotation(Span(start, start + len(inside.strip())), words))
    return found


def unsupported(sentence: str, lang: str, sources: Sequence[tuple[str, str]]) -> list[str]:
    """The atoms of ``sentence`` that none of ``sources``, (text, language), holds, in order.

    None for a sentence that stands in a source word for word.
    """
    # Not after a digit or inside a word: "5 firms" does not stand in "15 firms".
    verbatim = re.compile(rf"(?<![\w.,])(?<!\d[ \u00a0\u202f]){re.escape(sentence)}(?!\w)")
    if any(verbatim.search(text) for text, _ in sources):
        return []
    return Atoms.of(sentence, lang).missing_from([Atoms.of(*source) for source in sources])


def _running(words: Iterable[str]) -> str:
    return "".join(f"\n{word}\n" for word in words)


def _quantities(
    text: str, words: Sequence[Token], lang: str | None
) -> tuple[list[Date], list[Number]]:
    """Dates and, outside them, numbers, doubtful ones included."""
    found = read_dates(text, words, lang)
    inside = {position for date in found for position in range(*date.span)}
    taken = {i for i, word in enumerate(words) if word.span.start in inside}
    return found, list(read_numbers(text, words, lang, taken))
