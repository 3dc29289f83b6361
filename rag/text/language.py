"""Language identification, for documents and for questions of a few words.

Script and function words decide where they agree; py3langid (Lui and Baldwin, langid.py, ACL
2012), restricted to the five languages, decides the rest and is loaded only then.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Protocol

from rag.model import LANGUAGES

_SAMPLE = 4000
"""Code points looked at: more of a text does not change the verdict."""
_CYRILLIC_SHARE = 0.2
"""Share of Cyrillic letters from which a question full of Latin product names is Russian."""
_DEFAULT = "en"
"""The language of what has no letters."""

# Frequent words of one language that are not words of the other four, without case or accents,
# since questions are typed without either.
_WORDS = {
    "fr": "le la les des du une est sont dans avec pour par sur qui que quoi quel quelle quels "
    "quelles quand combien comment pourquoi ou au aux cette ces et ont ete elle ils nous vous "
    "l d qu c selon plus entre leur leurs ses se pas",
    "en": "the of and to are was were what who whom whose when where why how which did does do "
    "has have had will would can for with from about this that there it its at by not "
    "many much any into been their",
    "az": "nece hansi harada harda vaxt ucun haqqinda etdi edib edir etmek deyil bes uzre "
    "terefinden olub olunub edildi verib deyib edilib barede bezi cox yox muzakire cunki indi "
    "olaraq olkede dovlet",
    "tr": "hangi nerede nereden nereye icin hakkinda zaman kac nasil neden niye etti ediyor degil "
    "mi mu tarafindan olacak edecek peki kadar gibi cok yok bircok ancak olarak acaba ulke devlet",
}
# Letters and endings that no other of the five has: Azerbaijani ə, -ib, and a q that is neither
# French nor English; Turkish -yor.
_SHAPES = {
    "az": re.compile(r"ə|q(?!u|$)|aq$|[^aeiou][iıuü]b$"),
    "tr": re.compile(r"[iıuü]yor"),
}
# Between these two alone: the Turkish alphabet has no q, w, x; after a voiceless consonant Turkish
# hardens d (etti, gerektir), Azerbaijani does not (etdi, gərəkdir); -siya, -loji are loan words.
_AZ_NOT_TR = re.compile(
    r"[qx]|[ckpstçşfh]d[iıuüae]|iya|yy|[iıuü]b(?:dir|dır|lar|ler)?$"
    r"|^(?:nazir|sedr|xidmet|layihe|prezident|manat|kimin|suni|intellekt|melumat|isci|senaye|novbeti)"
)
_TR_NOT_AZ = re.compile(
    r"[ckpstçşfh]t[iıuü](?:r|k|n|m|ler|lar)?$|[iıuü]yor|syon|loji|iyet"
    r"|^(?:cumhur|baskan|bakan|yapay|zeka|yasa|veri|sirketi|bilgi|ulke)"
)
_ALMOST_CERTAIN = 30
"""Letters without a single ə, a tenth of all Azerbaijani letters, after which a word with ğ, ş or
ı, but no name, is Turkish."""
_AZ_CYRILLIC = re.compile(r"\w*[әјһҹҝғөү]\w*", re.IGNORECASE)
"""Words with letters of the Azerbaijani Cyrillic alphabet, in use until 1991 and still typed, that
Russian lacks; one of them alone is a name in a Russian text."""
_TURKIC = re.compile(r"\b[a-zçöüğşı][^\W\d_]*[ğşı]|\b[ğşı]")
_WORD = re.compile(r"[^\W\d_]+")


class _Identifier(Protocol):
    def classify(self, text: str) -> tuple[str, float]: ...


def identify(text: str) -> str:
    """ISO 639-1 code of ``text``'s language, one of ``LANGUAGES``.

    "en" for a text without letters. A name alone gets a code too: it has no language.
    """
    sample = text[:_SAMPLE]
    letters = [c for c in sample if c.isalpha()]
    if not letters:
        return _DEFAULT
    if sum("\u0400" <= c <= "\u04ff" for c in letters) >= _CYRILLIC_SHARE * len(letters):
        return "az" if len(_AZ_CYRILLIC.findall(sample)) > 1 else "ru"
    votes = _votes(sample).most_common(2)
    if votes and (len(votes) == 1 or votes[0][1] > votes[1][1]):
        return votes[0][0]
    if len(letters) >= _ALMOST_CERTAIN and not votes and _TURKIC.search(sample):
        return "tr"
    lang = _identifier().classify(sample)[0]
    return _az_or_tr(sample, lang) if lang in ("az", "tr") else lang


def _az_or_tr(text: str, guess: str) -> str:
    """Between the two, spelling tells more than the library, which knows no text without ə."""
    words = [_lower(word) for word in _WORD.findall(text)]
    az, tr = (sum(bool(p.search(w)) for w in words) for p in (_AZ_NOT_TR, _TR_NOT_AZ))
    return guess if az == tr else ("az" if az > tr else "tr")


def _votes(text: str) -> Counter[str]:
    """Languages of the words that tell; a capitalised word inside may be a foreign name."""
    votes: Counter[str] = Counter()
    is_capitals = text == text.upper()
    for match in _WORD.finditer(text):
        word = match.group()
        if word[0].isupper() and match.start() > 0 and not is_capitals:
            continue
        votes.update(_languages(_lower(word)))
    return votes


def _languages(word: str) -> list[str]:
    forms = {"en": word}  # "iş" is not an English word without its accent
    plain = _plain(word)
    return [lang for lang, words in _vocabulary().items() if forms.get(lang, plain) in words] + [
        lang for lang, shape in _SHAPES.items() if shape.search(word)
    ]


def _lower(text: str) -> str:
    return text.replace("İ", "i").lower()


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.replace("ə", "e").replace("ı", "i"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache
def _vocabulary() -> dict[str, frozenset[str]]:
    return {lang: frozenset(words.split()) for lang, words in _WORDS.items()}


@lru_cache
def _identifier() -> _Identifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    loaded = LanguageIdentifier.from_model_file(MODEL_FILE)
    loaded.set_languages(list(LANGUAGES))
    identifier: _Identifier = loaded
    return identifier
