"""Text of documents and models in Markdown, where it must do nothing but be read.

What a chat client makes of an answer is not known: most render Markdown, some HTML in it as well.
"""

import re

from ui.i18n import NEAREST, SOURCES

_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
"""Control characters, and those that reverse what is read."""
_ENTITY = re.compile(r"&(?=#?\w+;)")
_MEANS = re.compile(r"[\\`*_~$\[]")
"""Opens code, emphasis, a formula, a link, an image or a footnote. A lone ``]`` closes nothing;
escaped as well, it would make a formula of the brackets for clients that read LaTeX."""
_BEGINS = re.compile(r"^(\d{1,9})(?=[.)])|^(?=[#+=|:-])")
"""Begins a heading, list, rule or table where a line begins."""
_ADDRESS = re.compile(
    r"(?<=/)(?=/)|(?<=\w)(?=@)|(?<=mailto)(?=:)|(?<=www)(?=\.)"
    r"|(?<=\w)(?=\.[^\W\d_]{2})|(?<=\w\.)(?=[^\W\d_]{2})",
    re.IGNORECASE,
)
"""Where an address is taken apart, one without a scheme as well."""
_JOINER = "\u2060"
"""Of no width: with it inside, an address is no link. Escaping is undone before links are made."""
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|&(lt|gt|amp);")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&"}
_MARK = re.compile(r"(?<!\\)\s?\[\d+\](?: \((?:weak|unsupported)\))?")


def inert(text: str) -> str:
    """``text`` on one line that shows as it is: no link, image, emphasis or HTML comes of it."""
    line = " ".join(_UNSHOWN.sub(" ", text).split())
    line = _ENTITY.sub("&amp;", line).replace("<", "&lt;").replace(">", "&gt;")
    return _ADDRESS.sub(_JOINER, _MEANS.sub(r"\\\g<0>", line))


def paragraph(text: str) -> str:
    """``text`` as ``inert`` gives it, where it begins a line."""
    return _BEGINS.sub(r"\1\\", inert(text))


def heading(text: str) -> str:
    """Our own words on a line by themselves; no text of a document can look like it."""
    return f"**{text}**"


_HEADINGS = frozenset(map(heading, (*SOURCES.values(), *NEAREST.values())))


def spoken(reply: str) -> str:
    """What an earlier reply of ours said: its cited sentences, without marks and sources.

    A reply without marks, such as a refusal, or one of another model, stays whole up to a heading
    of ours.
    """
    lines: list[str] = []
    for line in reply.splitlines():
        if line.strip() in _HEADINGS:
            break
        if not line.startswith("> "):
            lines.append(line)
    kept = [line for line in lines if _MARK.search(line)] or lines
    return "\n".join(_plain(_MARK.sub("", line)) for line in kept if line.strip())


def _plain(line: str) -> str:
    return _ESCAPED.sub(lambda m: m[1] or _ENTITIES[m[2]], line.replace(_JOINER, ""))
