"""Pieces of the page, made on the server: every text in them is escaped by the templates."""

import json
from functools import cache
from pathlib import Path

import jinja2

from rag.model import Shelf
from rag.templating import environment
from ui.i18n import LANGUAGE_NAMES, day, words

A_PAGE = 50
"""Documents shown at a time."""
_SPOKEN = """added cancel_named cancelled chosen delete_ask delete_ours delete_theirs
deleted_named in_line indexing kept_as lost not_added not_done reread_done restored_named sending
table_failed too_big waiting cancel""".split()
"""Words that the script fills in."""


@cache
def _templates() -> jinja2.Environment:
    made = environment(Path(__file__).parent)
    made.filters["day"] = day
    return made


def panel(language: str, may_edit: bool, max_bytes: int) -> str:
    """All that stands around the table; what changes documents only for who ``may_edit``."""
    said = words("documents", language)
    return (
        _templates()
        .get_template("panel.html")
        .render(
            w=said,
            spoken=json.dumps({name: said[name] for name in _SPOKEN}),
            languages=LANGUAGE_NAMES,
            may_edit=may_edit,
            max_bytes=max_bytes,
            megabytes=max_bytes // 1_000_000,
        )
    )


def table(shelf: Shelf, page: int, language: str, may_edit: bool) -> str:
    """One page of the table, with the number of all documents that were found."""
    return (
        _templates()
        .get_template("table.html")
        .render(
            w=words("documents", language),
            language=language,
            shelf=shelf,
            page=page,
            pages=pages(shelf.total),
            languages=LANGUAGE_NAMES,
            may_edit=may_edit,
        )
    )


def pages(total: int) -> int:
    """How many pages ``total`` documents fill, one at least."""
    return max(1, -(-total // A_PAGE))
