"""The YAML front matter of a Markdown file: ``key: value`` lines between two lines of ``---``."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from rag.documents.dates import as_date
from rag.errors import ReadError
from rag.text.normalise import normalise

MAX_CHARACTERS = 16_384
"""Front matter is a dozen lines; a longer one is no front matter."""

_MAX_DEPTH = 8
_OPENED = re.compile(r"---[ \t]*\n")
_CLOSED = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE)
_KEY = re.compile(r"\s*[\w-]+[ \t]*:")
_ABSENT = frozenset(("", "~", "null"))


def written(front: Mapping[str, str], text: str) -> str:
    """A Markdown file that is read as ``front`` and, letter for letter, the normalised ``text``.

    The text stands in a fence, where no mark means anything. Values are put on one line.
    """
    lines = {key: _shielded(" ".join(normalise(value).split())) for key, value in front.items()}
    head = yaml.safe_dump(lines, allow_unicode=True, sort_keys=False, width=2 * MAX_CHARACTERS)
    body = normalise(text)
    fence = "~" * max(3, 1 + max(map(len, re.findall("~+", body)), default=0))
    return f"---\n{head}---\n\n{fence}\n{body}\n{fence}\n"


def _shielded(value: str) -> str:
    """A value that would count as absent, with an invisible character that reading takes out."""
    return f"{value}\u200b" if value.lower() in _ABSENT - {""} else value


def split(text: str, name: str) -> tuple[dict[str, Any], str]:
    """(front matter, body) of ``text``, whose line ends are ``\\n``; ({}, text) without any.

    Values are strings as written, lists or mappings. Raises ReadError, naming ``name``, for front
    matter that is not closed, not valid YAML, or no mapping.
    """
    text = text.lstrip("\ufeff\n ")
    opened = _OPENED.match(text)
    if not opened:
        return {}, text
    closed = _CLOSED.search(text, opened.end())
    if not closed:
        if _KEY.match(text, opened.end()):
            raise _unusable(name, "is never closed: end it with a line of ---")
        return {}, text
    if closed.start() > MAX_CHARACTERS:
        raise _unusable(
            name,
            f"has {closed.start():,} characters, over the limit of {MAX_CHARACTERS:,}: shorten it",
        )
    return _mapping(text[opened.end() : closed.start()], name), text[closed.end() :]


def _mapping(source: str, name: str) -> dict[str, Any]:
    try:
        _check_events(source, name)
        front = yaml.load(source, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        where = f" at line {mark.line + 2}" if mark else ""
        raise _unusable(
            name, f"is not valid YAML{where}: correct it, quoting a value that holds a colon"
        ) from error
    if front is None or front == "":
        return {}
    if not isinstance(front, dict):
        raise _unusable(name, "is not `key: value` lines: correct it")
    return front


def _check_events(source: str, name: str) -> None:
    """Refuse what makes YAML hostile: a few aliases of aliases can stand for gigabytes, and deep
    nesting takes PyYAML minutes."""
    depth = 0
    for event in yaml.parse(source, Loader=yaml.BaseLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise _unusable(name, "has an alias (*): write the value out")
        if depth > _MAX_DEPTH:
            raise _unusable(name, "is nested too deep: flatten it")


def _unusable(name: str, why: str) -> ReadError:
    return ReadError(f"{name}: its front matter {why}", "front_matter", name=name)


def words(front: dict[str, Any], key: str, name: str) -> str:
    """The value of ``key`` on one line, "" when absent; ReadError when it is no plain value."""
    value = front.get(key, "")
    if not isinstance(value, str):
        kind = "a list" if isinstance(value, list) else "a mapping"
        raise ReadError(
            f"{name}: {key} is {kind}: write it as one line of text", "front_matter", name=name
        )
    value = " ".join(value.split())
    return "" if value.lower() in _ABSENT else value


def day(front: dict[str, Any], key: str, name: str) -> date | None:
    """The value of ``key`` as a date, None when absent; ReadError when it is no date."""
    value = words(front, key, name)
    found = as_date(value)
    if value and found is None:
        raise ReadError(
            f"{name}: {key} is {value[:60]!r}, not a date: write it as 2025-12-18",
            "bad_date",
            name=name,
            value=value[:60],
        )
    return found
