"""Follow-up questions: which ones are, and what is carried over into them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.followup import is_follow_up, searched, standalone
from rag.model import LANGUAGES, Turn

TALKS = {
    "en": Turn(
        "When will the cable between Azerbaijan and Kazakhstan be ready?",
        "In the third quarter of 2026, said Zhaslan Madiyev.",
    ),
    "fr": Turn(
        "Quand le câble entre l’Azerbaïdjan et le Kazakhstan sera-t-il posé ?",
        "Fin 2026, a dit Jaslan Madiev. Le chantier a pris du retard.",
    ),
    "ru": Turn(
        "Когда Казахстан запустил Alemcloud?",
        "В июле 2025 года, сообщил Касым-Жомарт Токаев.",
    ),
    "az": Turn(
        "Qazaxıstanda süni intellekt qanunu hansı gündən qüvvədədir?",
        "Qanun 18 yanvar 2026-cı ildə qüvvəyə minib, Jaslan Madiyev deyib.",
    ),
    "tr": Turn(
        "Google Cloud Türkiye’de ne kadar yatırım yapacak?",
        "2 milyar dolar, dedi Ali Taha Koç.",
    ),
}
"""One talk a language, about a cable, a supercomputer, a law and an investment."""


def talk(*turns: tuple[str, str]) -> list[Turn]:
    return [Turn(*turn) for turn in turns]


def added(question: str, lang: str, history: list[Turn]) -> str:
    """What ``standalone`` puts in brackets; "" when it adds nothing."""
    whole = standalone(question, lang, history)
    assert whole.startswith(question)
    rest = whole[len(question) :]
    assert not rest or re.fullmatch(r" \(.+\)", rest, re.DOTALL)
    return rest[2:-1]


# Which ones are follow-ups


FOLLOW_UPS = {
    "en": [
        "And in Armenia?",
        "What about Georgia?",
        "Who is building it?",
        "How many people work there?",
        "What did Nabiyev say about it?",
        "Who signed?",
        "Why?",
        "What is the price?",
        "The second one?",
        "When does the second stage start?",
        "Which banks financed the cable?",
        "And who signed for Kazakhstan?",
        "WHO IS BUILDING IT?",
    ],
    "fr": [
        "Et lui, qu'en pense-t-il ?",
        "Et en Arménie ?",
        "Quand sera-t-il prêt ?",
        "Combien ça coûte ?",
        "Qui construit ce câble ?",
        "Quel est son coût ?",
        "Qui y travaille ?",
        "Qu’en a dit Nabiyev ?",
        "Pourquoi ?",
        "Quand débute la deuxième étape ?",
        "Qui finance le câble ?",
        "Et selon lui, que fera l’Arménie pour rattraper son retard ?",
    ],
    "ru": [
        "А сколько это стоит?",
        "А в Армении?",
        "Кто его построил?",
        "Что об этом сказал Набиев?",
        "Где он находится?",
        "Почему?",
        "Мощность?",
        "И когда?",
        "Сколько людей там работает?",
    ],
    "az": [
        "Bəs nə vaxt?",
        "Bes Ermenistanda?",
        "Bunu kim deyib?",
        "Orada neçə nəfər işləyir?",
        "Qiyməti nə qədərdir?",
        "qiymeti ne qederdir",
        "Kim imzalayıb?",
        "Ölkədə neçə mütəxəssis var?",
    ],
    "tr": [
        "Peki kim imzaladı?",
        "Peki ya Ermenistan’da?",
        "Bunu kim söyledi?",
        "Orada kaç kişi çalışıyor?",
        "Fiyatı ne kadar?",
        "Ne zaman?",
        "İkinci aşama ne zaman?",
        "Ülkede kaç proje var?",
    ],
}
COMPLETE = {
    "en": [
        "Who is the president of Brazil?",
        "What is inflation?",
        "Why is the sky blue?",
        "Is there a law on AI in Kazakhstan?",
        "When will Kazakhstan launch its supercomputer?",
        "Who said Armenia had never had a better chance to make its state last?",
        "And how many Nvidia chips will Armenia get?",
        "And when did Nabiyev meet OpenAI?",
        "So-called experts say what about OpenAI?",
        "Which companies will invest this year in Baku?",
        "How should one treat a sprained ankle?",
    ],
    "fr": [
        "Qui dirige l’entreprise Firebird ?",
        "Qu’est-ce que l’inflation ?",
        "Que faut-il pour cuire des œufs ?",
        "Y a-t-il une loi sur l’IA ?",
        "Le centre arménien de Firebird doit-il ouvrir cette année ?",
        "Quand la loi kazakhstanaise entrera-t-elle en vigueur ?",
        "Quels organismes ont entraîné ensemble une IA médicale sans partager leurs données ?",
        "Quelle est la recette de la ratatouille ?",
        "Et combien de puces l’Arménie doit-elle recevoir ?",
    ],
    "ru": [
        "Кто руководит компанией Firebird?",
        "Что такое инфляция?",
        "Как приготовить пельмени?",
        "Какие страны в этом году примут закон об ИИ?",
        "Почему Азербайджан потерял свои позиции в индексе?",
        "А какой компанией руководит Ариф Бабаев?",
    ],
    "az": [
        "Nəbiyev kimdir?",
        "Kardesa nədir?",
        "kardesa nədir",
        "Plov necə bişirilir?",
        "Bu il Bakıda nə tikiləcək?",
        "Bəs OpenAI Azərbaycanda hansı layihəni maliyyələşdirir?",
    ],
    "tr": [
        "Menemen nasıl yapılır?",
        "İstanbul hangi yıl fethedildi?",
        "Bu yıl hangi şirketler geldi?",
        "Kardesa nedir?",
        "Firebird’in Ermenistan’daki merkezinde kaç işlemci olacak, bunu kim söyledi?",
    ],
}


def _cases(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(lang, question) for lang, questions in table.items() for question in questions]


@pytest.mark.parametrize(("lang", "question"), _cases(FOLLOW_UPS))
def test_what_lacks_its_subject_is_a_follow_up(lang: str, question: str):
    assert is_follow_up(question, lang, [TALKS[lang]])
    assert not is_follow_up(question, lang, [])


@pytest.mark.parametrize(("lang", "question"), _cases(COMPLETE))
def test_what_names_its_subject_is_none_even_when_asked_second(lang: str, question: str):
    assert not is_follow_up(question, lang, [TALKS[lang]])
    assert standalone(question, lang, [TALKS[lang]]) == question


@pytest.mark.parametrize("question", ["", " ", "?", "…", "(…)", "And when? (cable)"])
def test_neither_is_what_has_no_words_or_what_was_added_to_already(question: str):
    assert not is_follow_up(question, "en", [TALKS["en"]])


# What is carried over


@pytest.mark.parametrize(
    ("lang", "question", "carried"),
    [
        ("en", "Who is building it?", "the cable between Azerbaijan and Kazakhstan be ready"),
        ("fr", "Qui le finance ?", "le câble entre l’Azerbaïdjan et le Kazakhstan sera-t-il posé"),
        ("ru", "А сколько это стоит?", "Казахстан запустил Alemcloud"),
        ("az", "Bəs kim yazıb?", "Qazaxıstanda süni intellekt qanunu, gündən qüvvədədir"),
        ("tr", "Peki kim imzaladı?", "Google Cloud Türkiye’de, yatırım yapacak"),
    ],
)
def test_the_earlier_subject_is_carried_over_without_its_question(
    lang: str, question: str, carried: str
):
    assert added(question, lang, [TALKS[lang]]) == carried


@pytest.mark.parametrize(
    ("lang", "earlier", "question", "carried"),
    [
        ("en", "How many people use KazLLM?", "And the Aitu messenger?", "How many people use"),
        ("en", "What did Nabiyev discuss with OpenAI?", "And with Apple?",
         "What did Nabiyev discuss with"),
        ("en", "Does Nvidia sell chips in Kazakhstan?", "And in Armenia?",
         "Does Nvidia sell chips in"),
        ("fr", "Combien Google investit-il en Turquie ?", "Et en Arménie ?",
         "Combien Google investit-il en"),
        ("ru", "Сколько человек пользуется KazLLM?", "А мессенджером Айту?",
         "Сколько человек пользуется"),
        ("ru", "Что Набиев открыл в Баку?", "А в Гяндже?", "Что Набиев открыл в"),
        ("az", "KazLLM-dən neçə nəfər istifadə edir?", "Bəs “Aitu”dan?",
         "neçə nəfər istifadə edir"),
        ("az", TALKS["az"].question, "Bəs Ermənistanda?",
         "süni intellekt qanunu hansı gündən qüvvədədir"),
        ("az", "Nəbiyev ABŞ-da kimlə görüşüb?", "Bəs Fransada?", "Nəbiyev, kimlə görüşüb"),
        ("tr", TALKS["tr"].question, "Peki ya Ermenistan’da?",
         "Google Cloud, ne kadar yatırım yapacak"),
    ],
)  # fmt: skip
def test_what_the_follow_up_replaces_is_left_out_and_the_question_stays(
    lang: str, earlier: str, question: str, carried: str
):
    assert added(question, lang, talk((earlier, ""))) == carried


def test_in_doubt_which_name_is_replaced_all_are_kept():
    question = "How many chips will Kazakhstan buy from Nvidia?"
    assert added("And Armenia?", "en", talk((question, ""))) == question.rstrip("?")


@pytest.mark.parametrize(
    ("lang", "earlier", "question", "has_date"),
    [
        ("en", "How many cables were laid in 2024?", "And in 2025?", False),
        ("fr", "Que fera Turkcell en mars 2026 ?", "Et quand finira-t-il ?", False),
        ("fr", "Que fera Turkcell en mars 2026 ?", "Et avec qui ?", True),
        ("ru", "Почему Казахстан не запустил их до конца 2024 года?", "А где их поставят?", True),
        ("tr", "Turkcell 2026 yılında ne yapacak?", "Peki kiminle?", True),
        ("az", "Turkcell 2026-cı ildə nə edəcək?", "Bəs nə vaxt bitirəcək?", False),
    ],
)
def test_a_date_is_carried_over_unless_the_follow_up_gives_or_asks_for_one(
    lang: str, earlier: str, question: str, has_date: bool
):
    assert bool(re.search(r"20\d\d", added(question, lang, talk((earlier, ""))))) == has_date


@pytest.mark.parametrize(
    ("lang", "question", "name"),
    [
        ("en", "What else did he say?", "Zhaslan Madiyev"),
        ("fr", "Et lui, qu'en pense-t-il ?", "Jaslan Madiev"),
        ("ru", "А что он сказал потом?", "Касым-Жомарт Токаев"),
        ("az", "Onun sözlərinə görə, bu nə verəcək?", "Jaslan Madiyev"),
        ("tr", "Ona göre bu ne sağlayacak?", "Ali Taha Koç"),
    ],
)
def test_a_pronoun_for_who_spoke_brings_the_name_from_the_answer(
    lang: str, question: str, name: str
):
    assert added(question, lang, [TALKS[lang]]).endswith(f", {name}")


def test_the_answer_is_asked_for_a_name_only_where_a_pronoun_points_there():
    history = talk(("Who opened the centre of ASAN?", "Ulvi Mehdiyev. Apple was absent."))
    assert added("How old is he?", "en", history) == "opened the centre of ASAN, Ulvi Mehdiyev"
    assert added("And when?", "en", history) == "opened the centre of ASAN"
    history = talk(("What is the centre of ASAN for?", "For services, said Ulvi Mehdiyev."))
    assert added("What does it cost?", "en", history) == "the centre of ASAN for"


def test_a_name_of_the_answer_is_never_cut():
    history = talk(("Who signed?", "Azerbaijan International Fibre Cable Holding did."))
    assert added("Where does it sit?", "en", history) == "signed"
    history = talk(("Who signed?", "Global Infrastructure Partners did."))
    assert added("Where does it sit?", "en", history) == "signed, Global Infrastructure Partners"


def test_slices_keep_the_wording_and_close_their_quotation_marks():
    history = talk(("Mirziyoyev nəyi elan edib?", "“Süni İntellekt Alyansı”nın yaradılmasını."))
    assert added("Bəs o nə edəcək?", "az", history) == (
        "Mirziyoyev, elan edib, Süni İntellekt Alyansı"
    )
    history = talk(("Кто вошёл в «Альянс ИИ» при Академии?", ""))
    assert added("А зачем?", "ru", history) == "вошёл в, Альянс ИИ, при Академии"


def test_what_the_follow_up_says_itself_is_not_added():
    history = talk(("When will the cable be ready?", "In 2026."))
    assert added("And how long is the cable?", "en", history) == "the cable be ready"
    history = talk(("The cable?", "In 2026."))
    assert standalone("And how long is the cable?", "en", history) == "And how long is the cable?"


def test_a_chain_of_follow_ups_reaches_its_first_question():
    history = talk(
        ("Who may contribute to the AI plan of Türkiye?", "Everybody."),
        ("And what will read the proposals?", "A language model."),
    )
    assert added("Until when can they be sent?", "en", history) == (
        "read the proposals, contribute to the AI plan of Türkiye"
    )


def test_only_three_turns_are_looked_at():
    follow_ups = ("And when?", "In May."), ("And where?", "There.")
    history = talk(("Who built the cable of Aktau?", "They."), *follow_ups)
    assert "Aktau" in added("And why?", "en", history)
    history = talk(("Who built the cable of Aktau?", "They."), *follow_ups, ("And who?", "He."))
    assert "Aktau" not in added("And why?", "en", history)


def test_an_unrelated_complete_question_ends_a_chain():
    history = talk(("Who built the cable of Aktau?", "They."), ("Who leads Firebird?", "Nobody."))
    assert added("And where?", "en", history) == "leads Firebird"


def test_the_history_may_be_in_another_language():
    assert added("Et en Arménie ?", "fr", [TALKS["ru"]]) == "Когда Казахстан запустил Alemcloud"
    assert added("А кто это построил?", "ru", [TALKS["tr"]]) == (
        "Google Cloud Türkiye’de, yatırım yapacak"
    )


# What is searched for


@pytest.mark.parametrize(
    ("lang", "question", "text"),
    [
        ("ru", "А сколько это стоит?", "Казахстан запустил Alemcloud сколько это стоит?"),
        ("tr", "Peki, kim imzaladı?", "Google Cloud Türkiye’de, yatırım yapacak kim imzaladı?"),
        ("en", "Who signed?", "the cable between Azerbaijan and Kazakhstan be ready Who signed?"),
        ("fr", "Et qui dirige l’entreprise Firebird à Erevan ?",
         "Et qui dirige l’entreprise Firebird à Erevan ?"),
    ],
)  # fmt: skip
def test_it_has_what_was_added_first_and_no_opening_particle(lang: str, question: str, text: str):
    assert searched(question, lang, [TALKS[lang]]) == text


# Laws


_PIECES = st.sampled_from(
    [
        *"And Et А Bəs Peki it lui это bunu onun there".split(),
        *"кто who qui kim nə Nəbiyev OpenAI".split(),
        *'cable câble 2026 18 dekabr Türkiye’de KazLLM-dən « » “ ” " ( ) ? . , -'.split(),
        *"l’ sera-t-il ABŞ-da 5 000".split(),
        "\n",
    ]
)
_TEXTS = st.lists(_PIECES | st.characters(), max_size=30).map(" ".join) | st.lists(
    _PIECES | st.characters(), max_size=30
).map("".join)
_HISTORIES = st.lists(st.builds(Turn, _TEXTS, _TEXTS), max_size=5)
_LANGS = st.sampled_from(LANGUAGES)


@settings(deadline=None)  # the first call may load the language model
@given(_TEXTS, _LANGS, _HISTORIES)
def test_it_adds_few_words_of_the_earlier_texts_behind_the_question(
    question: str, lang: str, history: list[Turn]
):
    carried = added(question, lang, history)
    if carried:
        assert is_follow_up(question, lang, history)
    worded = [word for word in carried.split() if any(c.isalpha() for c in word)]
    assert len(worded) <= 12
    said = "\n".join(f"{turn.question}\n{turn.answer}" for turn in history[-3:])
    assert all(one in said for one in carried.split(", "))


@settings(deadline=None)  # the first call may load the language model
@given(_TEXTS, _LANGS, _HISTORIES)
def test_doing_it_twice_changes_nothing_more(question: str, lang: str, history: list[Turn]):
    once = standalone(question, lang, history)
    if once != question:
        assert standalone(once, lang, history) == once


@settings(deadline=None)  # the first call may load the language model
@given(_TEXTS, _LANGS)
def test_without_a_history_nothing_changes(question: str, lang: str):
    assert standalone(question, lang, []) == question
    assert searched(question, lang, []) == question


@settings(deadline=None)  # the first call may load the language model
@given(_TEXTS, _LANGS, _HISTORIES, _HISTORIES)
def test_older_turns_than_three_change_nothing(
    question: str, lang: str, older: list[Turn], history: list[Turn]
):
    if len(history) >= 3:
        assert standalone(question, lang, older + history) == standalone(question, lang, history)
