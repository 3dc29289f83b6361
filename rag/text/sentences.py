"""Sentence spans: the breaks of the sentencex library, ambiguous full stops settled beforehand.

The library reads a copy of the text of the same length, in which a blank is a plain space, a full
stop known not to end a sentence is another character and one known to end it is "!". Its breaks
therefore count in the original. What is settled beforehand: abbreviations, initials, Turkish
ordinals, ellipses, list items.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from rag.model import LANGUAGES, Span

SEGMENTER_RULES = 2
"""Version of these rules; an index remembers the one that made it."""

_WINDOW = 4000
"""Code points the library is given at once: with unclosed quotes its time grows quadratically."""

_GLUED, _FINAL = "\u2219", "!"

# Before what they abbreviate; a stop here never ends a sentence. A stop inside an entry may be
# followed by a blank in the text. "" holds what all the languages share.
_LEADING = {
    "": "dr prof mr mrs ms mme mlle mgr st ste col vol fig cf op tel e.g i.e ibid vs",
    "fr": "m mm mmes mes me p.ex p pp c.-à-d av bd boul pl éd réf dir gal cne cdt tél coll chap "
    "art al env max n.b apr janv févr avr juil sept oct nov déc univ dépt gén r.-v",
    "en": "messrs gen capt lt sgt maj rev hon sen rep gov pres p pp ed eds chap sec dept univ "
    "approx jan feb mar apr jun jul aug sep sept oct nov dec mt ft ave blvd",
    "az": "p s səh akad dos müəl red nəşr tərc küç pr şəh ray bax bkz məs resp e.ə b.e.ə m.ö cn",
    "tr": "s sf sn gn md doç öğr arş gör yrd uzm av alb yb bnb yzb tğm org korg tümg tuğg mah cad "
    "sok sk bul apt no bkz bk haz yay müh mim ecz hz m.ö m.s ltd şti çev hk krş ör örn op",
    "ru": "т.е т.к т.н т.о т.ч им ул пр просп пер пл наб бул д корп кв обл р-н пос дер с стр см "
    "ср рис табл гл п пп ст акад проф доц чл.-корр инж ген полк подп майор кап лейт св гр гос зам "
    "зав тов тел о оз напр англ нем фр лат тур азерб рус прим ред изд г ком респ мин-во а.е "
    "янв февр апр авг сент окт нояб дек",
}

# After it; a stop here ends the sentence too when a capitalised word follows. "_" is a blank.
_TRAILING = {
    "": "etc a.m p.m",
    "fr": "min sec hab suiv av.j.-c apr.j.-c s.a s.a.r.l",
    "en": "b.c a.d b.c.e",
    "az": "və_s v.s mln mlrd min trln man qəp",
    "tr": "vb vs vd v.b v.s yy dk mln mlr",
    "ru": "т.д т.п др пр гг вв млн млрд трлн тыс руб коп долл н.э чел шт кг мин сек экз га "
    "кв.м куб.м",
}

# Ends of names; like initials, they end the sentence only before a word of _OPENERS.
_NAME_ENDS = "inc corp ltd co jr sr bros a.ş şti"

_OPENERS = {
    "fr": "le la les l un une des ce cet cette ces il elle ils elles on en au aux à dans pour par "
    "selon mais et or nous vous je son sa ses leur leurs après depuis lors si",
    "en": "the a an this that these those it he she they we you in on at by for from to but and "
    "so if as his her its their our there when while after before since however according what",
    "az": "bu bir o onlar onun biz mən siz həmin lakin amma və isə ancaq sonra indi bundan belə "
    "burada yeni hər artıq",
    "tr": "bu bir o onlar onun biz ben siz ancak fakat ama ve ise sonra şimdi bunun böyle burada "
    "yeni her artık öte söz",
    "ru": "в во на по со к из у об от до для при за под это этот эта эти он она они оно мы вы но "
    "и однако так как его её их там тогда здесь после перед если что кто когда",
}

# The library would read these two by its English abbreviations, of which "may" and "al" are words
# here; the Bulgarian ones are Cyrillic and never met.
_LIBRARY_CODE = {"az": "bg", "tr": "bg"}

_SPACE = re.compile(r"\s")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CAPITAL = "A-ZÀ-ÖØ-ÞĂĐĞİŁŒŘŚŞŠŤŸŹŻŽƏА-ЯЁӘҒҚҢӨҰҮҺ"
_INITIALS = re.compile(rf"(?<!\w)(?:[{_CAPITAL}]\.[ -]?)*[{_CAPITAL}]\.")
_ORDINAL = re.compile(r"(?<! s\. )(?<!No\. )(?<![\w.,:/-])(?:\d{1,3}|[IVXL]+)\.(?= \w)")
_YEAR = re.compile(r"(?:(?<=\d)|(?<=\d )|(?<=[IVX] ))[гв]\.(?= )")
_NUMBERED = re.compile(r"(?<!\w)(?:no|nos|art|sec|ch)\.", re.IGNORECASE)
_ITEM_NUMBER = re.compile(r"(?:^|(?<=[:;,.!?…]\n))\d{1,2}\.(?=\s)")
_DOMAIN = re.compile(r"(?<![\w.])[\w-]{3,}(?:\.[\w-]+)*\.[a-z]{2,6}\.(?= )")
_ASIDE = re.compile(rf"(?:^|(?<=[.!?…] ))\([^()]*[.!?…]\)(?= +[\"«“„]?[{_CAPITAL}])")
_ELLIPSIS = re.compile(r"\.{2,}|…")
_NEXT_WORD = re.compile(r"(?: ?[\"'”’»)\]]){0,4} {1,4}[\"“„‘«(\[—– ]{0,6}(\w[\w’'-]{0,40}\.?)")

# A bullet always begins an item; a dash or a number only after a line of its own kind, for a
# wrapped sentence may begin a line with one.
_BULLET = re.compile(r"[•◦▪‣·●○■]\s")
_MARKER = re.compile(r"(?:(?P<dash>[-–—*])|\(?(?:(?P<number>\d{1,2})|(?P<letter>[^\W\d_]))[.)])\s")
_ENUMERATING = (":", ";", ",")
_FINALS = (".", "!", "?", "…")
_WIDE_STOPS = "。！？"
_CLOSERS = "\"'”’»)]"


def sentence_spans(text: str, lang: str) -> list[Span]:
    """Sentences of ``text``, in order, trimmed, without overlap, in code points of ``text``.

    Together they cover all but white space. A blank line always separates sentences, a single
    line end never does, but before a list item. A list item begins a sentence unless what stands
    before it ends in ":", ";" or ",": a lead-in is one sentence with the fragments that it
    introduces, up to the first that ends with a full stop. What stands between quotation marks or
    brackets stays in one piece. A language that is not known is read by the rules for English.
    """
    rules = lang if lang in LANGUAGES else "en"
    return [span for start, end in _blocks(text) for span in _sentences(text, start, end, rules)]


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Stretches between blank lines and before list items that begin a sentence."""
    start = block = 0
    previous = ""
    introduced = False
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        line = text[start:end].strip()
        goes_on = introduced and not previous.endswith(_FINALS)
        if not line or (_begins_item(line, previous) and not goes_on):
            if block < start:
                yield block, start
            block = start if line else end
            introduced = False
        introduced = introduced or (previous.endswith(":") and _is_item(line))
        start, previous = end, line
    yield block, len(text)


def _begins_item(line: str, previous: str) -> bool:
    if previous.endswith(_ENUMERATING):
        return False
    return bool(_BULLET.match(line)) or (_kind(line) is not None and _kind(line) == _kind(previous))


def _is_item(line: str) -> bool:
    return bool(_BULLET.match(line)) or _kind(line) is not None


def _kind(line: str) -> str | None:
    marker = _MARKER.match(line)
    return marker.lastgroup if marker else None


def _sentences(text: str, start: int, end: int, lang: str) -> Iterator[Span]:
    """Sentences of one block, a window at a time."""
    while start < end:
        stop = _window_end(text, start, end)
        is_one_word = stop - start > _WINDOW
        ends = [stop] if is_one_word else _ends(text[start:stop], lang, start)
        if stop < end and len(ends) > 1:
            ends.pop()  # it may go on in the next window
        for sentence_end in ends:
            if span := _trimmed(text, start, sentence_end):
                yield span
            start = sentence_end


def _window_end(text: str, start: int, end: int) -> int:
    limit = start + _WINDOW
    if end <= limit:
        return end
    for stop in range(limit, start, -1):
        if text[stop].isspace() and not _is_in_number(text, stop):
            return stop
    stop = limit
    while stop < end and not text[stop].isspace():
        stop += 1
    return stop


def _is_in_number(text: str, blank: int) -> bool:
    return text[blank - 1].isdigit() and text[blank + 1 : blank + 2].isdigit()


def _trimmed(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return Span(start, end) if start < end else None


def _ends(text: str, lang: str, offset: int) -> list[int]:
    """Where sentences end in a window; the last is always the window's own end."""
    from sentencex import get_sentence_boundaries

    copy = _settled(text, lang)
    breaks = [b["end_index"] for b in get_sentence_boundaries(_LIBRARY_CODE.get(lang, lang), copy)][
        :-1
    ]
    return [offset + b for b in breaks if _is_break(text, b)] + [offset + len(text)]


def _is_break(text: str, at: int) -> bool:
    """Whether the library's break stands: it falls on a blank, and no small letter goes on."""
    before, after = text[max(0, at - 60) : at], text[at : at + 60]
    if not (before[-1].isspace() or after[0].isspace() or before[-1] in _WIDE_STOPS):
        return False
    following = after.lstrip().lstrip("—–- \u00a0\u202f")
    if not any(c.isalnum() for c in text[at : at + 200]) or following[:1] in ",;:)»":
        return False
    word = re.split(r"[^\w’'-]", following, maxsplit=1)[0]
    if not word[:1].islower() or word != word.lower():
        return True
    sentence = before.rstrip()
    if not sentence.endswith("."):
        return False
    last = re.split(r"[^\w.’'-]", sentence[:-1])[-1]
    return len(last) > 4 and "." not in last


def _settled(text: str, lang: str) -> str:
    """``text`` with plain blanks and its ambiguous stops replaced; the length stays the same."""
    flat = _SURROGATE.sub("\ufffd", _SPACE.sub(" ", text))
    flat = _BULLET.sub(", ", flat)  # the library would break before each
    chars = list(flat)
    for pattern, rule in _patterns(lang):
        for match in pattern.finditer(flat):
            _glue_stops(chars, match.start(), match.end() - 1)
            if mark := rule(_next_word(flat, match.end()), lang):
                chars[match.end() - 1] = mark
    for match in _ITEM_NUMBER.finditer(text):
        chars[match.end() - 1] = _GLUED
    for match in _ASIDE.finditer(flat):  # a whole sentence in brackets is one by itself
        _glue_stops(chars, match.start(), match.end())
        chars[match.end() - 1] = _FINAL
    return "".join(chars)


def _glue_stops(chars: list[str], start: int, end: int) -> None:
    for i in range(start, end):
        if chars[i] in ".!?…":
            chars[i] = _GLUED


def _next_word(text: str, at: int) -> str:
    """The word after the stop at ``at``, with its own stop if it has one; "" when none follows."""
    match = _NEXT_WORD.match(text, at)
    return match.group(1) if match else ""


def _glue(following: str, lang: str) -> str:
    return _GLUED


def _end_before_capital(following: str, lang: str) -> str:
    if not following:
        return ""
    is_acronym = len(following) > 1 and following.isupper()
    return _FINAL if following[0].isupper() and not is_acronym else _GLUED


def _end_before_opener(following: str, lang: str) -> str:
    if not following:
        return ""
    word = re.split(r"['’-]", following)[0].lower()
    return _FINAL if following[0].isupper() and word in _openers(lang) else _GLUED


def _end_unless_number(following: str, lang: str) -> str:
    if not following:
        return ""
    return _FINAL if following[0].isupper() else _GLUED


def _end_of_ellipsis(following: str, lang: str) -> str:
    if not following:
        return ""
    return "." if following[0].isupper() else _GLUED


@lru_cache
def _openers(lang: str) -> frozenset[str]:
    return frozenset(_OPENERS[lang].split())


@lru_cache
def _patterns(lang: str) -> tuple[tuple[re.Pattern[str], Callable[[str, str], str]], ...]:
    """What to look for, in order: the later rule has the last word on a stop."""
    leading, trailing = (_words(f"{d['']} {d[lang]}") for d in (_LEADING, _TRAILING))
    patterns = [
        (_INITIALS, _end_before_opener),
        (_words(_NAME_ENDS), _end_before_opener),
        (leading, _glue),
        (trailing, _end_before_capital),
        (_DOMAIN, _end_before_capital),
        (_ELLIPSIS, _end_of_ellipsis),
    ]
    if lang == "en":
        patterns.append((_NUMBERED, _end_unless_number))
    if lang == "tr":
        patterns.append((_ORDINAL, _end_before_opener))
    if lang == "ru":
        patterns.append((_YEAR, _end_unless_number))
    return tuple(patterns)


def _words(entries: str) -> re.Pattern[str]:
    """Pattern of the entries, each with its last stop."""
    words = sorted(set(entries.split()), key=len, reverse=True)
    either = "|".join(re.escape(word).replace(r"\.", r"\. ?").replace("_", " ") for word in words)
    return re.compile(rf"(?<![\w.])(?:{either})\.", re.IGNORECASE)
