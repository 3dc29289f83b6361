"""Templates of pages: everything they print is made harmless and escaped.

What a script reads back from a page, such as a question that is asked again, is printed with
``|e``: escaped only, it comes back as it was.
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rag.text.harmless import harmless


def environment(folder: Path, keep_trailing_newline: bool = False) -> Environment:
    """The templates in ``folder``."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        finalize=_printed,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=keep_trailing_newline,
    )


def _printed(value: object) -> object:
    """What is no markup of ours, made harmless; it is escaped after this."""
    return value if hasattr(value, "__html__") else harmless(str(value))
