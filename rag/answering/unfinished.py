"""The sentences of a model's reply that are not finished yet: their text, and what they cite."""

import re
from bisect import bisect_left
from dataclasses import dataclass

from rag.text.sentences import sentence_spans

_LONGEST = 2000
"""Code points after which a sentence is cut: no reader wants it, and time stays linear."""
_LONGEST_RUN = 20
"""Times a sign may be repeated; the sentence rules take long over a line of hyphens."""
_FINALS = ".!?…"
STOPPED = re.compile(r"[.!?…][\"'”’»)\]]*$")  # the end of a sentence, quotes closed
_REFERENCE = re.compile(r"\b(?:art|sec|ch)\.$", re.IGNORECASE)
_OPENERS = {"fr": "Le", "az": "Bu", "ru": "Это", "tr": "Bu"}
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


class Tail:
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
        """The text as far as it may be shown: no heading, no bracket that is still open."""
        return _single(self.text[: self._heading].rstrip(" \t\n\u00a0\u202f([（«“"))

    def ends_a_sentence(self) -> bool:
        """Whether the stop at the end would end a sentence before a word that begins one."""
        before = self.text[-200:].rstrip()
        probe = f"{before} {_OPENERS.get(self._language, 'The')}"
        last = sentence_spans(probe, self._language)[-1]
        return last.start > len(before) and not _REFERENCE.search(before)

    def take(self) -> list[Draft]:
        """The finished sentences, each given once."""
        drafts, self._drafts = self._drafts, []
        return drafts

    def begin_item(self, *, is_heading: bool) -> None:
        """Begin an item of a list, or a heading."""
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
        """Take in a marker that stands here."""
        at = len(self.text) + self._is_at_item  # before an item's text it is the item's own
        self._marks += [(at, passage) for passage in passages]
        self._joint = ""
        self.is_at_line_start = False

    def put(self, char: str) -> None:
        """Take in one character of text."""
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
        elif char in _FINALS and STOPPED.search(bare):
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
            is_statement = is_cited or bool(STOPPED.search(self.text.rstrip()))
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
