"""Citation markers: the stream of a model's reply becomes sentences and the passages they cite.

A piece is read one character at a time, so how the stream is cut changes nothing. What may still
become a marker or markup is held. A sentence ends once the first word of the next is whole.
"""

import re

from rag.answering.unfinished import STOPPED, Draft, Tail

# What stands in the brackets of a marker: numbers, ranges, words before and notes after them.
_LABEL = (
    r"(?:passage|source|document|doc|extrait|référence|reference|ref|mənbə|sənəd|parça|keçid|kaynak"
    r"|belge|pasaj|источник|документ|отрывок|пассаж|фрагмент)s?[\s:.#№°]*"
)
_NOTE = r"\s?†[^\]\[【】〔〕［］,;\n]*"
_RANGE = re.compile(rf"(\d{{1,3}})(?:\s?[-‑–—]\s?(\d{{1,3}}))?(?:{_NOTE})?")
_CITED = rf"(?:{_LABEL}|[\^#№]\s?)?\d{{1,3}}(?:\s?[-‑–—]\s?\d{{1,3}})?(?:{_NOTE})?"
_INSIDE = rf"\s?{_CITED}(?:\s?[,;]\s?{_CITED})*\s?"

# A marker or markup; what may become one when more has come; a marker that the end cut off.
_TOKEN = re.compile(
    rf"(?P<square>[\[【〔［]{_INSIDE}[\]】〕］])|(?P<round>[(（]{_INSIDE}[)）])"
    r"|(?P<raised>[⁰¹²³⁴-⁹]+(?:⁻[⁰¹²³⁴-⁹]+)?)|(?P<carets>\^\d{1,3}(?:[,;] ?\d{1,3})*\^)"
    r"|(?P<thought><think(?:ing)?>)|(?P<thought_over></think(?:ing)?>)|(?P<markup>\*{1,3}|`)",
    re.IGNORECASE,
)
_TOKEN_BEGUN = re.compile(
    r"[\[【〔［][^\]\[【】〔〕［］\n]{0,48}|[(（](?:[^\W\d_]{0,12}[ \u00a0:.#№°]{0,3})?[\d, ]{0,24}"
    r"|[(（][^()\n]{0,40}\d ?[)）][ \t\u00a0]{0,4}|[⁰¹²³⁴-⁹⁻]{1,7}|\^(?:\d[\d,; ]{0,40})?"
    r"|</?[a-z]{0,8}|\*{1,2}",
    re.IGNORECASE,
)
_TOKEN_CUT = re.compile(r"[\[【〔［(（][^\W\d_]*[ :.#№°^]*[\d ,;‑–—-]*(?:†.*)?")

# What only the beginning of a line can be.
_BULLET = re.compile(
    r"[•◦▪‣●○■]|(?:[-–—*]|[-*_]{3,}|#{1,6}|(\d{1,2})[.)]|\((\d{1,2})\)(?=[ \t]+[^\s(\[]))(?=\s)"
)
_BULLET_BEGUN = re.compile(r"[-–—*_]{1,12}|#{1,6}|\d{1,2}[.)]?|\(\d{0,2}|\(\d{1,2}\)[ \t]{0,4}")
_SOURCES = (
    "sources source références référence references reference bibliographie citations источники "
    "источник ссылки литература mənbələr mənbə istinadlar ədəbiyyat kaynaklar kaynakça kaynak"
).split()
_SOURCES_LINE = re.compile(rf"(?:{'|'.join(_SOURCES)})[*\s]{{0,8}}?[:：\n]", re.IGNORECASE)

# A number in round brackets cites after a word, before the end of a clause; never after "art.".
_CLAUSE = re.compile(r"(?:[^\W\d_][^\W_]+|\d{4}|[%\"'”’»)\]])$")
_CLAUSE_ENDS = frozenset(".,;:!?…)]»”*([【〔［（\n")
# After a unit, one letter or a short number a raised one is a power: km², x², 10².
_POWER = re.compile(
    r"(?:^|[\W\d_])(?:[^\W\d_]|[kcdm]m|ft|mi|[ксдм]м)$|(?:^|\W)\d{1,2}$|[⁰¹²³⁴-⁹⁻]$"
)
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
# Brackets belong to an address only in its query.
_QUERY = re.compile(r"(?:https?://|www\.)[^\s?]*\?\S*$")


class DraftParser:
    """Reads the reply of a model as it comes; after ``finish`` it is ready for another.

    Passages are numbered 1 to ``known``; a marker of another number goes and cites nothing. A
    language that is not known is read by the rules for English.
    """

    def __init__(self, language: str, known: int) -> None:
        self._language, self._known = language, known
        self._begin()

    def _begin(self) -> None:
        self._tail = Tail(self._language)
        self._held = ""
        self._thought: str | None = None  # the end of one that goes on
        self._lines_after_source: int | None = None  # line ends, in a list of sources
        self._enumerates = False  # (1) and (2) begin lines
        self._item = 0

    @property
    def pending(self) -> str:
        """What is read of sentences that are not given yet, without markers, whole or half."""
        return self._tail.shown

    def feed(self, piece: str) -> list[Draft]:
        """The sentences that ``piece`` finishes: those after which another has begun."""
        for char in piece:
            self._read(char)
        return self._tail.take()

    def finish(self) -> list[Draft]:
        """The sentences that are left; a marker that the end cuts in two is dropped."""
        if _TOKEN_CUT.fullmatch(self._held):
            self._held = ""
        self._read("\n")
        self._tail.cut(keeps_last=False)
        drafts = self._tail.take()
        self._begin()
        return drafts

    def _read(self, char: str) -> None:
        if self._thought is not None:
            self._thought = (self._thought + char.lower())[-len("</thinking>") :]
            if self._thought.endswith(("</think>", "</thinking>")):
                self._thought = None
        elif self._lines_after_source is None or self._is_after_sources(char):
            self._held += char
            while self._held and (taken := self._taken(self._held)):
                self._held = self._held[taken:]

    def _is_after_sources(self, char: str) -> bool:
        """Whether a paragraph begins that is no list: there the list of sources is over."""
        lines = self._lines_after_source or 0
        if char.isspace():
            self._lines_after_source = lines + (char == "\n")
        else:
            self._lines_after_source = None if lines > 1 and char.isalpha() else 0
        return self._lines_after_source is None

    def _taken(self, held: str) -> int:
        """How much of what is held was read; 0 when it takes more to know what it is."""
        if self._tail.is_at_line_start and not held[0].isspace():
            taken = self._line(held)
            if taken is not None:
                return taken
        if _TOKEN_BEGUN.fullmatch(held):
            return 0
        token = _TOKEN.match(held)
        if token and self._accepts(token):
            return token.end()
        self._tail.put(held[0])
        return 1

    def _line(self, held: str) -> int | None:
        """The same for what may stand at the beginning of a line; None when it does not."""
        if bullet := _BULLET.match(held):
            number = int(bullet[1] or bullet[2] or 0)
            if number in (0, 1, self._item + 1):  # a sentence may begin with a number, too
                self._item = number or self._item
                self._enumerates = self._enumerates or bool(bullet[2])
                self._tail.begin_item(is_heading=held[0] == "#")
                return bullet.end()
        if _SOURCES_LINE.match(held):
            self._tail.end_heading(is_dropped=True)
            self._lines_after_source = int(held[-1] == "\n")
            return len(held)
        word = held.rstrip("* \t\u00a0").lower()
        is_source = len(held) < 24 and any(s.startswith(word) for s in _SOURCES)
        return 0 if (word and is_source) or _BULLET_BEGUN.fullmatch(held) else None

    def _accepts(self, token: re.Match[str]) -> bool:
        """Read a marker or markup, unless here it is text."""
        kind, held = token.lastgroup, token.string
        if kind == "thought":
            self._thought = ""
        elif kind == "thought_over":
            self._tail.forget()  # some templates leave out the opening tag
        elif kind == "markup":
            around = self._tail.text[-1:] or " ", held[token.end() : token.end() + 1] or " "
            is_text = all(c.isspace() for c in around) or all(c.isdigit() for c in around)
            return token[0] != "*" or not is_text
        elif self._is_marker(kind, token[0], held[token.end() :]):
            self._tail.cite(self._numbers(token[0]))
        else:
            return False
        return True

    def _is_marker(self, kind: str | None, marker: str, rest: str) -> bool:
        if kind == "round":
            return self._is_round_marker(marker, rest)
        if kind == "square":
            return not _QUERY.search(self._tail.text[-300:])
        return not _POWER.search(self._tail.text[-6:])

    def _is_round_marker(self, marker: str, rest: str) -> bool:
        following = rest.lstrip(" \t\u00a0")[:1]
        if not all(1 <= int(n) <= self._known for n in re.findall(r"\d+", marker)):
            return False
        if self._tail.is_at_line_start and following.isalnum():
            self._enumerates = True
            return False
        inside = marker[1:-1].strip()
        if inside[0].isalpha():
            return True
        if self._enumerates or not re.fullmatch(r"[\d, ]+", inside):  # (2-1) may be a score
            return False
        before = self._tail.text[-60:].rstrip()
        if STOPPED.search(before):
            return not following.islower() and self._tail.ends_a_sentence()
        return following in _CLAUSE_ENDS and bool(_CLAUSE.search(before))

    def _numbers(self, marker: str) -> list[int]:
        digits = marker.translate(_LOWERED)
        if digits != marker and digits.isdecimal() and int(digits) > self._known:
            digits = ",".join(digits)  # ¹² cites 1 and 2 when there is no passage 12
        numbers: list[int] = []
        for first, last in _RANGE.findall(digits):
            low, high = sorted((int(first), int(last or first)))
            numbers += range(max(1, low), min(high, self._known) + 1)
        return numbers
