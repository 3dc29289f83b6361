"""The date of publication that a web page states: never one found somewhere in its text.

In order: meta elements, JSON-LD, the time element of the article. A date in a footer, in a related
headline or in an address is left alone: a wrong date is worse than none.
"""

import re
from datetime import date
from typing import Any

from rag.documents.dates import as_date

_META = (
    "article:published_time",
    "datepublished",
    "og:published_time",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "dcterms.date",
    "dc.date",
    "publishdate",
    "publish_date",
    "publication_date",
    "pubdate",
    "parsely-pub-date",
    "sailthru.date",
    "date",
)
_JSON_LD = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
_ELSEWHERE = frozenset(("footer", "aside", "nav"))


def date_of(tree: Any) -> date | None:
    """The day on which the page of this lxml tree says it was published, or None."""
    return _in_meta(tree) or _in_json_ld(tree) or _in_time(tree)


def _in_meta(tree: Any) -> date | None:
    stated: dict[str, date] = {}
    for meta in tree.iter("meta"):
        key = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        if found := as_date(meta.get("content") or ""):
            stated.setdefault(key.lower(), found)
    return next((stated[key] for key in _META if key in stated), None)


def _in_json_ld(tree: Any) -> date | None:
    for script in tree.iter("script"):
        if script.get("type") == "application/ld+json":
            for match in _JSON_LD.finditer(script.text or ""):
                if found := as_date(match.group(1)):
                    return found
    return None


def _in_time(tree: Any) -> date | None:
    """The first time element, unless it stands outside the article."""
    for time in tree.iter("time"):
        if not any(parent.tag in _ELSEWHERE for parent in time.iterancestors()):
            return as_date(time.get("datetime") or "") or as_date("".join(time.itertext()))
    return None
