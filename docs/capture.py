"""Make the README's picture: a real answer as a terminal shows it. ``python docs/capture.py``."""

import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from rag.gazette import Gazette
from rag.rendering import print_answer
from rag.settings import load_settings

_QUESTION = "what did Nabiyev discuss with OpenAI?"
_PICTURE = Path(__file__).parent / "images" / "ask.svg"
_THEME = TerminalTheme(
    (250, 250, 248),
    (32, 33, 36),
    [(32, 33, 36), (178, 34, 34), (0, 110, 50), (140, 90, 0), (25, 80, 170), (120, 50, 140),
     (0, 105, 120), (95, 99, 104)],
    [(95, 99, 104), (200, 50, 50), (0, 130, 60), (160, 105, 0), (40, 100, 200), (140, 70, 160),
     (0, 125, 140), (60, 64, 67)],
)  # fmt: skip


def main() -> None:
    """Ask, record what is printed, write it as SVG without any outside font."""
    console = Console(record=True, width=118, force_terminal=True, highlight=False, file=_Nowhere())
    console.print(Text.assemble(("$ ", "dim"), (f'make ask Q="{_QUESTION}"', "bold")))
    with Gazette(load_settings(answerer="extractive")) as gazette:
        print_answer(gazette.ask(_QUESTION), console)
    picture = console.export_svg(title="gazette", theme=_THEME)
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    picture = picture.replace("Fira Code", "ui-monospace, SFMono-Regular, Menlo, Consolas")
    _PICTURE.parent.mkdir(exist_ok=True)
    _PICTURE.write_text("\n".join(line.rstrip() for line in picture.splitlines()) + "\n")


class _Nowhere:
    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


if __name__ == "__main__":
    main()
