"""How the five languages say when something was published: the tables of ``clues``.

The patterns run over a line: the words of a question, folded, one space between them. A comma
stands for itself, ``|`` for any other break, ``#`` for a date with its month, ``%`` for a year
alone, ``§`` and the word for a month alone.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.model import Span
from rag.text.dating import Date
from rag.text.folding import Token

Sense = Literal[
    "last but one", "last", "this", "window", "since this", "since last", "in", "since", "from"
]
"""What a phrase says of its unit of time (the calendar's last one but one, last or this one; a
window that ends today; since this or the last one began) or of its date (in, since, or from it on,
which may be the future)."""

UNITS = ("hour", "day", "week", "month", "year")


def _units(**words: str) -> str:
    return "(?:" + "|".join(f"(?P<{unit}>{word})" for unit, word in words.items()) + ")"


_END = r"(?:n?[iu]n|[dt][ae](?:ki)?|ki)?"
_TURKIC = {"week": f"h[ea]ft[ea]{_END}", "month": f"ay{_END}", "year": f"(?:y?il|sene){_END}"}
_FROM = {"week": "h[ea]ft[ea]d[ae]n", "month": "aydan", "year": "(?:y?il|sene)d[ae]n"}
_OF = {"week": "h[ea]ft[ea](?:nin)?", "month": "ay(?:in)?", "year": "ilin|yil(?:in)?|senenin"}
_BERI = "(?:beri|bu yana|bu terefe|indiyedek|(?:indiye|bu ?gun[ea]) (?:qeder|kimi|kadar|dek))"
_DURING = "(?: (?:erzinde|icinde|icerisinde|boyunca))?"
_PAST = "(?:kech?en|oten|gecen|gectigimiz)"


def _not_after(words: str) -> str:
    return "".join(f"(?<! {word} )" for word in words.split(","))


_OF_ANOTHER = _not_after("gelen,novbeti,gelecek,onumuzdeki,kecen,kechen,oten,gecen,ci,cu,%")
_OF_A_YEAR = _not_after("gelen,gelecek,ilin,yilin")
_NOT_ONES = _not_after("his,her,its,their,our,my,your,one,a,s")
"""Someone's last week is none of the calendar."""

_TURKIC_PERIOD = _units(**_TURKIC)
_PERIOD = {
    "en": _units(week="week", month="month", year="year"),
    "fr": _units(week="semaine", month="mois", year="an|annee"),
    "ru": _units(week="nedel(?:e|i|yu)", month="mesyats(?:e|a|em)?", year="god(?:u|a|om)?"),
    "az": _TURKIC_PERIOD,
    "tr": _TURKIC_PERIOD,
}
"""One unit, of those that a calendar names: this week, last month."""
_TURKIC_COUNTED = _units(hour=f"saat{_END}", day=f"gun{_END}", **_TURKIC)
_COUNTED = {
    "en": _units(hour="hours?", day="days?", week="weeks?", month="months?", year="years?"),
    "fr": _units(hour="heures?", day="jours?", week="semaines?", month="mois", year="ans|annees"),
    "ru": _units(
        hour="chas(?:a|ov)?",
        day="den|dnya|dney|sutki|sutok",
        week=r"nedel\w{0,2}",
        month=r"mesyats\w{0,2}",
        year="goda?|let",
    ),
    "az": _TURKIC_COUNTED,
    "tr": _TURKIC_COUNTED,
}
"""Any number of units: the last three days."""

_Rows = tuple[tuple[Sense, str], ...]
_TURKIC_TIMES: _Rows = (
    ("last but one", "(?P<day>sragagun|evvelsi gun|evvelki gun)"),
    ("last", f"{_PAST} PERIOD{_DURING}"),
    ("last", "(?P<day>dunen(?:ki)?|dunku|dun)"),
    ("this", rf"bu PERIOD{_DURING}(?! (?:son|axir)\w*)"),
    ("this", "(?P<day>bu ?gun(?:un|ku)?)"),
    ("window", rf"son (?P<n>\S+) COUNTED{_DURING}"),
    ("window", "son (?:(?P<week>h[ea]ft[ea]d[ae])|(?P<month>ayda))"),
    ("since this", f"{_OF_ANOTHER}(?:bu )?{_units(**_OF)} (?:evvelinden|basindan)"
     f"(?: {_BERI})?(?! [ie]tibaren)"),
    ("since this", f"(?<! % )(?P<year>yilbasindan)(?: {_BERI})?(?! itibaren)"),
    ("since last", f"(?:{_PAST} {_units(**_FROM)}|(?P<day>dunden|dunenden)) {_BERI}"),
    ("in", rf"{_OF_A_YEAR}(?:#|§\w+[dt][ae]|§\w+ ay(?:inda|da)"
     r"|% (?:(?:n?c[iu] )?ilde|yilinda|senesinde|[dt][ae]))"),
    ("since", r"(?:#|§\w+|%)(?: (?:n?c[iu]|ilden|yilindan|ayindan|[dt][ae]n|s?[iu]nd[ae]n))* "
     f"{_BERI}"),
)  # fmt: skip
_TIMES: Mapping[str, _Rows] = {
    "en": (
        ("last but one", "(?:(?:from|of) )?(?:the )?(?P<day>day before yesterday)(?: s)?"),
        ("last", f"(?:(?:in|during|from|of|for) )?{_NOT_ONES}(?<! the )last PERIOD(?: s)?"
         r"(?! of(?!\S))"),
        ("last", "(?:(?:from|of) )?(?P<day>yesterday)(?: s)?"),
        ("this", f"(?:(?:in|during|for|of) )?{_not_after('end,end of,later')}"
         "(?:this|the current) PERIOD(?: s)?(?! of(?!\\S))"),
        ("this", "(?:(?:from|of) )?(?P<day>today)(?: s)?"),
        ("window", f"(?:(?:in|over|during|within|for|from|of) )?(?:the |these )?{_NOT_ONES}"
         r"(?:last|past) (?P<n>\S+) COUNTED(?! (?:of|before)(?!\S))"),
        ("window", r"(?:in|over|during|within|for|from) the (?:last|past) PERIOD"
         r"(?! (?:of|before)(?!\S))"),
        ("since this", "since (?:the )?(?:beginning|start) of (?:the|this) PERIOD(?! [%#])"),
        ("since last", "since (?:last PERIOD|(?P<day>yesterday))"),
        ("in", r"(?:(?:(?:in|on|during) )?#|(?:in|during) (?:early |late |mid |the year )?"
         r"(?:%|§\w+))(?! (?:%|(?:of )?(?:last|this|next) year))"),
        ("since", r"since (?:the )?(?:early |late |mid |(?:beginning|start) of )?(?:#|%|§\w+)"),
    ),
    "fr": (
        ("last but one", "(?:d )?(?P<day>avant hier)"),
        ("last", "(?:(?:au cours|durant|pendant|de) )*(?:la |le |l |du |au )?"
         "PERIOD (?:derniere?|passee?)"),
        ("last", "(?:d )?(?P<day>hier)(?: soir| matin)?"),
        ("this", "(?:(?:au cours|durant|pendant|de|en) )*"
         f"{_not_after('fin,fin de')}(?:cette|ce) PERIOD(?: ci)?"
         r"(?! (?:la|de|d)(?!\S))"),
        ("this", "(?:d )?(?P<day>aujourd hui)"),
        ("window", "(?:(?:au cours|dans|pendant|durant|sur|lors|ces|les|des) )*"
         f"{_not_after('ses,leurs,nos,vos,mes')}"
         r"(?:(?P<n>\S+) derni\w+|derni\w+ (?P<m>\S+)) COUNTED(?! (?:de|du|d|des)(?!\S))"),
        ("window", "(?:au cours|durant|pendant|dans|sur) (?:de la|la|le|du) derniere? PERIOD"
         r"(?! (?:de|du|d|des)(?!\S))"),
        ("since this", "depuis (?:le )?debut (?:du|de la|de l|de cette|de ce) PERIOD"
         "(?! (?:[%#]|derni|passe|proch))"),
        ("since last", "depuis (?:(?:la |le |l )PERIOD (?:derniere?|passee?)|(?P<day>hier))"),
        ("in", r"(?:(?:le|en|du|au) )?#|(?:en|courant|durant|au mois de|au mois d) "
         r"(?:%|§\w+(?: derniere?)?)(?! (?:%|prochain|de l an|de cette))"),
        ("since", r"depuis (?:(?:le|la|l|debut|fin|mois|annee|de|d) )*(?:#|%|§\w+)"),
    ),
    "ru": (
        ("last but one", "(?P<day>pozavchera)"),
        ("last", "(?:(?:na|v|za) )?(?:proshl|minuvsh)(?:oy|om|uyu|iy|ogo|ey|em|ego) PERIOD"),
        ("last", "(?P<day>vchera)"),
        ("this", f"(?:(?:na|v|za) )?{_not_after('s,so,kontsa,kontse')}"
         "(?:et(?:oy|om|u|ot|ogo)|tekush(?:ey|em|uyu|ego)) PERIOD"),
        ("this", "(?:za )?(?P<day>segodnya)"),
        ("window", r"(?:(?:za|v|v techenie|na protyajenii) )?"
         r"(?:posledn\w+ (?P<n>\S+)|(?P<m>\S+) posledn\w+) COUNTED(?! [%#§])"),
        ("window", "(?:za|v techenie) (?:posledn(?:iy|yuyu|ego|ey)|proshedsh(?:iy|uyu|ego|ey)) "
         "PERIOD(?! [%#§])"),
        ("window", "za posledn(?:ie|ih) (?P<day>sutki)"),
        ("since this", "s nachala (?:(?:etogo|etoy|tekushego|tekushey) )?PERIOD"),
        ("since last", "so? (?:proshloy|proshlogo) PERIOD"),
        ("in", r"(?:(?:vo? )?#|vo? (?:nachale |kontse )?§\w+e)(?! \w+[eo]go goda)|v % (?:godu|g)"),
        ("from", r"so? (?:nachala )?(?:#|%|§\w+)(?: goda)?(?! (?:po|do)(?!\S))"),
    ),
    "az": _TURKIC_TIMES,
    "tr": _TURKIC_TIMES,
}  # fmt: skip

_TURKIC_FUTURE = r"\w+(?:aca|ece)[kqgy]\w*|gozlenil\w+|beklen\w+|planlas\w+"
_TURKIC_NEWS = r"[xh]a?eber\w*|haber\w*|gundem\w*|bas ver\w+|ne ol\w+|derc|yayi[mn]lan\w+"
_FUTURE = {
    "en": "will|ll|shall|going to|due|expected|scheduled|planned|upcoming|next",
    "fr": r"va|vont|doit|doivent|devrai\w+|prevue?s?|aura|auront|\w*(?:era|eront|ira|iront)",
    # The Russian future looks like a present.
    "ru": r"\w{2,}[aeiu]t(?:sya)?|planir\w+|ojida\w+|predst\w+|doljn\w+",
    "az": _TURKIC_FUTURE,
    "tr": _TURKIC_FUTURE,
}
_NEWS = {
    "en": r"news|headlines|happen\w*|publish\w*|announced|reported",
    "fr": r"actus?|actualites?|infos?|passe|publi\w+|annonc\w+",
    "ru": r"novost\w+|proizoshl\w+|sluchilos|opublik\w+|obyavil\w*|soobshil\w*",
    "az": _TURKIC_NEWS,
    "tr": _TURKIC_NEWS,
}


def _compiled(pattern: str, lang: str) -> re.Pattern[str]:
    pattern = pattern.replace("PERIOD", _PERIOD[lang]).replace("COUNTED", _COUNTED[lang])
    return re.compile(rf"(?<!\S)(?:{pattern})(?!\S)")


TIMES = {lang: [(sense, _compiled(p, lang)) for sense, p in _TIMES[lang]] for lang in _TIMES}
"""Phrases of time. Their groups: a unit, ``n`` or ``m`` a number of units."""
FUTURE = {lang: _compiled(_FUTURE[lang], lang) for lang in _FUTURE}
"""Signs that a question is about what is yet to come."""
NEWS = {lang: _compiled(_NEWS[lang], lang) for lang in _NEWS}
"""Words without which "today" only means nowadays."""

_JOINT = re.compile(r"[\s.'’ʼ`\-‐‑–\"«»“”„]*")
_SENTENCE_END = re.compile(r"\.\s|\n\s*\n")
_OPENING, _CLOSING = re.compile('[«“„"]'), re.compile('[»”“"]')
_BEFORE, _AFTER = re.compile(r'[«“„"]\s?$'), re.compile(r'\s?[»”“"]')


@dataclass(frozen=True, slots=True)
class Item:
    """A word of a line, or several under one sign."""

    span: Span
    key: str
    said: Date | None = None
    """Of a date: what it says."""
    publisher: str = ""

    @classmethod
    def of_word(cls, word: Token) -> "Item":
        """An ordinary word; what might be taken for a sign, or for two words, becomes a dot."""
        return cls(word.span, word.folded if word.folded.isalnum() else "·")


class Line:
    """The keys of a question's items in one string, and the way back from a match to them."""

    def __init__(self, question: str, items: Sequence[Item]) -> None:
        self._question = question
        self._items = items
        self._starts: list[int] = []
        text = " "  # so that a space is before every word
        for i, item in enumerate(items):
            mark = break_between(question, items[i - 1].span, item.span) if i else ""
            text += f"{mark} " if mark else ""
            self._starts.append(len(text))
            text += f"{item.key} "
        self.text = text.rstrip()

    def items(self, match: re.Match[str], group: str | int = 0) -> Sequence[Item]:
        """The items that a group of a match covers."""
        start, end = match.span(group)
        return self._items[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def span(self, items: Sequence[Item]) -> Span:
        """Where ``items`` stand in the question, with the quotation marks that are theirs."""
        start, end = items[0].span.start, items[-1].span.end
        inside = self._question[start:end]
        before, after = _BEFORE.search(self._question, 0, start), _AFTER.match(self._question, end)
        if before and (after or _CLOSING.search(inside)):
            start = before.start()
        if after and (before or _OPENING.search(inside)):
            end = after.end()
        return Span(start, end)


def break_between(question: str, before: Span, after: Span) -> str:
    """What separates two words of a question in a line: "", a comma, or ``|``."""
    gap = question[before.end : after.start]
    if _JOINT.fullmatch(gap) and not _SENTENCE_END.search(gap):
        return ""
    return "," if gap.strip() == "," else "|"
