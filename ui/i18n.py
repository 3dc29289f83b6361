"""The interface's own words: of a page in the language chosen for it, of an answer in its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from rag.answering.phrases import NEAREST, SOURCES
from rag.answering.phrases import NEAREST_SHOWN as NEAREST_SHOWN

LANGUAGE_NAMES = {
    "fr": "français",
    "en": "English",
    "az": "azərbaycanca",
    "ru": "русский",
    "tr": "Türkçe",
}
"""Each language by its own name."""
_WORDS = Path(__file__).parent / "words"


@cache
def words(part: str, language: str) -> Mapping[str, str]:
    """The words of a part of the interface, by name, as ``words/<part>.yaml`` has them.

    Raises KeyError for a name that lacks the language: none falls back to another.
    """
    table = yaml.safe_load((_WORDS / f"{part}.yaml").read_text(encoding="utf-8"))
    return {name: said[language] for name, said in table.items()}


@dataclass(frozen=True, slots=True)
class Labels:
    """The words around one answer."""

    answer: str
    sources: str
    nearest: str
    whole: str
    """Opens the whole document."""
    back: str
    """Leads from a source back to the answer."""
    source: str
    """What a citation's number means, for those who cannot see that it is one."""
    understood: str
    """Before what a question was taken to ask."""
    doubtful: dict[str, str]
    """What is said beside a sentence whose verdict is weak or unsupported."""


_ANSWER = {"fr": "Réponse", "en": "Answer", "az": "Cavab", "ru": "Ответ", "tr": "Yanıt"}
_WHOLE = {
    "fr": "Document entier",
    "en": "Whole document",
    "az": "Bütün sənəd",
    "ru": "Весь документ",
    "tr": "Belgenin tamamı",
}
_BACK = {
    "fr": "Retour à la réponse",
    "en": "Back to the answer",
    "az": "Cavaba qayıt",
    "ru": "Назад к ответу",
    "tr": "Yanıta dön",
}
_UNDERSTOOD = {
    "fr": "Compris comme", "en": "Understood as", "az": "Belə başa düşüldü",
    "ru": "Понято как", "tr": "Şöyle anlaşıldı",
}  # fmt: skip
_WEAK = {
    "fr": "faiblement étayé", "en": "weakly supported", "az": "zəif əsaslandırılıb",
    "ru": "слабо подтверждено", "tr": "zayıf dayanak",
}  # fmt: skip
_UNSUPPORTED = {
    "fr": "non étayé par les documents", "en": "not supported by the documents",
    "az": "sənədlərlə təsdiqlənmir", "ru": "не подтверждено документами",
    "tr": "belgelerce desteklenmiyor",
}  # fmt: skip
_SOURCE = {"fr": "Source", "en": "Source", "az": "Mənbə", "ru": "Источник", "tr": "Kaynak"}


def labels(language: str) -> Labels:
    """The words in ``language``, in English when it is none of the five."""
    known = language if language in LANGUAGE_NAMES else "en"
    return Labels(
        answer=_ANSWER[known],
        sources=SOURCES[known],
        nearest=NEAREST[known],
        whole=_WHOLE[known],
        back=_BACK[known],
        source=_SOURCE[known],
        understood=_UNDERSTOOD[known],
        doubtful={"weak": _WEAK[known], "unsupported": _UNSUPPORTED[known]},
    )
