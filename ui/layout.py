"""The page's parts and what wires them: conversations left, the chat, and its sources right."""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from ui.asked import Sent
from ui.handlers import ANSWERING, AROUND, Page, Parts
from ui.opened import Open
from ui.running import Threads

if TYPE_CHECKING:
    from gradio import Blocks
    from gradio.themes import Base

    from rag.gazette import Gazette

ASSETS = Path(__file__).parent / "assets"
_EVENTS = ("stop", "open", "reload", "find", "rename", "remove", "feedback")
"""What the page's script may send, but for a question: names of methods of ``Page``."""
_CONNECT = f"gazette.connect(trigger) // 'ask' {' '.join(map(repr, _EVENTS))}"
"""An event is one that stands in quotes here."""
_LIVE = '<div role="status">${value}</div>'
"""Read aloud when it changes. ``${value}`` is inserted as it is; ``{{value}}`` would be run."""
_SENT = "(...rest) => [gazette.sent(), null]"
"""What the script sends with an event; the second input is kept by the server."""


def build_page(gazette: "Gazette", threads: Threads) -> "Blocks":
    """The page over ``gazette``; what it answers is made in ``threads``."""
    import gradio as gr

    with gr.Blocks(title="Gazette", analytics_enabled=False) as page:
        opened, sent = gr.State(Open()), gr.JSON(visible=False)
        events = gr.HTML(elem_id="events", js_on_load=_CONNECT)
        with gr.Column(elem_id="left"):
            parts = {name: _part(name) for name in ("left", "listed", "foot")}
        with gr.Column(elem_id="centre"):
            with gr.Column(elem_id="talk"):
                parts |= {name: _part(name) for name in ("thread", "turn")}
                parts["live"] = _part("live", html_template=_LIVE)
            parts["composer"] = _part("composer")
        with gr.Column(elem_id="right"):
            parts |= {name: _part(name) for name in ("earlier_sources", "sources")}
        _part("documents", value='<section id="documents" hidden></section>')
        parts["dialogs"] = _part("dialogs")
        _wire(Page(gazette, threads), page, events, [sent, opened], parts)
    return page


def _part(name: str, **how: Any) -> Any:  # Gradio's are untyped
    import gradio as gr

    id = f"part-{name.replace('_', '-')}"
    return gr.HTML(elem_id=id, apply_default_css=False, js_on_load=None, **how)


def _wire(
    page: Page, blocks: "Blocks", events: Any, inputs: list[Any], parts: dict[str, Any]
) -> None:
    """Every event of the browser to the method that answers it; none is a public endpoint."""
    import gradio as gr

    def shown(found: Parts) -> dict[Any, str]:
        return {parts[name]: html for name, html in found.items()}

    def answering(method: Callable[[Sent, Open, Request], Parts]) -> Callable[..., dict[Any, str]]:
        def answer(sent: object, opened: Open, request: gr.Request) -> dict[Any, str]:
            return shown(page.safely(method, sent, opened, request.request))

        return answer

    async def ask(
        sent: object, opened: Open, request: gr.Request
    ) -> AsyncGenerator[dict[Any, str], None]:
        async with aclosing(page.ask(sent, opened, request.request)) as pictures:
            async for found in pictures:
                yield shown(found)

    def outputs(names: Iterable[str]) -> dict[str, Any]:
        return {"outputs": [parts[name] for name in names]}

    how: dict[str, Any] = {
        "inputs": inputs,
        **outputs(parts),
        "js": _SENT,
        "show_progress": "hidden",
        "api_visibility": "private",
    }

    def load(sent: object, opened: Open, request: gr.Request) -> dict[Any, str]:
        return shown(page.load(sent, opened, request.request))

    blocks.load(load, **how)
    asked = events.ask(ask, concurrency_limit=None, **how | outputs(ANSWERING))
    # Without the script: what it has to send may belong to another event by then
    asked.then(answering(page.around), queue=False, **how | outputs(AROUND) | {"js": None})
    for name in _EVENTS:
        method = answering(getattr(page, name))
        getattr(events, name)(method, queue=False, **how)


def theme() -> "Base":
    """System fonts, and one colour for what can be acted on."""
    import gradio as gr

    return gr.themes.Base(
        primary_hue="teal",
        neutral_hue="stone",
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    )
