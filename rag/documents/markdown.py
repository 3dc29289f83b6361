"""Markdown, with or without YAML front matter, to plain paragraphs."""

from datetime import date, datetime
from typing import Any

import yaml

from rag.documents.decoding import decode
from rag.documents.raw import Raw
from rag.errors import ReadError

_KEYS = ("title", "date", "lang", "publisher", "source_title", "source_date", "source_url")


def read(data: bytes, name: str) -> Raw:
    """Read a Markdown file; ``name`` is used in messages.

    Raises ReadError for front matter that is not a YAML mapping or holds a value of a wrong kind.
    """
    front, body = _split(decode(data, name).replace("\r\n", "\n"), name)
    title, text = _plain(body)
    return Raw(
        text=text,
        title=_words(front, "title") or title,
        lang=_words(front, "lang"),
        date=_day(front, "date", name),
        publisher=_words(front, "publisher"),
        source_title=_words(front, "source_title"),
        source_date=_day(front, "source_date", name),
        source_url=_words(front, "source_url"),
    )


def _split(text: str, name: str) -> tuple[dict[str, Any], str]:
    head, mark, body = text.lstrip("\ufeff").partition("\n---\n")
    if not mark or not head.startswith("---\n"):
        return {}, text
    try:
        front = yaml.safe_load(head[4:])
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" at line {where.line + 2}" if where else ""
        raise ReadError(
            f"{name}: its front matter is not valid YAML{line}: correct it, "
            "quoting a value that holds a colon"
        ) from error
    if front is None:
        return {}, body
    if not isinstance(front, dict):
        raise ReadError(f"{name}: its front matter must be `key: value` lines")
    return {key: front[key] for key in _KEYS if front.get(key) is not None}, body


def _words(front: dict[str, Any], key: str) -> str:
    return " ".join(str(front.get(key, "")).split())


def _day(front: dict[str, Any], key: str, name: str) -> date | None:
    value = front.get(key)
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError as error:
        raise ReadError(f"{name}: {key} is {value!r}: write it as 2025-12-18") from error


def _plain(body: str) -> tuple[str, str]:
    """(first heading, text): inline marks and link targets dropped, a block a paragraph."""
    from markdown_it import MarkdownIt

    title, blocks, is_item, level = "", [], False, ""
    for token in MarkdownIt("commonmark").enable("table").parse(body):
        if token.type == "list_item_open":
            is_item = True
        elif token.type == "heading_open":
            level = token.tag
        elif token.type == "inline":
            text = "".join(_inline(child) for child in token.children or [])
            if level == "h1" and not title:
                title = " ".join(text.split())
            blocks.append(f"• {text}" if is_item else text)
            is_item, level = False, ""
        elif token.type in ("fence", "code_block", "html_block"):
            blocks.append(token.content)
    return title, "\n\n".join(blocks)


def _inline(token: Any) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    return token.content if token.type in ("text", "code_inline", "html_inline", "image") else ""
