"""A first question file of a user's own: facts of their corpus are proposed, they write questions.

``gazette eval init`` writes it. A line whose question is still empty is not asked.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from eval.questions import QuestionFileError, sha256
from rag.gazette import Gazette
from rag.model import Document, Passage
from rag.text.atoms import Atoms

_LETTERS = range(60, 300)
"""Length of a sentence that makes a good fact: not a scrap, not a whole paragraph."""
_REFUSALS = 3
_HEAD = """\
# Questions of your own for `gazette eval --questions {name}`.
# Each line below is a fact that stands in your documents. Write a question to those you like,
# between the quotes after "question", in any of the five languages ("lang" says which), the way
# your colleagues would ask. Lines whose question stays empty are not asked; delete them or not.
# "aliases" are the words that a right answer has to state: shorten or add, also in other languages.
# "quote" is the evidence; it is looked for in the document, letter for letter.
"""
_REFUSE = """\
# And {count} questions that your documents do NOT answer, close to what they write about: an
# assistant that answers those is making things up.
"""


def write(file: Path, gazette: Gazette, count: int) -> int:
    """Write a starter file with up to ``count`` facts; how many it has.

    Raises QuestionFileError when the file is there already: it may hold somebody's work.
    """
    if file.exists():
        raise QuestionFileError(f"{file} is there already: name another file")
    lines = [_line(*fact) for fact in facts(gazette, count)]
    langs = [line["lang"] for line in lines] or ["en"]
    refused = [
        {"id": f"refuse-{n}", "question": "", "lang": langs[n % len(langs)], "behaviour": "refuse"}
        for n in range(1, _REFUSALS + 1)
    ]
    text = _HEAD.format(name=file.name) + _text(lines)
    text += _REFUSE.format(count=_REFUSALS) + _text(refused)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise QuestionFileError(f"{file} cannot be written ({error}): name another") from error
    return len(lines)


def _text(lines: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def facts(gazette: Gazette, count: int) -> Iterator[tuple[Document, str, str, str]]:
    """(document, sentence, wording, type) of facts, spread over languages and documents."""
    by_lang: dict[str, list[Document]] = {}
    for document in sorted(gazette.documents(), key=lambda d: sha256(d.id)):
        by_lang.setdefault(document.lang, []).append(document)
    in_turn = [d for row in zip_longest(*by_lang.values()) for d in row if d is not None]
    found = 0
    for document in in_turn:
        fact = _fact(document, gazette.document(document.id)[1])
        if fact is not None and found < count:
            found += 1
            yield document, *fact


def _fact(document: Document, passages: Sequence[Passage]) -> tuple[str, str, str] | None:
    """The sentence of a document with the most that can be checked."""
    best: tuple[int, int, str, str, str] | None = None
    for passage in passages:
        for span in passage.sentences:
            sentence = document.text[span.start : span.end]
            if len(sentence) not in _LETTERS or document.text.count(sentence) != 1:
                continue
            atoms = Atoms.of(sentence, document.lang)
            wording, kind = _wording(atoms, sentence)
            rank = sum(1 for _ in atoms), -span.start, sentence, wording, kind
            if wording and (best is None or rank > best):
                best = rank
    return None if best is None else best[2:]


def _wording(atoms: Atoms, sentence: str) -> tuple[str, str]:
    """The words of a sentence that an answer should state, and of what type they are."""
    for kind, held in (("number", atoms.numbers), ("date", atoms.dates), ("person", atoms.names)):
        if held:
            span = held[0].span
            return sentence[span.start : span.end], kind
    return "", ""


def _line(document: Document, sentence: str, wording: str, kind: str) -> dict[str, Any]:
    name = hashlib.sha256(f"{document.id}\0{sentence}".encode()).hexdigest()[:8]
    evidence = {"doc": document.id, "quote": sentence}
    nugget = {
        "id": "n1",
        "vital": True,
        "type": kind,
        "aliases": {document.lang: [wording]},
        "evidence": [evidence],
    }
    return {"id": f"fact-{name}", "question": "", "lang": document.lang, "nuggets": [nugget]}
