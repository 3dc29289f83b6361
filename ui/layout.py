"""The page: a question box, the answer, and its sources beside it or, on a narrow screen, below."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui import render
from ui.handlers import Shown, answering

if TYPE_CHECKING:
    from gradio import Blocks
    from gradio.themes import Base

    from rag.gazette import Gazette

ASSETS = Path(__file__).parent / "assets"
_AT_ONCE = 8
"""Questions answered at the same time; the next ones wait in line."""
_HEADER = (
    '<header class="masthead"><h1>Gazette</h1>'
    "<p>Ask the press. Every sentence of an answer leads to the words it comes from.</p></header>"
)
_LIVE = '<div role="status">${value}</div>'
"""Read aloud when it changes. ``${value}`` is inserted as it is; ``{{value}}`` would be run."""


def build_page(gazette: "Gazette") -> "Blocks":
    """The page over ``gazette``."""
    import gradio as gr

    with gr.Blocks(title="Gazette", analytics_enabled=False) as page:
        gr.HTML(_HEADER, apply_default_css=False)
        question = gr.Textbox(
            label="Question",
            placeholder="In English, français, azərbaycanca, русский or Türkçe",
            lines=1,
            max_lines=5,
            autofocus=True,
            submit_btn="Ask",
            stop_btn="Stop",
            elem_id="question",
        )
        status = gr.HTML(elem_id="status", html_template=_LIVE, apply_default_css=False)
        with gr.Row(elem_id="columns"):
            answer = gr.HTML(elem_id="answer-column", apply_default_css=False)
            sources = gr.HTML(elem_id="sources-column", apply_default_css=False)
        _wire(gazette, question, [status, answer, sources])
    return page


def _wire(gazette: "Gazette", question: Any, parts: list[Any]) -> None:  # Gradio's are untyped
    answer = answering(gazette)

    def updates(text: str) -> Iterator[list[Any]]:
        for shown in answer(text):
            yield _update(shown)

    def stopped() -> str:
        return render.status("Stopped.")

    asked = question.submit(
        updates,
        question,
        parts,
        show_progress="hidden",
        concurrency_limit=_AT_ONCE,
        concurrency_id="answers",
        api_visibility="private",
    )
    question.stop(stopped, None, parts[0], cancels=[asked], queue=False, api_visibility="private")


def _update(shown: Shown) -> list[Any]:
    import gradio as gr

    parts = (shown.status, shown.answer, shown.sources)
    return [gr.skip() if part is None else part for part in parts]


def theme() -> "Base":
    """System fonts, and one colour for what can be acted on."""
    import gradio as gr

    return gr.themes.Base(
        primary_hue="teal",
        neutral_hue="stone",
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    )
