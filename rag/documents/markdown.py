"""Markdown, with or without YAML front matter, to plain paragraphs."""

import re
from html import unescape
from typing import TYPE_CHECKING

from rag.documents import front_matter
from rag.documents.blocks import BULLET, Blocks
from rag.documents.decoding import decode
from rag.documents.raw import Raw, bounded, too_deep
from rag.errors import ReadError
from rag.text.normalise import same_letters

if TYPE_CHECKING:
    from markdown_it.token import Token

_MAX_NESTING = 100
"""Lists in quotes in lists: what is nested deeper would be dropped in silence."""
_MAX_BRACKETS = 1000
"""Opening brackets in one paragraph: looking for links among more takes minutes."""

_NOTE = re.compile(r"^\[\^[^\]\s]{1,40}\]:\s*|[ \t]?\[\^[^\]\s]{1,40}\]")
_NOTE_LINK = re.compile(r"\^\S{1,40}")
_TAG = re.compile(r"<[^<>]*>")
_SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_LINE_TAG = re.compile(r"<(?:br|/?p|/?div|/?li|/?tr|/?h[1-6])\b[^<>]*>", re.IGNORECASE)


def read(data: bytes, name: str) -> Raw:
    """Read a Markdown file; ``name`` is used in messages.

    Raises ReadError for front matter that is not a YAML mapping or holds a value of a wrong kind,
    and for hostile nesting.
    """
    text = re.sub(r"\r\n?", "\n", bounded(decode(data, name), name))
    front, body = front_matter.split(text, name)
    title = front_matter.words(front, "title", name)
    heading, text = _plain(body, title, name)
    return Raw(
        text=text,
        title=title or heading,
        lang=front_matter.words(front, "lang", name),
        date=front_matter.day(front, "date", name),
        publisher=front_matter.words(front, "publisher", name),
        source_title=front_matter.words(front, "source_title", name),
        source_date=front_matter.day(front, "source_date", name),
        source_url=front_matter.words(front, "source_url", name),
    )


def _plain(body: str, title: str, name: str) -> tuple[str, str]:
    """(heading that serves as title, text); a first heading that repeats the title is dropped."""
    tokens = _parse(body, name)
    heading, index = _first_heading(tokens)
    if heading and (not title or same_letters(heading, title)):
        del tokens[index : index + 3]
    blocks = Blocks()
    _fill(blocks, tokens)
    return heading, blocks.text()


def _parse(body: str, name: str) -> "list[Token]":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable(
        ["table", "strikethrough"]
    )
    parser.core.ruler.before("inline", "brackets", lambda state: _check(state.tokens, name))
    try:
        return list(parser.parse(body))
    except RecursionError as error:
        raise too_deep(name) from error


def _check(tokens: "list[Token]", name: str) -> None:
    for token in tokens:
        if token.level >= _MAX_NESTING - 2:
            raise too_deep(name)
        if token.content.count("[") > _MAX_BRACKETS and token.type == "inline":
            raise ReadError(
                f"{name} has a paragraph with over {_MAX_BRACKETS:,} brackets, which is no "
                "article: remove it, or save the text as .txt"
            )


def _first_heading(tokens: "list[Token]") -> tuple[str, int]:
    """(text, index) of the first top heading, or of any heading that opens the document."""
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and (token.tag == "h1" or index == 0):
            return " ".join(_inline(tokens[index + 1]).split()), index
    return "", 0


def _fill(blocks: Blocks, tokens: "list[Token]") -> None:
    cells: list[str] = []
    in_row = False
    for token in tokens:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                blocks.open_list()
            case "bullet_list_close" | "ordered_list_close":
                blocks.close_list()
            case "list_item_open":
                blocks.item(f"{token.info}{token.markup} " if token.info else BULLET)
            case "table_open":
                blocks.open_table()
            case "tr_open":
                cells, in_row = [], True
            case "tr_close":
                blocks.row(cells)
                in_row = False
            case "inline" if in_row:
                cells.append(_inline(token))
            case "inline":
                blocks.paragraph(_inline(token))
            case "fence" | "code_block":
                blocks.paragraph(token.content)
            case "html_block":
                blocks.paragraph(_without_tags(token.content))


def _inline(token: "Token") -> str:
    """The words of a paragraph: marks, link targets, images, tags and note numbers dropped."""
    parts, previous = [], ""
    for child in token.children or []:
        if child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak" or (
            child.type == "html_inline" and _LINE_TAG.match(child.content)
        ):
            parts.append("\n")
        elif child.type == "code_inline" or (
            child.type == "text"
            and not (previous == "link_open" and _NOTE_LINK.fullmatch(child.content))
        ):
            parts.append(child.content)
        previous = child.type
    return _NOTE.sub("", "".join(parts))


def _without_tags(html: str) -> str:
    head, *rest = html.split("<!--")
    html = head + "".join(comment.partition("-->")[2] for comment in rest)
    html = _LINE_TAG.sub("\n", _SCRIPT.sub("", html))
    return unescape(_TAG.sub("", html))
