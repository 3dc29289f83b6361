"""Questions to begin with, that the corpus can answer, in the language of the interface."""

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from rag.errors import GazetteError
from ui.i18n import words

if TYPE_CHECKING:
    from rag.gazette import Gazette

SHOWN = 4
_FILE = Path(__file__).with_suffix(".yaml")


def examples(gazette: "Gazette", language: str) -> list[str]:
    """Questions about the corpus: ours where the shipped documents are in it, else about titles.

    Of a corpus of other documents, the newest are asked about, each by its title; those in the
    interface's language come first.
    """
    try:
        documents = gazette.documents()
    except GazetteError:  # there is none to ask about
        return []
    held = {Path(document.id).name for document in documents}
    known = yaml.safe_load(_FILE.read_text(encoding="utf-8"))[language]
    found = [question for name, question in known.items() if name in held]
    documents.sort(key=lambda document: document.lang != language)  # stable: the newest first
    about = words("page", language)["about_title"]
    found += [about.format(title=document.title) for document in documents[:SHOWN]]
    return found[:SHOWN]
