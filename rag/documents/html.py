"""HTML pages to their article, by trafilatura."""

from datetime import date

from rag.documents.raw import Raw
from rag.errors import ReadError


def read(data: bytes, name: str) -> Raw:
    """Read an HTML page: its main text, headline, date, publisher and language.

    Raises ReadError when the page holds no article text.
    """
    import trafilatura

    tree = trafilatura.load_html(data)
    if tree is None:
        raise ReadError(f"{name} is not an HTML page: correct its suffix, or remove it")
    lang = (tree.get("lang") or "")[:2].lower()
    found = trafilatura.bare_extraction(
        tree, with_metadata=True, include_comments=False, include_tables=True, favor_recall=True
    )
    if found is None or not (found.text or "").strip():
        raise ReadError(f"{name} holds no article text: save the whole page, or its text as .txt")
    return Raw(
        text="\n\n".join(line for line in found.text.split("\n") if line.strip()),
        title=found.title or "",
        lang=lang,
        date=date.fromisoformat(found.date) if found.date else None,
        publisher=found.sitename or "",
        source_url=found.url or "",
    )
