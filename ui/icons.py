"""Icons of the page: small line drawings that take the colour of the text beside them."""

from markupsafe import Markup

_PATHS = {
    "plus": "M12 5v14M5 12h14",
    "documents": "M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "edit": "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
    "bin": "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v6M14 11v6",
    "copy": "M9 9h11v11H9zM15 9V4H4v11h5",
    "retry": "M20 5v5h-5M19.5 10A8 8 0 1 0 20 14",
    "like": "M7 11v9H4v-9zM7 11l4-7c2 0 2.5 1.5 2 3l-1 3h6.5l-1.5 10H7",
    "dislike": "M7 13V4H4v9zM7 13l4 7c2 0 2.5-1.5 2-3l-1-3h6.5L17 4H7",
    "send": "M12 20V5M6 11l6-6 6 6",
    "stop": "M7 7h10v10H7z",
    "link": "M10 14l4-4M8.5 11.5l-2 2a3.5 3.5 0 0 0 5 5l2-2M15.5 12.5l2-2a3.5 3.5 0 0 0-5-5l-2 2",
    "export": "M12 4v11M8 11l4 4 4-4M5 19h14",
    "close": "M6 6l12 12M18 6L6 18",
    "check": "M5 12.5l4.5 4.5L19 7.5",
}


def icon(name: str) -> Markup:
    """The drawing called ``name``; no screen reader says it."""
    return Markup(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        f'<path d="{_PATHS[name]}"></path></svg>'
    )
