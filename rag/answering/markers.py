"""Citation markers: the stream of a model's reply becomes sentences and the passages they cite.

A piece is read one character at a time, so how the stream is cut changes nothing. What may still
become a marker or markup is held. A sentence ends once the first word of the next is whole.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass

from rag.text.sentences import sentence_spans

_LONGEST = 2000
"""Code points after which a sentence is cut: no reader wants it, and time stays linear."""
_LONGEST_RUN = 20
"""Times a sign may be repeated; the sentence rules take long over a line of hyphens."""

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

_FINALS = ".!?…"
_STOPPED = re.compile(r"[.!?…][\"'”’»)\]]*$")  # the end of a sentence, quotes closed
# A number in round brackets cites after a word, before the end of a clause; never after "art.".
_CLAUSE = re.compile(r"(?:[^\W\d_][^\W_]+|\d{4}|[%\"'”’»)\]])$")
_REFERENCE = re.compile(r"\b(?:art|sec|ch)\.$", re.IGNORECASE)
_OPENERS = {"fr": "Le", "az": "Bu", "ru": "Это", "tr": "Bu"}
_CLAUSE_ENDS = frozenset(".,;:!?…)]»”*([【〔［（\n")
# After a unit, one letter or a short number a raised one is a power: km², x², 10².
_POWER = re.compile(
    r"(?:^|[\W\d_])(?:[^\W\d_]|[kcdm]m|ft|mi|[ксдм]м)$|(?:^|\W)\d{1,2}$|[⁰¹²³⁴-⁹⁻]$"
)
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
# Brackets belong to an address only in its query.
_QUERY = re.compile(r"(?:https?://|www\.)[^\s?]*\?\S*$")
_JOINT = re.compile(r"\s?[,;]?\s?")
"""What may stand between two markers and go with them."""
_AROUND = {")": "(", "）": "（", "]": "[", "»": "«", "”": "“"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as the model wrote it."""

    text: str
    """Without markers and markup; blanks are single, and plain but for no-break ones."""
    cited: tuple[int, ...]
    """Numbers of known passages, in the order of their markers, each once."""


class DraftParser:
    """Reads the reply of a model as it comes; after ``finish`` it is ready for another.

    Passages are numbered 1 to ``known``; a marker of another number goes and cites nothing. A
    language that is not known is read by the rules for English.
    """

    def __init__(self, language: str, known: int) -> None:
        self._language, self._known = language, known
        self._begin()

    def _begin(self) -> None:
        self._tail = _Tail(self._language)
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
        if _STOPPED.search(before):
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


class _Tail:
    """The text of the sentences that are not given yet, and what they cite."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._hugging = ".,…)]" if language == "fr" else ".,…)];:!?»”"
        self._drafts: list[Draft] = []
        self.forget()

    def forget(self) -> None:
        """Drop all that is not given."""
        self.text = ""
        self.is_at_line_start = True
        self._marks: list[tuple[int, int]] = []  # offset in the text, passage
        self._joint: str | None = None  # what has come since a marker and may be no text
        self._heading: int | None = None  # where it begins
        self._is_at_item = False
        self._stopped = self._in_gap = self._in_next_word = False
        self._is_due, self._next_look = False, 0

    @property
    def shown(self) -> str:
        return _single(self.text[: self._heading].rstrip(" \t\n\u00a0\u202f([（«“"))

    def ends_a_sentence(self) -> bool:
        """Whether the stop at the end would end a sentence before a word that begins one."""
        before = self.text[-200:].rstrip()
        probe = f"{before} {_OPENERS.get(self._language, 'The')}"
        last = sentence_spans(probe, self._language)[-1]
        return last.start > len(before) and not _REFERENCE.search(before)

    def take(self) -> list[Draft]:
        drafts, self._drafts = self._drafts, []
        return drafts

    def begin_item(self, *, is_heading: bool) -> None:
        self._break()
        self._is_at_item = True
        if is_heading:
            self._heading = len(self.text)

    def end_heading(self, *, is_dropped: bool) -> None:
        """A heading is no statement, unless it ends or is cited as one."""
        if self._heading is not None and is_dropped:
            self._replace(self.text[: self._heading])
        self._heading = None
        self._is_at_item, self.is_at_line_start = False, True
        self._break()

    def cite(self, passages: list[int]) -> None:
        at = len(self.text) + self._is_at_item  # before an item's text it is the item's own
        self._marks += [(at, passage) for passage in passages]
        self._joint = ""
        self.is_at_line_start = False

    def put(self, char: str) -> None:
        if char == "\n":
            self._end_line()
            return
        self.is_at_line_start = self.is_at_line_start and char.isspace()
        if self._joint is None:
            self._append(char)
        elif not (char.isspace() and self._joint[-1:].isspace()):
            self._put_after_marker(self._joint + char, char)

    def _put_after_marker(self, joint: str, char: str) -> None:
        self._joint = joint
        bare = self.text.rstrip()
        if char in _AROUND and bare.endswith(_AROUND[char]):
            self._replace(bare[:-1])  # brackets around markers go with them
            self._joint = ""
        elif char in _FINALS and _STOPPED.search(bare):
            self._joint = ""  # the sentence had ended before the marker
        elif not _JOINT.fullmatch(joint):
            self._joint = None
            self._append_joint(joint, bare)

    def _append_joint(self, joint: str, bare: str) -> None:
        text = joint.lstrip()
        if self.text == bare + "\n\n" or not bare:
            joint = joint.lstrip(" \u00a0.,;:!–—-")
            self._joint = None if joint else ""
        elif text[0] in self._hugging:
            self._replace(bare)
            joint = text
        elif text != joint:
            self._replace(bare)  # the blank after the marker stands, not the one before
        elif text[0].isalnum():
            joint = f" {joint}"
        for char in joint:
            self._append(char)

    def _end_line(self) -> None:
        is_empty, self.is_at_line_start = self.is_at_line_start, True
        self._joint = None
        if self._heading is not None:
            is_cited = any(at > self._heading for at, _ in self._marks)
            is_statement = is_cited or bool(_STOPPED.search(self.text.rstrip()))
            self.end_heading(is_dropped=not is_statement)
        elif is_empty:
            self._break()
        else:
            self._append("\n")

    def _break(self) -> None:
        """Begin a paragraph, which no sentence goes across."""
        self._joint = None
        self._replace(self.text.rstrip())
        if self.text:
            self.text += "\n\n"
            self._end_word()
            self._in_gap = True
            self._settle()

    def _replace(self, text: str) -> None:
        self.text = text
        self._marks = [(min(at, len(text)), passage) for at, passage in self._marks]

    def _append(self, char: str) -> None:
        if char.isspace():
            if not self.text[-1:].strip():
                if char == "\n" and self.text and self.text[-1] != "\n":
                    self.text = f"{self.text[:-1]}\n"
                return
            self._end_word()
        else:
            if not char.isalnum() and self.text.endswith(char * _LONGEST_RUN):
                return
            self._is_at_item = False
            self._stopped = char in _FINALS or (self._stopped and not char.isalnum())
            self._in_next_word = self._in_next_word or (self._in_gap and char.isalnum())
        is_plain = not char.isspace() or char in "\n\u00a0\u202f"
        self.text += char if is_plain else " "
        if char.isspace() or len(self.text) >= 2 * _LONGEST:
            self._settle()

    def _end_word(self) -> None:
        self._is_due = self._is_due or self._in_next_word
        self._in_gap = self._stopped or (self._in_gap and not self._in_next_word)
        self._stopped = self._in_next_word = False

    def _settle(self) -> None:
        """Give what is finished: looked for after a stop, a blank and a word, once quotes close.

        After a look in vain the text grows by a tenth before the next, so that time stays linear.
        """
        length = len(self.text)
        if length > _LONGEST:
            self._heading = None
            if not self.cut(keeps_last=True):
                self.cut(keeps_last=False)
            return
        may_look = self._is_due and self._heading is None and length >= self._next_look
        if may_look and (length > _LONGEST // 2 or _is_balanced(self.text)):
            self._is_due = False
            self._next_look = 0 if self.cut(keeps_last=True) else length + length // 10

    def cut(self, *, keeps_last: bool) -> bool:
        """Whether there was a sentence to give."""
        text, spans = self.text, sentence_spans(self.text, self._language)
        starts = [s for s, end in spans if any(c.isalnum() for c in text[s:end])]
        cited: list[list[int]] = [[] for _ in starts or "0"]
        owners = [max(0, bisect_left(starts, at) - 1) for at, _ in self._marks]
        for owner, (_, passage) in zip(owners, self._marks, strict=True):
            cited[owner].append(passage)
        given = max(0, len(starts) - keeps_last)
        ends = [*starts[1:], len(text)]
        for start, end, passages in zip(starts[:given], ends, cited, strict=False):
            self._drafts.append(Draft(_single(text[start:end]), tuple(dict.fromkeys(passages))))
        if given or not keeps_last:
            rest = ends[given - 1] if given else len(text)
            marks = [(at - rest, n) for at, n in self._marks]
            self._marks = [m for m, owner in zip(marks, owners, strict=True) if owner >= given]
            self.text = text[rest:]
        return given > 0


def _is_balanced(text: str) -> bool:
    count = text.count
    pairs = all(count(left) == count(right) for left, right in ("()", "[]", "«»"))
    return pairs and sum(map(count, "“”„")) % 2 == count('"') % 2 == 0


def _single(text: str) -> str:
    return text.replace("\n\n", " ").replace("\n", " ").strip()
