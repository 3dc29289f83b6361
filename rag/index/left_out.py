"""Documents left out on purpose: deleted from the index while their files stay where they are."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rag.index.catalog import Catalog

_KEY = "left out"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that syncs pass over, and what was known of its document."""

    id: str
    file: Path
    title: str
    lang: str
    date: date | None
    publisher: str


def left_out(catalog: Catalog) -> dict[Path, LeftOut]:
    """What is left out, by its file."""
    rows = json.loads(catalog.remembered(_KEY) or "[]")
    return {one.file: one for one in map(_read, rows)}


def leave_out(catalog: Catalog, docs: Iterable[str]) -> None:
    """Remember visible documents as left out."""
    if not (wanted := set(docs)):
        return
    new = {
        one.file: LeftOut(one.id, one.file, one.title, one.lang, one.date, one.publisher)
        for one in catalog.listed()
        if one.id in wanted
    }
    remember(catalog, {**left_out(catalog), **new})


def take_back(catalog: Catalog, files: Iterable[Path]) -> None:
    """Leave these files out no more."""
    known = left_out(catalog)
    kept = {file: known[file] for file in known.keys() - set(files)}
    if len(kept) < len(known):
        remember(catalog, kept)


def remember(catalog: Catalog, files: Mapping[Path, LeftOut]) -> None:
    """Make ``files`` all that is left out."""
    catalog.remember({_KEY: json.dumps([_written(one) for one in files.values()])})


def _written(one: LeftOut) -> dict[str, str]:
    day = one.date.isoformat() if one.date else ""
    known = {"title": one.title, "lang": one.lang, "publisher": one.publisher}
    return {"id": one.id, "file": str(one.file), "date": day, **known}


def _read(row: Mapping[str, str]) -> LeftOut:
    day = date.fromisoformat(row["date"]) if row["date"] else None
    return LeftOut(row["id"], Path(row["file"]), row["title"], row["lang"], day, row["publisher"])
