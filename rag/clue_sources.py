"""Who published it: how a question names a publisher, and the phrases that make it a source.

The patterns run over a line as those of ``clue_words`` do. In it a publisher's name is ``@`` where
it can be nothing else, ``=`` where it is a single word with a capital, ``&`` where it may as well
be an ordinary word; a case ending that the name has taken on follows the sign.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rag.clue_words import Item, break_between
from rag.model import Span
from rag.text.folding import Token, same_name, skeleton, tokens
from rag.text.stopwords import is_stop_word

_CASE = r"(?:n?[iu]n|[yn]?[ae]|n?[dt][ae]n?|y?l[ae])"
_NOUN = {
    "en": "(?:(?:news )?(?:agency|site|website)|newspaper|daily|magazine|articles?|story|column)",
    "fr": "(?:agence(?: de presse)?|journal|quotidien|site|portail|magazine|articles?|chronique)",
    "ru": r"(?:\w*agentstv\w+|izdani\w+|gazet\w+|portal\w*|sayt\w?|jurnal\w*|telekanal\w*)",
    "az": r"(?:agentli[yk]|ajans|sayt|sitesi|[qg][ae]zet|portal|jurnal|dergi|(?:tele)?kanal)\w*",
}
_NOUN["tr"] = _NOUN["az"]
"""What is said before or after a publisher's name."""
_ENDS = "(?= [,|]|$)"
_NAME = {
    "en": f"(?:(?:the |an? )?(?:[@=](?: s)? NOUN|NOUN [@=])|(?:the )?@(?: s)?|=(?: s)?|&{_ENDS})",
    "fr": "(?:(?:l |le |la |les |un |une )?NOUN (?:de |du |d )?[@=]|(?:l |le |la |les )?@|=|"
    f"&{_ENDS})",
    "ru": r"(?:NOUN )?[@=]\w*",
    "az": rf"[@=&]\w*(?: {_CASE})?(?: NOUN(?: {_CASE})?)?",
}
_NAME["tr"] = _NAME["az"]

_TURKIC_WRITE = (
    r"(?:(?:yaz|bildir|(?:[xh]eber|haber|melumat) ver)(?:ir|ib|di|iyor|mis\w*)|deyi[rb]|diyor)"
)
_TURKIC_SOURCES = (
    r"NAME (?:(?:verdi[gy]i|yaydi[gy]i|gecdiyi) )?(?:(?:melumat|[xh]eber|haber|bilgi)(?:in)?[ae]|"
    r"yazdig\w+|aktardig\w+|bildirdi[gy]\w+) (?:gore|esasen|dayanarak|istinaden)",
    r"NAME (?:yazdig\w+|bildirdi[gy]\w+|aktardig\w+) (?:kimi|gibi)",
    rf"[@=]\w*(?: {_CASE})?(?: NOUN(?: {_CASE})?)? (?:gore|istinaden)",
    rf"(?P<clue>[@=&])(?= (?:ne )?{_TURKIC_WRITE}(?!\S))",
    rf"(?P<clue>[@=])(?! (?:{_CASE}|haq\w+|bare\w+|hak\w+|ile|ve)(?!\S))"
    rf"(?=(?: [^\s|@=&]+){{1,10}} ne {_TURKIC_WRITE}(?!\S))",
    r"(?P<clue>[@=]\w*(?:| n?)[dt][ae])(?=(?: [^\s|@=&]+){0,8} (?:ne yaz|derc|yayi[mn]lan))",
)
# The & is "report", which may be a publisher.
_EN_WRITE = r"(?:writ(?:e|es|ten)|wrote|&|(?:report|cover|publish)(?:e?[sd])?|say|says|said)"
_FR_WRITE = "(?:dit|ecrit|rapporte|publie|raconte|annonce|signale|indique|note|souligne)"
_RU_WRITE = r"(?:pish[eu]t|(?:na)?pisal\w*|soobsh\w+|peredae\w+|rasskaz\w+|otmeti?\w+|opublikov\w+)"
_SOURCES: Mapping[str, Sequence[str]] = {
    "en": (
        "(?:according to|as (?:reported|published|written) (?:by|in|on)) NAME",
        f"as NAME {_EN_WRITE}",
        r"(?:what|how|which) .{0,40}?(?<!\S)(?:did|does|do|has|have) "
        f"(?P<clue>(?:the )?@|[=&]) {_EN_WRITE}",
        f"what (?P<clue>(?:the )?@|[=&]) {_EN_WRITE}",
        "(?:articles?|stories|story|written|published|reported) (?P<clue>(?:in|by|on) NAME)",
    ),
    "fr": (
        "(?:selon|d apres) NAME",
        f"comme (?:l |le )?{_FR_WRITE} NAME",
        f"(?:que|qu)(?: a)? {_FR_WRITE} (?P<clue>NAME)",
        f"qu est ce que? (?P<clue>NAME) (?:a )?{_FR_WRITE}",
        f"(?P<clue>NAME) (?:a (?:t )?(?:il|elle) {_FR_WRITE}|{_FR_WRITE} (?:t )?(?:il|elle))",
        r"(?:articles?|publie\w*|paru\w*|ecrit\w*) (?P<clue>(?:dans|par|sur|de) NAME)",
    ),
    "ru": (
        r"(?:po (?:dannim|informatsii|soobsheni\w+|svedeniyam|versii)|so ssilkoy na) NAME",
        r"soglasno (?:(?:dannim|informatsii|soobsheni\w+) )?(?:NOUN )?[@=]\w*",
        f"kak {_RU_WRITE} NAME",
        rf"(?:chto|o chem) {_RU_WRITE} (?P<clue>NAME)",
        rf"(?:chto|o chem) (?P<clue>[@=]\w*) {_RU_WRITE}",
        r"(?P<clue>(?:v|iz) (?:stat\w+|material\w+|publikatsi\w+) NAME)",
        r"(?P<clue>(?:v|na) NOUN [@=]\w*)",
        r"(?:pishut|pisali|napisali|opublikovan\w*) (?P<clue>(?:v|na) NAME)",
    ),
    "az": _TURKIC_SOURCES,
    "tr": _TURKIC_SOURCES,
}


def _compiled(pattern: str, lang: str) -> re.Pattern[str]:
    pattern = pattern.replace("NAME", _NAME[lang]).replace("NOUN", _NOUN[lang])
    return re.compile(rf"(?<!\S)(?:{pattern})(?!\S)")


SOURCES = {lang: [_compiled(p, lang) for p in _SOURCES[lang]] for lang in _SOURCES}
"""Phrases around a publisher's name; the group ``clue``, where there is one, is what says it."""

_RUSSIAN_CASE = "(?:a|u|om|e|i|em|oy|ey|oyu|yu|ya)"
_RUSSIAN_END = re.compile(f"{_RUSSIAN_CASE}$")
_CASES = {
    lang: re.compile(case) for lang, case in (("ru", _RUSSIAN_CASE), ("az", _CASE), ("tr", _CASE))
}
"""What a publisher's name may take on at its end."""
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_ARTICLES = frozenset(("the", "le", "la", "les", "l"))
_ADDRESS = re.compile(r"\.[a-z]{2,5}$")
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)")
_SHORTEST = 4
"""Letters of a name without its address: "El" of El.kz is a word of many languages."""


@dataclass(frozen=True, slots=True)
class _Name:
    words: tuple[str, ...]
    publisher: str
    is_whole: bool
    """False for what is left without address, article or what stood in brackets."""


@lru_cache(maxsize=16)
def _names(publishers: tuple[str, ...]) -> tuple[_Name, ...]:
    """The ways to call the publishers, longest first; none that would mean two of them."""
    found: dict[tuple[str, ...], _Name] = {}
    shared = set()
    for publisher in publishers:
        for name in _ways(publisher):
            known = found.setdefault(name.words, name)
            is_other = known.publisher.casefold() != publisher.casefold()
            if is_other and known.is_whole == name.is_whole:
                shared.add(name.words)
            elif name.is_whole and not known.is_whole:
                found[name.words] = name
                shared.discard(name.words)
    kept = (name for words, name in found.items() if words not in shared)
    return tuple(sorted(kept, key=lambda name: len(name.words), reverse=True))


def _ways(publisher: str) -> Iterator[_Name]:
    bare = _IN_BRACKETS.sub("", publisher).strip()
    spelled = (publisher, bare, _ADDRESS.sub("", publisher), _ADDRESS.sub("", bare))
    ways = [tuple(word.folded for word in tokens(one)) for one in spelled]
    whole = ways[0]
    ways += [words[1:] for words in ways if words and words[0] in _ARTICLES]
    for words in dict.fromkeys(ways):
        if words and (words == whole or len("".join(words)) >= _SHORTEST):
            yield _Name(words, publisher, words == whole)


def named(
    question: str, words: Sequence[Token], lang: str, publishers: Sequence[str]
) -> list[Item]:
    """The items of a line: publishers' names, the longest where several fit, and words.

    They may be transliterated, without accents or capitals, in any case, without "The" or ".az".
    """
    names = _names(tuple(publishers))
    items: list[Item] = []
    first = 0
    while first < len(words):
        after, item = _name_at(question, words, first, lang, names) or (
            first + 1,
            Item.of_word(words[first]),
        )
        items.append(item)
        first = after
    return items


def _name_at(
    question: str, words: Sequence[Token], first: int, lang: str, names: Sequence[_Name]
) -> tuple[int, Item] | None:
    """The word after the name that begins at word ``first``, and the name."""
    is_sounded = _CYRILLIC.search(words[first].text) is not None
    for ending_of in (_spelled_ending, _sounded_ending)[: 1 + is_sounded]:
        for name in names:
            after = first + len(name.words)
            run, ending = words[first:after], None
            for word, other in zip(run, name.words, strict=False):
                ending = ending_of(word, other, lang)
                if ending is None:
                    break
            if ending is None or len(run) < len(name.words) or not _is_joined(question, run):
                continue
            if _is_address(question, words[after - 1 : after + 1]):
                after += 1
            sign = _sign(question, words, range(first, after), name, lang)
            if sign:
                span = Span(words[first].span.start, words[after - 1].span.end)
                return after, Item(span, f"{sign}{ending}", publisher=name.publisher)
    return None


def _spelled_ending(word: Token, name: str, lang: str) -> str | None:
    """What ``word`` adds to the folded ``name``, "" for nothing; None when it is another word."""
    if word.folded == name:
        return ""
    # Russian exchanges a last vowel: Фергана, Ферганы.
    has_vowel = lang == "ru" and len(name) >= _SHORTEST and name[-1] in "aeiouy"
    stem = name[:-1] if has_vowel else name
    ending = word.folded[len(stem) :]
    is_case = lang in _CASES and name.isalpha() and _CASES[lang].fullmatch(ending)
    return ending if is_case and word.folded.startswith(stem) else None


def _sounded_ending(word: Token, name: str, lang: str) -> str | None:
    """The same for a name that is written in Cyrillic as it sounds: Азертаджа for AZERTAC."""
    if _CYRILLIC.search(word.text):
        for stem in (word.folded, _RUSSIAN_END.sub("", word.folded)):
            if skeleton(stem) and skeleton(stem) == skeleton(name) and same_name(stem, name):
                return word.folded[len(stem) :]
    return _spelled_ending(word, name, lang)


def _is_joined(question: str, run: Sequence[Token]) -> bool:
    return not any(break_between(question, a.span, b.span) for a, b in pairwise(run))


def _is_address(question: str, pair: Sequence[Token]) -> bool:
    """Whether the second word is the last part of a site's address: Report.az."""
    if len(pair) < 2 or not pair[1].text.islower():
        return False
    gap = question[pair[0].span.end : pair[1].span.start]
    return gap == "." and bool(_ADDRESS.fullmatch(gap + pair[1].text))


def _sign(question: str, words: Sequence[Token], run: range, name: _Name, lang: str) -> str:
    """``@``, ``=`` or ``&``; "" for what is an ordinary word, or a part of another name."""
    is_turkic, is_lower = lang in ("az", "tr"), question == question.lower()
    before, after = words[: run.start][-1:], words[run.stop : run.stop + 1]
    if not is_turkic and after and _runs_on(question, words[run.stop - 1], after[0]):
        return ""
    first = words[run.start]
    core = words[run.start + (len(run) > 1 and first.folded in _ARTICLES) : run.stop]
    if len(core) > 1:
        said = question[first.span.start : core[-1].span.end]
        return "@" if is_lower or "." in said or said != said.lower() else ""
    if not core[0].is_capitalised:
        if lang == "ru":  # Latin letters are as good as a capital there
            return "=" if name.is_whole and core[0].text.isascii() else ""
        return "&" if is_lower and name.is_whole else ""
    if core[0] is not first:
        return "@" if first.is_capitalised else "&"
    if not is_turkic or not before or is_stop_word(before[0]) or not before[0].is_capitalised:
        return "="
    return "&" if _runs_on(question, before[0], first) else "="


def _runs_on(question: str, before: Token, after: Token) -> bool:
    """Whether ``after`` may continue a name: a capital, and only space before it."""
    return after.is_capitalised and question[before.span.end : after.span.start].isspace()
