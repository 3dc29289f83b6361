"""Answers and what they were asked with as JSON text; the documents they rest on apart."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter

from rag.model import Answer, AskedWith, Document
from rag.notice import Kind

_APART: Any = {"passages": {"__all__": {"document": True, "passage": {"text"}}}}
"""What the documents hold: themselves, and the passages' texts, which are slices of theirs."""


@cache
def _kind() -> TypeAdapter[Answer]:
    return TypeAdapter(Answer)


@cache
def _kind_of_asking() -> TypeAdapter[AskedWith]:
    return TypeAdapter(AskedWith)


def version_key(document: Document) -> str:
    """Hex digest of everything that is known of a document: its text, its title, its date …"""
    told = json.dumps(astuple(document), default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def packed(answer: Answer) -> tuple[str, dict[str, Document]]:
    """The answer as JSON, and the documents that it refers to by their keys."""
    raw = _kind().dump_python(answer, mode="json", exclude=_APART)
    documents = {version_key(hit.document): hit.document for hit in answer.passages}
    keys = {document: key for key, document in documents.items()}
    for hit, told in zip(answer.passages, raw["passages"], strict=True):
        told["document"] = keys[hit.document]
    return json.dumps(raw), documents


def unpacked(text: str, documents: Mapping[str, Document]) -> Answer:
    """The answer that ``packed`` was given. Raises KeyError when a document of it is missing."""
    raw = json.loads(text)
    for told in raw["passages"]:
        document, passage = documents[told["document"]], told["passage"]
        told["document"] = document
        passage["text"] = document.text[passage["start"] : passage["end"]]
    return _validated(raw)


def without_passages(text: str) -> Answer:
    """The same without its passages: what was asked and answered, which needs no document."""
    return _validated({**json.loads(text), "passages": []})


def _validated(raw: dict[str, Any]) -> Answer:
    return _kind().validate_python({**raw, "notices": [_notice(told) for told in raw["notices"]]})


def _notice(told: str | dict[str, Any]) -> dict[str, Any]:
    """A notice as it is now: before version 4 it was its text, and kinds come and go."""
    if isinstance(told, str):
        return {"text": told}
    return told if told["kind"] in get_args(Kind) else {"text": told["text"]}


def packed_asking(asked_with: AskedWith) -> str:
    """What a question was asked with, as JSON."""
    return json.dumps(_kind_of_asking().dump_python(asked_with, mode="json"))


def unpacked_asking(text: str | None) -> AskedWith | None:
    """What ``packed_asking`` was given; None for None."""
    return None if text is None else _kind_of_asking().validate_python(json.loads(text))
