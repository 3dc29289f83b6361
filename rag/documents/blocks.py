"""The blocks of a document, in reading order, and the text they make together.

A blank line stands between blocks. The items of a list are one block, an item a line; a paragraph
that ends with a colon is one block with the list it leads into.
"""

BULLET = "• "


class Blocks:
    """Collects paragraphs, lists and table rows as a reader meets them."""

    def __init__(self) -> None:
        self._blocks: list[list[str]] = []
        self._depth = 0
        self._mark = ""
        self._in_table = False

    def paragraph(self, text: str) -> None:
        """Add a block; inside a list, a line of it, with the mark of its item if it is the first.

        Blank text is passed over.
        """
        text = text.strip()
        if not text:
            return
        if self._depth:
            self._blocks[-1].append(self._mark + text)
            self._mark = ""
        else:
            self._blocks.append([text])
        self._in_table = False

    def open_list(self) -> None:
        """Start a list, or one inside the list at hand."""
        self._in_table = False
        if self._depth == 0 and not self._leads_in():
            self._blocks.append([])
        self._depth += 1

    def close_list(self) -> None:
        """End the innermost list."""
        self._depth -= 1
        self._mark = ""

    def item(self, mark: str = BULLET) -> None:
        """Start an item; ``mark`` goes before its first line."""
        self._mark = mark

    def open_table(self) -> None:
        """Start a table; its rows are one block."""
        self._in_table = False

    def row(self, cells: list[str]) -> None:
        """Add a table row: one line, its cells joined by ``|``."""
        line = " | ".join(" ".join(cell.split()) for cell in cells)
        if not line.strip(" |"):
            return
        if self._in_table and not self._depth:
            self._blocks[-1].append(line)
        else:
            self.paragraph(line)
        self._in_table = True

    def text(self) -> str:
        """All blocks: lines joined by a line end, blocks by a blank line."""
        return "\n\n".join("\n".join(lines) for lines in self._blocks if lines)

    def _leads_in(self) -> bool:
        return bool(self._blocks and self._blocks[-1] and self._blocks[-1][-1].endswith(":"))
