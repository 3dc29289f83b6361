"""Normalisation, done once, when a document is read; every span counts in its result."""

import re
import unicodedata

RULES = 2
"""Version of these rules; an index remembers the one that made it."""

# Invisible characters that break matching or reorder what a reader sees: soft hyphen, zero-width
# space, word joiner, byte-order mark, invisible operators, the bidirectional embeddings, overrides
# and isolates, annotation marks. Joiners stay (emoji, Persian), and so do the marks of direction.
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x200B, 0xFEFF, *range(0x2060, 0x2070), *range(0x202A, 0x202F), *range(0xFFF9, 0xFFFC)]
)
# Tag characters can hide a text from its reader; only those that make a flag are kept.
_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f)|[\U000e0000-\U000e007f]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_SPACES = re.compile(r"[ \t]+")
_BLANK_LINES = re.compile(r"\n{3,}")

# Whole lines that web pages leave in a copied article; compared casefolded, without . … : >
_BOILERPLATE = frozenset(
    """loading
    voir plus
    lire la suite
    lire aussi
    partager
    publicité
    read more
    see more
    show more
    share
    advertisement
    subscribe to our newsletter
    ətraflı
    daha çox
    paylaş
    reklam
    подробнее
    читать далее
    читайте также
    поделиться
    реклама
    devamını oku
    daha fazla göster
    yükleniyor
    yüklənir
    загрузка
    chargement""".replace("    ", "").split("\n")
)


def normalise(text: str) -> str:
    """Return ``text`` as it is stored: NFC, ``\\n`` line ends, no control characters.

    Runs of blanks become one space, runs of blank lines one blank line; boilerplate lines go.
    Idempotent: ``normalise(normalise(t)) == normalise(t)`` for every ``t``.
    """
    text = _CONTROL.sub("", _LINE_END.sub("\n", text).translate(_INVISIBLE))
    text = unicodedata.normalize("NFC", _TAGS.sub(r"\1", text))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    text = "\n".join(line for line in lines if not is_boilerplate(line))
    return _BLANK_LINES.sub("\n\n", text).strip()


def is_boilerplate(line: str) -> bool:
    """Whether the line is nothing but a web page's furniture."""
    return len(line) < 60 and line.strip(" \t\u00a0.…:>»").casefold() in _BOILERPLATE


def without_title(text: str, title: str) -> str:
    """Drop leading lines that only repeat the title; the rest is untouched.

    A text that is nothing but its title keeps it.
    """
    while title:
        first, _, rest = text.partition("\n")
        if not rest.strip() or not same_letters(first, title):
            break
        text = rest.lstrip("\n")
    return text


def same_letters(a: str, b: str) -> bool:
    """Whether two lines have the same letters and digits, at least one, whatever else differs."""
    return bool(_letters(a)) and _letters(a) == _letters(b)


def _letters(line: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", line).casefold() if c.isalnum())
