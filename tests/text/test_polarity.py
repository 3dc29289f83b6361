"""Polarity: a denial is seen in every language, and a plain statement is none."""

import pytest

from rag.text.polarity import denies

DENIED = {
    "en": ["The works have not begun.", "It didn't sign.", "Nothing was agreed.", "He cannot say."],
    "fr": ["Les travaux n’ont pas commencé.", "Il ne signe rien.", "Sans accord.", "Aucun prêt."],
    "az": ["İşlər başlamayıb.", "Bu, rəsmi deyil.", "Saziş imzalanmadı.", "Müqavilə yoxdur."],
    "ru": ["Работы не начались.", "Договора нет.", "Он никогда этого не говорил.", "Без согласия."],
    "tr": ["Çalışmalar başlamadı.", "Bu resmî değil.", "Anlaşma imzalanmıyor.", "Kredi yok."],
}
STATED = {
    "en": ["The works have begun.", "Another note was signed in November."],
    "fr": ["Les travaux ont commencé.", "Il a signé en novembre, nous dit-on, un accord naval."],
    "az": [
        "İşlər başlayıb.",
        "Saziş imzalanıb.",
        "Nazir çiplərin verilməsini və yaradılmasını müzakirə etdi.",
    ],
    "ru": ["Работы начались.", "Министр небольшой страны подписал договор в Неаполе."],
    "tr": ["Çalışmalar başladı.", "Anlaşma imzalanıyor.", "Bakan memnun olduğunu söyledi."],
}


@pytest.mark.parametrize(("lang", "text"), [(la, t) for la, ts in DENIED.items() for t in ts])
def test_a_denial_is_seen(lang: str, text: str):
    assert denies(text, lang)
    assert denies(text.upper(), lang) or "ı" in text or "i" in text


@pytest.mark.parametrize(("lang", "text"), [(la, t) for la, ts in STATED.items() for t in ts])
def test_a_plain_statement_is_none(lang: str, text: str):
    assert not denies(text, lang)


def test_another_language_is_not_judged():
    assert not denies("Das ist nicht so.", "de")
