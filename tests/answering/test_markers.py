"""Markers: a model's reply becomes sentences and what they cite, however the stream is cut."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answering import unfinished
from rag.answering.markers import DraftParser
from rag.answering.unfinished import Draft
from rag.text.sentences import sentence_spans

KNOWN = 6
LANGUAGES = ["fr", "en", "az", "ru", "tr"]

FORMS = {
    "[1]": (1,),
    "[1, 2]": (1, 2),
    "[1;2]": (1, 2),
    "[1][2]": (1, 2),
    "[2] [1]": (2, 1),
    "[1], [2]": (1, 2),
    "[1-3]": (1, 2, 3),
    "[3–5, 1]": (3, 4, 5, 1),
    "[1][1]": (1,),
    "[99]": (),
    "[0, 2, 7]": (2,),
    "[5-99]": (5, 6),
    "【1】": (1,),
    "【1†source】": (1,),
    "【1†source】【2†source】": (1, 2),
    "〔1〕": (1,),
    "［1］": (1,),
    "[1†L3-L5]": (1,),
    "[^1]": (1,),
    "[Passage 1]": (1,),
    "[passage 2]": (2,),
    "[Passage\u00a01]": (1,),
    "[Passages 1, 2]": (1, 2),
    "[Passage 1, Passage 3]": (1, 3),
    "[Source: 3]": (3,),
    "[doc 1]": (1,),
    "[источник 2]": (2,),
    "[Mənbə 2]": (2,),
    "[Kaynak: 2]": (2,),
    "(1)": (1,),
    "(1, 2)": (1, 2),
    "(1, 2, 3, 4)": (1, 2, 3, 4),
    "(1)(2)": (1, 2),
    "（1）": (1,),
    "(Passage 1)": (1,),
    "^1^": (1,),
    "^1,2^": (1, 2),
    "¹": (1,),
    "¹²": (1, 2),
    "²⁻⁴": (2, 3, 4),
    "«[1]»": (1,),
    "([1], [2])": (1, 2),
    "[[1]]": (1,),
    "**[1]**": (1,),
}

SENTENCES = {
    "fr": ("Le câble fera 380\u202fkm, dit M. Lay.", "Vraiment\u00a0!", "Il l’a dit à Bakou."),
    "en": ("The cable will be 380 km long, says Mr. Lay.", "Really?", "He said so in Baku."),
    "az": ("Kabelin uzunluğu 380 km olacaq, prof. Əliyev deyib.", "Doğrudan?", "Bakıda dedi."),
    "ru": ("Длина кабеля, т. е. всей линии, 380 км, сказал он.", "Правда?", "Сказал в Баку."),
    "tr": ("Kablo 380 km olacak, diyor Doç. Dr. Ak.", "Gerçekten mi?", "Bakü’de söyledi."),
}


def parsed(text: str, language: str = "en", known: int = KNOWN) -> list[Draft]:
    parser = DraftParser(language, known)
    return parser.feed(text) + parser.finish()


def read(text: str, language: str = "en") -> list[tuple[str, tuple[int, ...]]]:
    return [(draft.text, draft.cited) for draft in parsed(text, language)]


# The forms


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("place", ["before the stop", "after it", "glued to it"])
def test_every_form_is_read_in_every_language(language: str, form: str, place: str):
    written = {
        "before the stop": lambda s: f"{s[:-1].rstrip()} {form}{s[-1]}",
        "after it": lambda s: f"{s} {form}",
        "glued to it": lambda s: f"{s}{form}",
    }[place]
    sentences = [s for s in SENTENCES[language] if s[-2] != "\u00a0" or place != "before the stop"]
    reply = " ".join(map(written, sentences))
    assert parsed(reply, language) == [Draft(s, FORMS[form]) for s in sentences]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("One [1]. Two.", [("One.", (1,)), ("Two.", ())]),
        ("One. [1] Two. [2] Three.", [("One.", (1,)), ("Two.", (2,)), ("Three.", ())]),
        ("One.[1]Two.[2]", [("One.", (1,)), ("Two.", (2,))]),
        ("One.\n\n[1]\n\nTwo.", [("One.", (1,)), ("Two.", ())]),
        ("[1] One. Two.", [("One.", (1,)), ("Two.", ())]),
        ("One [1]. [2]. Two.", [("One.", (1, 2)), ("Two.", ())]),
        ("One is [1] and is [2] so.", [("One is and is so.", (1, 2))]),
        ("One [1], but [2]; no more [3]!", [("One, but; no more!", (1, 2, 3))]),
        ("He said “yes.” [1] She left.", [("He said “yes.”", (1,)), ("She left.", ())]),
        ("He said “yes”[1]. She left.", [("He said “yes”.", (1,)), ("She left.", ())]),
        ("It was so (as he said)[2]. Then.", [("It was so (as he said).", (2,)), ("Then.", ())]),
        ("One\n  line [1]\tof\u3000two.", [("One line of two.", (1,))]),
    ],
)
def test_a_marker_belongs_to_the_sentence_before_it(
    reply: str, expected: list[tuple[str, tuple[int, ...]]]
):
    assert read(reply) == expected


def test_french_keeps_the_blank_before_high_punctuation():
    reply = "Est-ce vrai [1]\u00a0? «\u00a0Oui\u00a0» [2]\u202f; non [3] ; si."
    assert read(reply, "fr") == [
        ("Est-ce vrai\u00a0?", (1,)),
        ("«\u00a0Oui\u00a0»\u202f; non ; si.", (2, 3)),
    ]


# What is no marker


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "See Fig. (3) for the route."),
        ("en", "See Fig. (3)."),
        ("fr", "Voir l’art. (3) du code."),
        ("ru", "На рис. (3) показан кабель."),
        ("en", "There are 10 (ten) of them."),
        ("en", "Galatasaray won (2-1)."),
        ("en", "It holds either (1) speed or (2) cost."),
        ("en", "It holds: (1) speed, (2) cost."),
        ("en", "It began in [2025] and ends (2026)."),
        ("en", "It ends (7)."),  # there is no seventh passage
        ("en", "It is 3.5 to 4.25 times 1,000."),
        ("en", "The area is 5 km² and 12 m³ and 10² of x²."),
        ("en", "It is 2^10^ bytes."),
        ("en", "Look at https://x.org/?a[1]=2&b[2]=3 there."),
        ("en", "Look at https://x.org/wiki/Cable_(1)"),
        ("en", "He wrote [sic] and […] and [the rest] and [Passage one]."),
        ("en", "An array [ 1.5 ] and [12/03] and [1:2]."),
        ("en", "Brackets [in [other] brackets] stay."),
        ("en", "5 * 3 is 15, 5*3 too, and a < b."),
        ("en", "NOT_IN_CORPUS"),
        ("tr", "3. Köprü açıldı."),
    ],
)
def test_text_that_looks_like_a_marker_stays(language: str, text: str):
    assert " ".join(t for t, _ in read(text, language)) == text
    assert all(cited == () for _, cited in read(text, language))


def test_a_square_marker_of_an_unknown_number_goes_and_cites_nothing():
    assert read("The law, art. [12] of it.") == [("The law, art. of it.", ())]


def test_a_marker_after_a_link_is_one():
    assert read("See https://x.org/cable[1].") == [("See https://x.org/cable.", (1,))]


def test_a_marker_in_other_brackets_is_one():
    assert read("One [see [1]].") == [("One [see].", (1,))]


def test_numbers_in_round_brackets_that_begin_lines_are_a_list():
    assert read("(1) first (2) second") == [("first (2) second", ())]
    assert read("(1) The first (1).\n(2) The second (2).") == [
        ("The first (1).", ()),
        ("The second (2).", ()),
    ]


@pytest.mark.parametrize("reply", ["[1]", "[1] [2].", "\n【1】\n", "¹", "**[1]**", "", " \n"])
def test_only_markers_make_no_sentence(reply: str):
    assert parsed(reply) == []


# Markup, lists, thoughts


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("1. One [1].\n2. Two\n3. Three [3]", [("One.", (1,)), ("Two", ()), ("Three", (3,))]),
        ("1) One [1]\n2) Two", [("One", (1,)), ("Two", ())]),
        ("- One [1]\n- Two\n\n* Three", [("One", (1,)), ("Two", ()), ("Three", ())]),
        ("• One\n•Two [2]", [("One", ()), ("Two", (2,))]),
        ("They are:\n- [1] one\n- [2]: two", [("They are:", ()), ("one", (1,)), ("two", (2,))]),
        ("1. **Cost**: it `is` *so* [1].", [("Cost: it is so.", (1,))]),
        ("***All*** of **it**[1].", [("All of it.", (1,))]),
        ("One.\n---\nTwo.", [("One.", ()), ("Two.", ())]),
        ("# Answer\nOne [1].\n## More\nTwo.\n### End", [("One.", (1,)), ("Two.", ())]),
        ("# The cable is long [1]\nTwo.", [("The cable is long", (1,)), ("Two.", ())]),
    ],
)
def test_markup_goes_and_an_item_is_a_sentence(
    reply: str, expected: list[tuple[str, tuple[int, ...]]]
):
    assert read(reply) == expected


@pytest.mark.parametrize(
    "sources",
    [
        "Sources:\n[1] Report, 2 May\n[2] Trend",
        "Sources :\n- AFP [1]",
        "**Sources:** [1], [2]",
        "**Sources** :\n\n1. Report\n2. Trend",
        "## Sources\n\n[1] Report",
        "Références :\n[1] AFP",
        "Источники:\n[1] ТАСС",
        "Mənbələr: [1]",
        "MƏNBƏLƏR:\n[1] Report",
        "Kaynaklar:\n* [1] AA",
        "Sources",
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_list_of_sources_is_dropped(sources: str, gap: str):
    assert read(f"One [3]. Two.{gap}{sources}") == [("One.", (3,)), ("Two.", ())]


def test_text_after_a_list_of_sources_is_read():
    assert read("Sources: [1]\n\n[2] AFP\n\nThe end [2].") == [("The end.", (2,))]


def test_a_sentence_may_begin_with_the_word_for_sources():
    assert read("Sources close to it agree [1].") == [("Sources close to it agree.", (1,))]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("<think>No [1]. Or?</think>One [2].", [("One.", (2,))]),
        ("<THINKING>\n- no\n</THINKING>\n\nOne.", [("One.", ())]),
        ("One. <think>never closed. Is it", [("One.", ())]),
        ("opened by the template</think>One.", [("One.", ())]),
    ],
)
def test_thoughts_are_dropped(reply: str, expected: list[tuple[str, tuple[int, ...]]]):
    assert read(reply) == expected


@pytest.mark.parametrize(
    ("cut", "text"),
    [
        ("One [1", "One"),
        ("One [", "One"),
        ("One 【1†sou", "One"),
        ("One [Passa", "One"),
        ("One (1", "One"),
        ("One [as he said it", "One [as he said it"),
    ],
)
def test_a_marker_that_the_end_cuts_in_two_is_dropped(cut: str, text: str):
    assert read(cut) == [(text, ())]


# The stream


def test_a_sentence_is_given_when_the_next_has_its_first_word():
    parser = DraftParser("en", KNOWN)
    assert parser.feed("One is long [1]. ") == []
    assert parser.feed("[2] Two") == []
    assert parser.pending == "One is long. Two"
    assert parser.feed(" is") == [Draft("One is long.", (1, 2))]
    assert parser.pending == "Two is"
    assert parser.finish() == [Draft("Two is", ())]
    assert parser.pending == ""


def test_a_marker_in_three_pieces_is_one_and_never_pending():
    parser = DraftParser("en", KNOWN)
    parser.feed("One")
    for piece in (" ", "[", "1", "]"):
        assert parser.feed(piece) == []
        assert parser.pending == "One"
    assert parser.finish() == [Draft("One", (1,))]


def test_quotes_that_are_open_keep_a_sentence_in_one_piece():
    text = "He said: “It is long. It is deep. It is so.” [1] Then he left."
    parser = DraftParser("en", KNOWN)
    given = [draft for char in text for draft in parser.feed(char)]
    whole = text.replace(" [1]", "")
    assert [d.text for d in given + parser.finish()] == [
        whole[start:end] for start, end in sentence_spans(whole, "en")
    ]


PARTS = [
    *FORMS,
    *("The cable", "is long", "Dr. Ak", "e.g.", "3.5", "U.S.", "“so”", "(see it)", "he", "X"),
    *(".", ". ", "!", "? ", "…", ",", ":", " ", " ", "\n", "\n\n", "\n- ", "\n1. ", "\n# ", "**"),
    *("*", "`", "[", "]", "(", ")", "«", "»", '"', "<think>", "</think>", "\nSources:", "[2025]"),
    *("https://x.org/?", "km", "\u00a0", "【", "†", "^", "-"),
]
replies = st.one_of(st.text(), st.lists(st.sampled_from(PARTS)).map("".join))


@settings(deadline=None)
@given(st.lists(replies), st.sampled_from([*LANGUAGES, "xx"]), st.integers(0, 12))
def test_how_the_stream_is_cut_changes_nothing(pieces: list[str], language: str, known: int):
    parser = DraftParser(language, known)
    in_pieces = [draft for piece in pieces for draft in parser.feed(piece)] + parser.finish()
    whole = "".join(pieces)
    assert in_pieces == parsed(whole, language, known)
    one_by_one = [draft for char in whole for draft in parser.feed(char)] + parser.finish()
    assert one_by_one == in_pieces  # the parser is ready for another reply, too


@settings(deadline=None)
@given(replies, st.sampled_from(LANGUAGES))
def test_a_draft_is_trimmed_says_something_and_cites_known_passages_once(text: str, language: str):
    for draft in parsed(text, language):
        assert draft.text == draft.text.strip()
        assert not re.search(r"\s\s|[^\S \u00a0\u202f]", draft.text)
        assert any(char.isalnum() for char in draft.text)
        assert len(set(draft.cited)) == len(draft.cited)
        assert set(draft.cited) <= set(range(1, KNOWN + 1))


def test_a_sentence_without_end_is_cut_at_a_blank():
    drafts = parsed("word " * 1000)
    assert [draft.text.count("word") for draft in drafts] == [401, 401, 198]


words = st.sampled_from(["the", "Cable", "is", "long", "and", "Baku"])
sayings = st.lists(words, min_size=1, max_size=6).map(" ".join)
marks = st.lists(st.sampled_from(["", " ", *(f for f in FORMS if f[0] not in "(（")]), max_size=3)
ends = st.sampled_from([".", "!", "?", "", "\n\n", ".\n", "\n- ", "\n1. ", "**", " "])


@settings(deadline=None)
@given(st.lists(st.tuples(sayings, marks.map("".join), ends, marks.map("".join))))
def test_what_is_pending_only_grows_and_never_shows_a_marker(
    parts: list[tuple[str, str, str, str]],
):
    text = " ".join("".join(part) for part in parts)
    whole = " ".join(draft.text for draft in parsed(text))
    parser = DraftParser("en", KNOWN)
    shown = ""
    for char in text:
        shown = " ".join([*filter(None, [shown]), *(d.text for d in parser.feed(char))])
        seen = f"{shown} {parser.pending}".strip()
        assert whole.startswith(seen)
        assert not set(seen) & set("[]【】〔〕［］^†*«»0123456789¹²³⁴⁻")


@pytest.mark.parametrize(
    "unit",
    [
        "The cable will be 380 km long [1]. Its capacity is large. ",
        "word ",
        "abc",
        "e.g. a. b. ",
        "“One. Two. ",
        "[",
        "(1 ",
        "[see the ",
        "*",
        "\n",
        "-",
        "# a. b ",
        "1. a\n",
    ],
)
def test_the_work_grows_with_the_text_and_not_with_its_square(
    unit: str, monkeypatch: pytest.MonkeyPatch
):
    read_again = 0

    def counted(text: str, language: str) -> object:
        nonlocal read_again
        read_again += len(text)
        return sentence_spans(text, language)

    monkeypatch.setattr(unfinished, "sentence_spans", counted)
    text = (unit * 20_000)[:20_000]
    parser = DraftParser("en", KNOWN)
    for char in text:
        parser.feed(char)
        assert len(parser.pending) <= 4000
    parser.finish()
    assert read_again < 20 * len(text)


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet="[]()1^*¹ .-\n", max_size=300))
def test_no_heap_of_signs_is_too_much(text: str):
    assert parsed(text * 5) == parsed(text * 5)
