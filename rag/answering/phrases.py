"""The answer's own words, in the question's language."""

INTRO = {
    "fr": "Voici ce que disent les documents :",
    "en": "Here is what the documents say:",
    "az": "Sənədlərdə deyilənlər:",
    "ru": "Вот что говорится в документах:",
    "tr": "Belgelerde şunlar yer alıyor:",
}

REFUSAL = {
    "fr": "Le corpus ne répond pas à cette question.",
    "en": "The corpus does not answer this question.",
    "az": "Korpusda bu sualın cavabı yoxdur.",
    "ru": "В корпусе нет ответа на этот вопрос.",
    "tr": "Derlemde bu sorunun yanıtı yok.",
}

REFUSAL_FILTERED = {
    "fr": "Aucun document ne satisfait ces filtres.",
    "en": "No document satisfies these filters.",
    "az": "Bu süzgəclərə uyğun sənəd yoxdur.",
    "ru": "Нет документов, отвечающих этим фильтрам.",
    "tr": "Bu süzgeçlere uyan belge yok.",
}

UNKNOWN_NAMES = {
    "fr": "Aucun document ne mentionne {names}.",
    "en": "No document mentions {names}.",
    "az": "Heç bir sənəddə {names} adı keçmir.",
    "ru": "Ни в одном документе нет упоминания: {names}.",
    "tr": "Hiçbir belgede {names} geçmiyor.",
}

NEAREST_SHOWN = 3
"""Passages that are shown when nothing answers."""
NEAREST = {
    "fr": "Passages les plus proches (ils ne répondent pas) :",
    "en": "Nearest passages (they do not answer it):",
    "az": "Ən yaxın parçalar (cavab deyil):",
    "ru": "Ближайшие фрагменты (ответа в них нет):",
    "tr": "En yakın parçalar (yanıt içermiyorlar):",
}

SOURCES = {"fr": "Sources", "en": "Sources", "az": "Mənbələr", "ru": "Источники", "tr": "Kaynaklar"}

UNDERSTOOD = {
    "fr": "Compris comme :",
    "en": "Understood as:",
    "az": "Belə başa düşülüb:",
    "ru": "Понято так:",
    "tr": "Şöyle anlaşıldı:",
}

CHANGED = {
    "fr": "Ce document a changé depuis.",
    "en": "This document has changed since.",
    "az": "Bu sənəd o vaxtdan dəyişib.",
    "ru": "С тех пор этот документ изменился.",
    "tr": "Bu belge o zamandan beri değişti.",
}

GONE = {
    "fr": "Ce document n’est plus dans le corpus.",
    "en": "This document is no longer in the corpus.",
    "az": "Bu sənəd artıq korpusda yoxdur.",
    "ru": "Этого документа больше нет в корпусе.",
    "tr": "Bu belge artık derlemde yok.",
}


def refusal(language: str, has_passages: bool, unknown_names: tuple[str, ...]) -> str:
    """The words of a refusal, naming what the corpus has never heard of."""
    if not has_passages:
        return REFUSAL_FILTERED[language]
    said = [REFUSAL[language]]
    if unknown_names:
        said.append(UNKNOWN_NAMES[language].format(names=", ".join(unknown_names)))
    return " ".join(said)
