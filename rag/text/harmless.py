"""Texts of strangers made harmless to show: nothing moves a terminal or turns a line round."""

_SHOWN = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"},
    **dict.fromkeys((*range(0x7F, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd"),
    **{code: f"[U+{code:04X}]" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))},
}
"""What stands for control characters, for what UTF-8 cannot hold, and for what turns text round."""


def harmless(text: str) -> str:
    """``text`` with nothing that moves a terminal, turns lines round or cannot be encoded.

    Tabs and line ends stay.
    """
    return text.translate(_SHOWN)
