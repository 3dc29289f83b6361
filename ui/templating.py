"""How the interface's templates are read: everything they print is made harmless and escaped.

What a script reads back from the page, such as a question that is asked again, is printed with
``|e``: escaped only, it comes back as it was.
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rag.text.harmless import printed


def environment(folder: Path) -> Environment:
    """The templates in ``folder``."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        finalize=printed,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
