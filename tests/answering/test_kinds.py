"""Kinds: what a question asks for is seen in every language, and so is a sentence that has it."""

import pytest

from rag.answering.kinds import KINDS, kind_asked

ASKED = {
    "money": {
        "en": "How much will the project cost?",
        "fr": "Combien coûte le projet ?",
        "az": "Layihə neçəyə başa gələcək?",
        "ru": "Сколько стоит проект?",
        "tr": "Projenin maliyeti ne kadar?",
    },
    "power": {
        "en": "How many megawatts will the centre have?",
        "fr": "Quelle est la puissance du centre ?",
        "az": "Mərkəzin gücü neçə meqavatdır?",
        "ru": "Какова мощность центра?",
        "tr": "Merkez kaç megavat olacak?",
    },
    "share": {
        "en": "What share of the shares does it hold?",
        "fr": "Quelle part du capital détient-elle ?",
        "az": "Onun payı neçə faizdir?",
        "ru": "Какую долю рынка она занимает?",
        "tr": "Payı yüzde kaç?",
    },
    "length": {
        "en": "How long is the cable?",
        "fr": "Quelle est la longueur du câble ?",
        "az": "Kabelin uzunluğu nə qədərdir?",
        "ru": "Какова длина кабеля?",
        "tr": "Kablo kaç kilometre olacak?",
    },
    "time": {
        "en": "When was the centre opened?",
        "fr": "Quand le centre a-t-il ouvert ?",
        "az": "Mərkəz nə vaxt açılıb?",
        "ru": "Когда открыли центр?",
        "tr": "Merkez ne zaman açıldı?",
    },
    "count": {
        "en": "How many companies took part?",
        "fr": "Combien d’entreprises ont participé ?",
        "az": "Neçə şirkət iştirak edib?",
        "ru": "Сколько компаний участвовало?",
        "tr": "Kaç şirket katıldı?",
    },
}
HOLDS = {
    "money": {
        "en": "The work costs 50.6 million dollars.",
        "fr": "Le coût atteint 21 millions d’euros.",
        "az": "Layihəyə 500 milyon dollar qoyulacaq.",
        "ru": "В проект вложат 4 млрд долларов.",
        "tr": "Şirket 3 milyar dolar yatıracak.",
    },
    "power": {
        "en": "It has a capacity of 100 megawatts.",
        "fr": "La machine atteint deux exaflops.",
        "az": "Gücü 100 meqavat olacaq.",
        "ru": "Мощность центра составит 100 МВт.",
        "tr": "Merkezin kapasitesi 100 megavat.",
    },
    "share": {
        "en": "It holds 40 per cent of the capital.",
        "fr": "Elle détient un tiers du capital.",
        "az": "Səhmlərin 40 faizi ona məxsusdur.",
        "ru": "Ей принадлежит 40 процентов акций.",
        "tr": "Payı yüzde 40 olarak açıklandı.",
    },
    "length": {
        "en": "The cable is 380 km long.",
        "fr": "Le câble mesure 380 kilomètres.",
        "az": "Kabelin uzunluğu 380 kilometrdir.",
        "ru": "Длина кабеля составит 380 км.",
        "tr": "Kablo 380 kilometre olacak.",
    },
    "time": {
        "en": "It opened on the tenth of July.",
        "fr": "Le centre a ouvert en juillet.",
        "az": "Mərkəz dekabrda açılıb.",
        "ru": "Центр открыли в феврале.",
        "tr": "Merkez 2025’te açıldı.",
    },
    "count": {
        "en": "Eight companies took part.",
        "fr": "Huit entreprises ont participé.",
        "az": "Səkkiz şirkət iştirak edib.",
        "ru": "Участвовало восемь компаний.",
        "tr": "Sekiz şirket katıldı.",
    },
}
LANGUAGES = ("en", "fr", "az", "ru", "tr")
EVERY = [(kind, lang) for kind in ASKED for lang in LANGUAGES]
NEITHER = {
    "en": "The minister spoke of a close partnership.",
    "fr": "Le ministre a parlé d’une alliance étroite.",
    "az": "Nazir yaxın əməkdaşlıqdan danışıb.",
    "ru": "Министр говорил о тесном сотрудничестве.",
    "tr": "Bakan yakın işbirliğinden söz etti.",
}


def test_every_kind_is_tried() -> None:
    assert {kind.name for kind in KINDS} == set(ASKED) == set(HOLDS)


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_a_kind_is_asked_for_in_every_language(name: str, lang: str) -> None:
    kind = kind_asked(ASKED[name][lang])
    assert kind
    assert kind.name == name


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_a_kind_is_found_in_every_language(name: str, lang: str) -> None:
    (kind,) = (one for one in KINDS if one.name == name)
    assert kind.is_in(HOLDS[name][lang], lang)
    assert not kind.is_in(NEITHER[lang], lang)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("The quay is 380 meters long.", "en"),
        ("The quay is 380 metres long.", "en"),
        ("The road is 12 miles long.", "en"),
        ("Le quai mesure 380 mètres.", "fr"),
        ("Rıhtım 380 metredir.", "tr"),
        ("Körpü 380 metrdir.", "az"),
        ("Длина причала составляет 380 метров.", "ru"),
        ("Площадь участка 12 га.", "ru"),
        ("Площадь парка 12 кв. км.", "ru"),
        ("Площадь парка 12,5 квадратных километров.", "ru"),
        ("Площадь зала 1 200 м².", "ru"),
        ("Le parc a une superficie de 12 km².", "fr"),
        ("Ofis 500 kv. m sahə tutur.", "az"),
        ("The park covers 12 square miles.", "en"),
    ],
)
def test_a_length_is_found_in_any_unit_of_the_press(text: str, lang: str) -> None:
    (kind,) = (one for one in KINDS if one.name == "length")
    assert kind.is_in(text, lang)


@pytest.mark.parametrize(
    ("name", "text", "lang"),
    [
        ("length", "На проект выделено 380 миллионов.", "ru"),
        ("time", "Il a parlé avec elle, et ils se reverront.", "fr"),
        ("time", "Nazir onunla görüşüb.", "az"),
        ("time", "It may be that they will come.", "en"),
        ("count", "On en a parlé longtemps.", "fr"),
        ("count", "They agreed on a joint statement.", "en"),
        ("count", "Tərəflər bu barədə sıx işləyir.", "az"),
    ],
)
def test_words_that_only_look_like_a_time_or_a_number_are_none(
    name: str, text: str, lang: str
) -> None:
    (kind,) = (one for one in KINDS if one.name == name)
    assert not kind.is_in(text, lang)


@pytest.mark.parametrize(
    "question",
    [
        "What did Nabiyev discuss with OpenAI?",
        "Who heads the centre?",
        "De quoi Nabiyev a-t-il parlé avec OpenAI ?",
        "Nəbiyev OpenAI ilə nəyi müzakirə edib?",
        "Mərkəzə kim rəhbərlik edir?",
        "Что Набиев обсуждал с OpenAI?",
        "Nebiyev OpenAI ile ne konuştu?",
        "",
    ],
)
def test_most_questions_ask_for_no_kind_that_can_be_seen(question: str) -> None:
    assert kind_asked(question) is None


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("HOW MUCH DOES IT COST?", "money"),
        ("Какого числа открыли центр?", "time"),
        ("À quelle date le centre a-t-il ouvert ?", "time"),
        ("Mərkəz hansı ildə açılıb?", "time"),
        ("Hangi yıl açıldı?", "time"),
        ("Kaçıncı sırada?", "count"),
        ("Azerbaycan indeksde necenci yerdedir?", "count"),
    ],
)
def test_other_ways_to_ask(question: str, name: str) -> None:
    kind = kind_asked(question)
    assert kind
    assert kind.name == name
