"""A first question file of a user's own: facts of their corpus are proposed, they write questions.

``gazette eval init`` writes it. A line whose question is still empty is not asked.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from eval.questions import QuestionFileError, sha256
from rag.gazette import Gazette
from rag.model import Document, Passage
from rag.text.atoms import Atoms

_LETTERS = range(60, 300)
"""Length of a sentence that makes a good fact: not a scrap, not a whole paragraph."""
_REFUSALS = 3
_PER_DOCUMENT = 5
_TELLING = 12
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
        {
            "id": f"refuse-{n}",
            "question": "",
            "lang": langs[n % len(langs)],
            "behaviour": "refuse",
            "categories": ["not in the corpus, near miss"],
        }
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
    rounds = zip_longest(*(_facts(d, gazette.document(d.id)[1]) for d in in_turn))
    yield from islice((fact for facts in rounds for fact in facts if fact), count)


def _facts(document: Document, passages: Sequence[Passage]) -> list[tuple[Document, str, str, str]]:
    """A few sentences of a document, those with the most that can be checked first."""
    found: list[tuple[int, int, str, str, str]] = []
    for passage in passages:
        for span in passage.sentences:
            sentence = document.text[span.start : span.end]
            if len(sentence) not in _LETTERS or document.text.count(sentence) != 1:
                continue
            atoms = Atoms.of(sentence, document.lang)
            wording, kind = _wording(atoms, sentence)
            if wording:
                found.append((-sum(1 for _ in atoms), span.start, sentence, wording, kind))
    best = sorted(found)[:_PER_DOCUMENT]
    return [(document, sentence, wording, kind) for _, _, sentence, wording, kind in best]


def _wording(atoms: Atoms, sentence: str) -> tuple[str, str]:
    """The words of a sentence that an answer should state, and of what type they are.

    Dates and large numbers first: a small number is stated by chance.
    """
    large = [number for number in atoms.numbers if number.value > _TELLING]
    for kind, held in (("number", large), ("date", atoms.dates), ("person", atoms.names)):
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
