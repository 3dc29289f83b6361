"""Take the README's pictures of the page: ``make screenshots``.

Each shows the same question, asked of a fresh index of the shipped corpus, so that a picture
changes only when the page does.
"""

import io
import tempfile
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Page

from eval.bench.browser import chromium, visitor
from eval.bench.served import chat, indexed

Theme = Literal["light", "dark"]
_EARLIER = (
    "How much will Google and Turkcell invest?",
    "Quel prêt Firebird a-t-il obtenu en Arménie ?",
)
"""Asked before, so that the list of conversations shows what it is."""
_QUESTION = "When will the Trans-Caspian cable start operating?"
_PICTURES = Path(__file__).parent / "images"
_SHOTS: tuple[tuple[str, Theme, int, int], ...] = (
    ("light", "light", 1440, 900),
    ("dark", "dark", 1440, 900),
    ("phone", "light", 390, 844),
)
"""Name, theme, width and height in pixels."""
_LARGEST = 250_000
"""Bytes: a reader of the README waits for all of them."""
_COLOURS = 256
_SETTLING = 300
"""Milliseconds in which a new width or theme is drawn."""
_CLOCKS = """() => {
  const day = /\\d{1,2} \\w+ \\d{4}, \\d{1,2}:\\d{2}/;
  for (const time of document.querySelectorAll(".conversations time")) time.textContent = "09:30";
  for (const line of document.querySelectorAll(".status p")) {
    line.textContent = line.textContent.replace(day, "1 Jun 2026, 09:00");
  }
  document.activeElement.blur();
  scrollTo(0, 0);
}"""
"""The only things that tell when a picture was taken; and no cursor blinks."""


def main() -> None:
    """Take them all, and say how large each is."""
    _PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        chat(indexed(Path(folder)), answerer="extractive") as served,
        chromium() as browser,
        visitor(browser) as page,
    ):
        for question in (*_EARLIER, _QUESTION):
            page.goto(served.address)
            _ask(page, question)
        for name, theme, width, height in _SHOTS:
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": height})
            _save(_PICTURES / f"chat-{name}.png", _taken(page))


def _taken(page: Page) -> bytes:
    page.evaluate(_CLOCKS)
    page.wait_for_timeout(_SETTLING)
    return page.screenshot(animations="disabled", caret="hide")


def _save(file: Path, picture: bytes) -> None:
    file.write_bytes(_small(picture))
    size = file.stat().st_size
    print(f"{file.name}: {size / 1000:.0f} kB")
    if size > _LARGEST:
        raise SystemExit(f"{file} is larger than {_LARGEST / 1000:.0f} kB")


def _ask(page: Page, question: str) -> None:
    page.locator(".welcome").wait_for()
    page.locator("#ask").fill(question)
    page.locator("#ask").press("Enter")
    page.locator("#part-turn .turn:not([data-busy]) .sentence").first.wait_for(timeout=60_000)
    page.locator(".conversations .current").wait_for(state="attached")


def _small(picture: bytes) -> bytes:
    """The same as a PNG with a palette: a page of text has few colours."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    found = io.BytesIO()
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(found, "PNG", optimize=True)
    return found.getvalue()


if __name__ == "__main__":
    main()
