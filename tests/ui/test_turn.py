"""A turn as it comes: what each event makes of it, its cards, tags, verdicts and copy."""

import datetime
import json
from dataclasses import replace

import pytest
from answers import FIRST, SECOND, TEXT, citation, found, hit, quoted

from rag.model import (
    STOPPED,
    Answer,
    AnswerSentence,
    AskedWith,
    Cited,
    Clue,
    Dropped,
    Feedback,
    Filters,
    Finished,
    Intro,
    Kept,
    Retrieved,
    Span,
    StoredTurn,
    Understood,
    Writing,
)
from ui.asked import Asked
from ui.i18n import NEAREST_SHOWN, words
from ui.turn import TurnView

QUESTION = "How long is the quay?"
NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
EN = words("page", "en")


def view(*events, **how) -> TurnView:
    one = TurnView(0, QUESTION, **how)
    for event in events:
        one.take(event)
    return one


def answer(**more) -> Answer:
    one, two = citation(1), citation(2, SECOND)
    given = {
        "question": QUESTION,
        "language": "en",
        "answerer": "extractive",
        "intro": "Here:",
        "sentences": (AnswerSentence(one.quote, (1,)), AnswerSentence(two.quote, (2,))),
        "citations": (one, two),
        "refused": False,
        "passages": (hit(), hit(2)),
        "notices": (STOPPED,),
    }
    return Answer(**{**given, **more})


def test_the_stages_of_an_answer():
    one = view()
    assert (one.stage, one.is_busy) == ("searching", True)
    one.take(Retrieved(found(hit())))
    assert (one.stage, one.is_busy) == ("writing", True)
    one.take(Finished(answer()))
    assert (one.stage, one.is_busy) == ("done", False)


def test_passages_are_there_before_a_word_and_only_as_many_as_are_read():
    one = view(Retrieved(found(*(hit(n) for n in range(1, 11)))), passages=6)
    assert not one.sentences
    assert len(one.others) == 6
    assert one.cards == []


def test_a_draft_gives_way_to_the_sentence_that_comes_of_it():
    one = view(Retrieved(found(hit())), Writing("The quay is"))
    assert one.draft == "The quay is"
    one.take(quoted(1))
    assert (one.draft, [s.text for s in one.sentences]) == ("", ["The quay is 380 metres long."])
    one.take(Writing("It is made of gold"))
    one.take(Dropped("It is made of gold."))
    assert one.draft == ""


def test_what_is_stopped_keeps_its_sentences_and_loses_its_draft():
    one = view(Retrieved(found(hit())), quoted(1), Writing("It co"))
    one.end("stopped")
    assert (one.is_busy, one.draft, len(one.sentences)) == (False, "", 1)


def test_a_turn_can_be_liked_once_it_is_kept():
    assert not view(Retrieved(found(hit()))).is_kept
    assert view(Retrieved(found(hit())), Kept("abc", 0, NOON)).is_kept


def test_a_stored_turn_is_what_it_was_when_it_came():
    live = view(Retrieved(found(hit(), hit(2))), STOPPED, Intro("Here:"))
    live.take(quoted(1))
    live.take(quoted(2, SECOND))
    live.take(Finished(answer()))
    turn = StoredTurn(answer(), NOON, Feedback(True, NOON))
    stored = TurnView.from_stored(0, turn, {"press/quay.md": "current"}, {})
    assert stored.is_kept and stored.liked is True
    for name in ("sentences", "citations", "intro", "notices", "stage", "as_copied"):
        assert getattr(stored, name) == getattr(live, name), name


def test_cards_stand_in_the_order_of_their_first_citation_each_with_all_its_own():
    one = view(Retrieved(found(hit(1), hit(2), hit(3))))
    for n, passage in ((1, 3), (2, 1), (3, 3)):
        cited = citation(n, SECOND if n == 3 else FIRST, passage)
        one.take(Cited(AnswerSentence("So it is.", (n,)), (cited,)))
    assert [(c.hit.passage.id, c.numbers) for c in one.cards] == [(3, [1, 3]), (1, [2])]
    assert [c.hit.passage.id for c in one.others] == [2]
    assert one.cards[0].spans == "0-28,29-56"
    assert one.others[0].spans == f"0-{len(TEXT)}"


def test_a_refusal_shows_the_nearest_passages_and_cites_none():
    refused = answer(
        sentences=(), citations=(), refused=True, passages=tuple(hit(n) for n in range(1, 7))
    )
    one = view(Finished(refused))
    assert len(one.cards) == NEAREST_SHOWN
    assert one.others == []
    assert all(card.verdict == "" and card.numbers == [] for card in one.cards)


@pytest.mark.parametrize(
    ("sentences", "verdict"),
    [
        ([AnswerSentence("The quay is 380 metres long.", (1,))], "verbatim"),
        ([AnswerSentence("It measures 380 metres.", (1,), "supported")], "supported"),
        ([AnswerSentence("It is long.", (1,), "weak")], "weak"),
        (
            [
                AnswerSentence("It is long.", (1,), "weak"),
                AnswerSentence("It measures 380 metres.", (1,), "supported"),
            ],
            "supported",
        ),
    ],
)
def test_a_card_tells_the_best_that_rests_on_it(sentences, verdict):
    one = view(Retrieved(found(hit())), Cited(sentences[0], (citation(1),)))
    for sentence in sentences[1:]:
        one.take(Cited(sentence, ()))
    assert one.cards[0].verdict == verdict
    assert EN[verdict]


def test_a_card_tells_that_its_document_has_changed():
    turn = StoredTurn(answer(), NOON)
    stored = TurnView.from_stored(0, turn, {"press/quay.md": "changed"}, {})
    assert stored.cards[0].state == "changed"


def test_a_quoted_sentence_is_in_its_sources_language_and_a_written_one_in_the_questions():
    one = view(Retrieved(found(hit())))
    quote = AnswerSentence(TEXT[:28], (1,))
    one.take(Cited(quote, (citation(1, lang="az"),)))
    written = AnswerSentence("It is long.", (1,))
    assert (one.spoken(quote), one.spoken(written)) == ("az", "en")


def clue(text: str, **more) -> Clue:
    given = {"since": None, "until": None, "publisher": "", "is_filter": True}
    return Clue("time", Span(0, len(text)), text, **{**given, **more})


DAY = datetime.date(2025, 3, 10)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"publisher": "Minval"}, "only Minval"),
        ({"since": DAY, "until": DAY}, "only 10 Mar 2025"),
        ({"since": DAY}, "only since 10 Mar 2025"),
        (
            {"since": DAY, "until": datetime.date(2025, 4, 1)},
            "only 10 Mar 2025 to 1 Apr 2025",
        ),
        ({"since": DAY, "until": DAY, "is_filter": False}, "preferably 10 Mar 2025"),
        ({"person": "Ada Brink", "is_filter": False}, "preferably naming Ada Brink"),
    ],
)
def test_what_was_read_out_of_a_question_is_a_tag_in_words(given, said):
    one = view(Understood(QUESTION, (clue("its words", **given),)))
    (tag,) = one.tags(EN, "en")
    assert (tag.kind, tag.text, tag.quoted, tag.words, tag.is_off) == (
        "ignoring",
        said,
        "its words",
        "its words",
        False,
    )


def test_what_was_taken_back_stays_as_a_tag_that_is_off():
    asked_with = AskedWith(ignoring=("last week",), follows=False)
    one = view(Understood(QUESTION), asked_with=asked_with)
    assert [(t.kind, t.text, t.is_off) for t in one.tags(EN, "en")] == [
        ("follows", "Understood as: …", True),
        ("ignoring", "last week", True),
    ]


def test_a_tag_keeps_its_place_when_it_is_taken_back():
    question = "According to Minval, how long was the quay last week?"
    minval, week = clue("According to Minval", publisher="Minval"), clue("last week", since=DAY)
    places = [
        [tag.words for tag in one.tags(EN, "en")]
        for one in (
            replace(view(Understood(question, clues), asked_with=asked_with), question=question)
            for clues, asked_with in (
                ((week, minval), AskedWith()),
                ((week,), AskedWith(ignoring=("According to Minval",))),
                ((), AskedWith(ignoring=("last week", "According to Minval"))),
            )
        )
    ]
    assert places == [["According to Minval", "last week"]] * 3


ALL = Filters(
    ("fr",),
    ("Le Courrier", "</script>"),
    DAY,
    datetime.date(2025, 4, 1),
    ("press/quay.md", "press/gone.md"),
)


def test_the_filters_that_were_chosen_are_tags_too_documents_by_their_titles():
    one = view(asked_with=AskedWith(ALL), titles={"press/quay.md": "A quay"})
    assert [(t.kind, t.text, t.words) for t in one.limits(EN, "en")] == [
        ("langs", "français", "fr"),
        ("publishers", "Le Courrier", "Le Courrier"),
        ("publishers", "</script>", "</script>"),
        ("since", "from 10 Mar 2025", ""),
        ("until", "until 1 Apr 2025", ""),
        ("docs", "A quay", "press/quay.md"),
        ("docs", "press/gone.md", "press/gone.md"),
    ]
    assert one.tags(EN, "en") == []
    assert view().limits(EN, "en") == []


@pytest.mark.parametrize(
    "asked_with", [AskedWith(), AskedWith(ALL), AskedWith(Filters(until=DAY), ("in 2025",), False)]
)
def test_what_a_turn_was_asked_with_is_sent_again_as_it_was(asked_with):
    stored = TurnView.from_stored(0, StoredTurn(answer(), NOON, None, asked_with), {}, {})
    sent = {"question": stored.question, **json.loads(stored.as_sent)}
    assert Asked.model_validate(sent).asked_with == asked_with


def test_a_turn_that_was_stored_before_that_was_noted_was_asked_with_nothing_that_is_known():
    stored = TurnView.from_stored(0, StoredTurn(answer(), NOON), {}, {})
    assert stored.asked_with == AskedWith()


def test_a_follow_up_says_what_it_was_taken_to_ask():
    meant = "How much did the quay cost?"
    one = view(Understood(meant, is_follow_up=True))
    (tag,) = one.tags(EN, "en")
    assert (tag.kind, tag.text, tag.is_off) == ("follows", f"Understood as: {meant}", False)
    assert view(Understood(meant)).tags(EN, "en") == []


def test_a_copy_is_plain_text_with_the_quotes_it_rests_on():
    one = view(Finished(answer()))
    for event in (Intro("Here:"), quoted(1), quoted(2, SECOND)):
        one.take(event)
    assert one.as_copied.split("\n") == [
        QUESTION,
        "",
        "Here:",
        "The quay is 380 metres long. [1]",
        "It cost 4.2 million crowns. [2]",
        "",
        "[1] A quay, Harbour News, 2025-03-10",
        "“The quay is 380 metres long.”",
        "",
        "[2] A quay, Harbour News, 2025-03-10",
        "“It cost 4.2 million crowns.”",
    ]
