"""HTML pages to their article, by trafilatura. Nothing is ever fetched."""

import logging
import re
from typing import Any

from rag.documents.blocks import BULLET, Blocks
from rag.documents.decoding import decode
from rag.documents.html_date import date_of
from rag.documents.raw import Raw, bounded, too_deep
from rag.errors import ReadError
from rag.model import LANGUAGES

MAX_CHARACTERS = 4_000_000
"""Of markup, embedded pictures left out; extracting takes seconds a million."""

_MENU_CHARACTERS = 20_000
_MENU_SHARE = 0.6
"""Share of the characters of an article's start that may be links."""

_CHARSET = re.compile(rb"""<meta\b[^<>]{0,200}\bcharset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I)
_XML_ENCODING = re.compile(rb"""^\s*<\?xml\b[^<>]{0,100}\bencoding\s*=\s*["']([\w.:-]{1,40})""")
_DATA_ADDRESS = re.compile(r"""data:\w{1,20}/[\w+.;=-]{0,100},[^"'\s<>)]+""")
_TAG = re.compile(r"<[a-zA-Z!]")
_WHOLE = re.compile(r"<(?:html|body|head)\b", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z]")


def read(data: bytes, name: str) -> Raw:
    """Read an HTML page: its main text, headline, date, publisher, address and language.

    Raises ReadError when it is no HTML or holds no article.
    """
    page = _DATA_ADDRESS.sub("", decode(data, name, _declared(data)))
    bounded(page, name, MAX_CHARACTERS)
    if not _TAG.search(page):
        raise ReadError(
            f"{name} is not an HTML page: save it as .txt, or remove it", "not_html", name=name
        )
    try:
        tree, found = _extract(page)
        text = _text_of(found.body) if found is not None else ""
    except RecursionError as error:
        raise too_deep(name) from error
    if not text or _is_menu(tree, text):
        raise ReadError(
            f"{name} holds no article: save the whole page, or its text as .txt",
            "no_article",
            name=name,
        )
    return Raw(
        text=text,
        title=found.title or "",
        lang=_language(tree.get("lang") or "", text),
        date=date_of(tree),
        publisher=found.sitename or "",
        source_url=found.url or "",
    )


def _declared(data: bytes) -> str:
    """The encoding that the page names, in its XML declaration or first meta element."""
    head = data[:4096]
    match = _XML_ENCODING.match(head) or _CHARSET.search(head)
    return match.group(1).decode() if match else ""


def _extract(page: str) -> tuple[Any, Any]:
    """(lxml tree of the page, trafilatura's document or None). Any: neither library has types."""
    import trafilatura

    for library in ("trafilatura", "htmldate", "justext"):
        # Without a handler Python prints their warnings; what matters is raised as ReadError.
        logging.getLogger(library).addHandler(logging.NullHandler())
    tree = trafilatura.load_html(
        page if _WHOLE.search(page) else f"<html><body>{page}</body></html>"
    )
    if tree is None:
        return None, None
    found = trafilatura.bare_extraction(
        tree,
        with_metadata=True,
        include_comments=False,
        include_tables=True,
        date_extraction_params={"extensive_search": False},
    )
    return tree, found


def _is_menu(tree: Any, text: str) -> bool:
    """Whether most of the text is links: the page of a section, or one that was saved too early."""
    head = text[:_MENU_CHARACTERS]
    links = {" ".join("".join(link.itertext()).split()) for link in tree.iter("a")}
    linked = sum(len(words) for words in links if words in head)
    return linked > len(head) * _MENU_SHARE


def _language(declared: str, text: str) -> str:
    """The declared language, "" when it is none of the five or the script is another's."""
    code = declared.split("-")[0].strip().lower()
    is_cyrillic = len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text))
    return code if code in LANGUAGES and (code == "ru") == is_cyrillic else ""


def _text_of(body: Any) -> str:
    if len(body) == 1 and len(body[0]) == 0:
        # What trafilatura gives of a page without any structure it knows: a paragraph a line.
        return "\n\n".join(filter(None, map(str.strip, (body[0].text or "").split("\n"))))
    reader = _Reader()
    reader.children(body)
    reader.flush()
    return reader.blocks.text()


class _Reader:
    """Walks trafilatura's tree (p, head, quote, list, item, table, row, cell, lb, hi, ref)."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self._words: list[str] = []

    def flush(self) -> None:
        """End the paragraph at hand."""
        self.blocks.paragraph(_squeezed("".join(self._words)))
        self._words = []

    def children(self, element: Any) -> None:
        """Read the text and elements inside ``element``."""
        self._add(element.text)
        for number, child in enumerate(element, start=1):
            if isinstance(child.tag, str):
                self._element(child, number)
            self._add(child.tail)

    def _add(self, text: str | None) -> None:
        self._words.append(_BLANKS.sub(" ", text or ""))

    def _element(self, element: Any, number: int) -> None:
        match element.tag:
            case "lb":
                self._words.append("\n")
            case "graphic":
                pass
            case "hi" | "ref" | "del":
                self.children(element)
            case "list":
                self._list(element)
            case "row":
                self.flush()
                self.blocks.row(["".join(cell.itertext()) for cell in element])
            case tag:
                self.flush()
                if tag == "item":
                    is_numbered = element.getparent().get("rend") == "ol"
                    self.blocks.item(f"{number}. " if is_numbered else BULLET)
                if tag == "table":
                    self.blocks.open_table()
                self.children(element)
                self.flush()

    def _list(self, element: Any) -> None:
        self.flush()
        self.blocks.open_list()
        self.children(element)
        self.flush()
        self.blocks.close_list()


def _squeezed(text: str) -> str:
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
