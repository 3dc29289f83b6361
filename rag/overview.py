"""The overview: what the index holds and who would answer, cheap enough for each page load."""

from rag.answering.choosing import Models
from rag.errors import AnswererError
from rag.index.catalog import Catalog
from rag.model import AnswererName, Notice, Overview

_PATIENCE = 0.3
"""Seconds to wait for an Ollama server to say what it has: one that is there needs hundredths, and
a page that shows a status must not wait for one that is away."""


def overview(catalog: Catalog, models: Models) -> Overview:
    """What ``catalog`` holds now, and who of ``models`` would answer."""
    answerer, model, notice = _answering(models)
    documents, passages = catalog.count()
    first, last = catalog.days()
    return Overview(
        answerer=answerer,
        model=model,
        notice=notice,
        documents=documents,
        passages=passages,
        languages=catalog.counts("lang"),
        publishers=catalog.counts("publisher"),
        first=first,
        last=last,
        synced=catalog.synced(),
    )


def _answering(models: Models) -> tuple[AnswererName | None, str, Notice | None]:
    """(the answerer, its model, why there is none)."""
    try:
        found = models.chosen_within(_PATIENCE)
    except AnswererError as error:
        return None, "", error.notice
    if found is None:
        return None, "", None
    model, reason = found
    return (model.answerer, model.name, None) if model else ("extractive", "", reason)
