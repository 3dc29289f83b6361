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
    "l d qu c selon plus entre leur leurs ses",
    "en": "the of and to is are was were what who whom whose when where why how which did does do "
    "has have had will would can for with from about this that there it its at by not s many "
    "much any into been their",
    "az": "nece hansi harada harda vaxt ucun haqqinda etdi edib edir etmek deyil bes uzre "
    "terefinden olub olunub edildi verib deyib edilib barede bezi cox yox "
    "istirak muzakire cunki indi olaraq",
    "tr": "hangi nerede nereden nereye icin hakkinda zaman kac nasil neden niye etti ediyor degil "
    "mi mu tarafindan olacak edecek peki kadar gibi cok yok bircok ancak olarak acaba",
}
# Endings and letters that one language has: Turkish -yor; Azerbaijani ə, -ib, and a q that is
# neither French nor English.
_SHAPES = {
    "az": re.compile(r"ə|q(?!u|$)|aq$|[^aeiou][iıuü]b$"),
    "tr": re.compile(r"[iıuü]yor"),
}
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
        return "ru"
    votes = _votes(sample).most_common(2)
    if votes and (len(votes) == 1 or votes[0][1] > votes[1][1]):
        return votes[0][0]
    return _identifier().classify(sample)[0]


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
    plain = _plain(word)
    return [lang for lang, words in _vocabulary().items() if plain in words] + [
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

    identifier: _Identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier
