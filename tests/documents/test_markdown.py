"""Markdown becomes paragraphs; front matter tells the rest."""

from datetime import date

import pytest

from rag.documents.markdown import read
from rag.documents.raw import Raw
from rag.errors import ReadError


def markdown(text: str) -> Raw:
    return read(text.encode(), "note.md")


def text_of(text: str) -> str:
    return markdown(text).text


def test_front_matter_is_read() -> None:
    raw = markdown(
        '---\ntitle: "Bakou : un accord"\ndate: 2025-12-18\nlang: fr\npublisher: Le Journal\n'
        "source_title: A deal\nsource_date: 2025-12-17T10:00:00Z\n"
        "source_url: https://journal.example/a\nother: [ignored]\n---\n\nLe texte.\n"
    )
    assert raw == Raw(
        text="Le texte.",
        title="Bakou : un accord",
        lang="fr",
        date=date(2025, 12, 18),
        publisher="Le Journal",
        source_title="A deal",
        source_date=date(2025, 12, 17),
        source_url="https://journal.example/a",
    )


def test_front_matter_keeps_values_as_they_are_written() -> None:
    assert markdown("---\ntitle: 2025\nlang: no\n---\nx").title == "2025"
    assert markdown("---\ntitle: 2025\nlang: no\n---\nx").lang == "no"


@pytest.mark.parametrize("front", ["title:", "title: ~", "date: null", "", "# a comment"])
def test_an_empty_value_is_as_good_as_none(front: str) -> None:
    assert markdown(f"---\n{front}\n---\nLe texte.") == Raw(text="Le texte.")


def test_line_ends_and_a_mark_before_front_matter_do_not_matter() -> None:
    for text in (
        "\ufeff---\ntitle: A\n---\nx",
        "---\r\ntitle: A\r\n---\r\nx",
        "\n---  \ntitle: A\n...\nx",
    ):
        assert (markdown(text).title, markdown(text).text) == ("A", "x")


@pytest.mark.parametrize(
    ("front", "message"),
    [
        ("title: a: b", r"^note\.md: its front matter is not valid YAML at line 2: correct it, "),
        ("title: [a", r"^note\.md: its front matter is not valid YAML at line "),
        ("title: a\n\tb: c", r"not valid YAML at line 3"),
        ("- a\n- b", r"^note\.md: its front matter is not `key: value` lines: correct it$"),
        ("only words", r"is not `key: value` lines"),
        ("title: [a, b]", r"^note\.md: title is a list: write it as one line of text$"),
        ("publisher: {a: b}", r"^note\.md: publisher is a mapping: write it as one line of text$"),
        ("date: yesterday", r"^note\.md: date is 'yesterday', not a date: write it as 2025-12-18$"),
        ("date: 2025-02-30", r"date is '2025-02-30', not a date"),
        ("source_date: 18/12/2025", r"source_date is '18/12/2025', not a date"),
        ("title: " + "a" * 20_000, r"^note\.md: its front matter has 20,0\d\d characters, over "),
        ("title: " + "[" * 10_000, r"^note\.md: its front matter is nested too deep: flatten it$"),
        ("- " * 5_000 + "a", r"^note\.md: its front matter is nested too deep: flatten it$"),
    ],
)
def test_bad_front_matter_says_what_to_correct(front: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        markdown(f"---\n{front}\n---\nLe texte.")


def test_front_matter_that_is_never_closed_is_refused() -> None:
    with pytest.raises(ReadError, match=r"front matter is never closed: end it with a line of ---"):
        markdown("---\ntitle: a\n\nLe texte.")


def test_aliases_that_stand_for_gigabytes_are_refused() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join(['*' + old] * 9)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(ReadError, match=r"has an alias \(\*\): write the value out"):
        markdown(f"---\n{bomb}title: *i\n---\nLe texte.")


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    assert text_of("---\n\nLe texte.") == "Le texte."


def test_the_first_top_heading_is_the_title_and_leaves_the_text() -> None:
    raw = markdown("# Un *accord*\n\nLe texte.\n\n# Autre\n\nLa suite.")
    assert (raw.title, raw.text) == ("Un accord", "Le texte.\n\nAutre\n\nLa suite.")


def test_a_heading_that_repeats_the_front_matter_title_is_dropped() -> None:
    assert text_of("---\ntitle: Un accord\n---\n# UN ACCORD !\n\nLe texte.") == "Le texte."
    assert text_of("---\ntitle: Un accord\n---\n# Autre\n\nLe texte.") == "Autre\n\nLe texte."


def test_a_lower_heading_is_the_title_only_at_the_top() -> None:
    assert markdown("## Un accord\n\nLe texte.").title == "Un accord"
    assert markdown("Le texte.\n\n## Plus loin").title == ""


def test_soft_line_ends_are_blanks_and_hard_ones_stay() -> None:
    assert (
        text_of("une ligne\nsuivie  \nd’une autre\\\nencore")
        == "une ligne suivie\nd’une autre\nencore"
    )


def test_a_list_is_one_block_and_an_item_a_line() -> None:
    assert (
        text_of("Avant.\n\n- un\n- deux\n  suite\n\nAprès.")
        == "Avant.\n\n• un\n• deux suite\n\nAprès."
    )
    assert text_of("* un\n\n* deux") == "• un\n• deux"


def test_a_lead_in_and_its_list_are_one_block() -> None:
    assert (
        text_of("Trois points :\n\n- un\n- deux\n\nAprès.")
        == "Trois points :\n• un\n• deux\n\nAprès."
    )
    assert text_of("Trois points :\n- un\n- deux") == "Trois points :\n• un\n• deux"


def test_two_lists_are_two_blocks() -> None:
    assert text_of("- un\n\n<!-- -->\n\n- deux") == "• un\n\n• deux"


def test_ordered_lists_keep_their_numbers() -> None:
    assert text_of("3. un\n4. deux") == "3. un\n4. deux"
    assert text_of("1) un\n2) deux") == "1) un\n2) deux"


def test_nested_lists_are_lines_of_the_same_block() -> None:
    assert text_of("- un\n  - deux\n    1. trois\n- quatre") == "• un\n• deux\n1. trois\n• quatre"


def test_the_paragraphs_of_an_item_stay_together() -> None:
    assert text_of("- un\n\n  suite\n\n- deux") == "• un\nsuite\n• deux"


def test_a_list_after_a_nested_one_ends_it() -> None:
    assert text_of("- un\n  - deux\n\nFin:\n\n- trois") == "• un\n• deux\n\nFin:\n• trois"


def test_a_table_is_one_block_and_a_row_a_line() -> None:
    table = "| Pays | Score |\n| --- | ---: |\n| **Azerbaïdjan** | 70 |\n| [Turquie](x) | |"
    assert text_of(f"Avant.\n\n{table}\n\nAprès.") == (
        "Avant.\n\nPays | Score\nAzerbaïdjan | 70\nTurquie | \n\nAprès."
    )


def test_marks_link_targets_and_images_go_and_words_stay() -> None:
    source = (
        "Un **mot**, *un* `code`, ~~non~~, [un lien](https://a.example 't'), ![image](a.png)fin."
    )
    assert text_of(source) == "Un mot, un code, non, un lien, fin."
    assert text_of("[![alt](a.png)](b)\n\n![seule](c.png)\n\nTexte.") == "Texte."
    assert text_of("Voir [ici][1].\n\n[1]: https://a.example") == "Voir ici."


def test_quotes_and_code_are_blocks() -> None:
    assert text_of("> « Oui. »\n>\n> Non.\n\n```py\na\nb\n```") == "« Oui. »\n\nNon.\n\na\nb"


def test_entities_are_characters() -> None:
    assert text_of("A&amp;B&nbsp;: &laquo;oui&raquo; &lt;b&gt;") == "A&B\u00a0: «oui» <b>"


def test_tags_and_comments_go_and_their_words_stay() -> None:
    assert (
        text_of("<div class='x'>\n<p>Un &amp; deux</p><p>trois</p>\n</div>") == "Un & deux\n\ntrois"
    )
    assert text_of("Un <b>mot</b><br>suite <!-- caché -->fin") == "Un mot\nsuite fin"
    assert text_of("<!-- caché\n\nencore -->\n\nTexte.") == "Texte."
    assert text_of("<script>\nalert('x')\n</script>\n\nTexte.") == "Texte."
    assert text_of("<style>\np {}\n</style>\n\nTexte.") == "Texte."


def test_footnote_numbers_go_and_footnotes_stay() -> None:
    assert text_of("Un fait[^1], deux [^note].\n\n[^1]: La source du fait.\n") == (
        "Un fait, deux.\n\nLa source du fait."
    )
    assert text_of("Un fait[^1].\n\n[^1]: https://a.example\n") == "Un fait."


@pytest.mark.parametrize("source", [">" * 5000 + "a", "- " * 5000 + "a", "> - " * 60 + "a"])
def test_deep_nesting_is_refused(source: str) -> None:
    with pytest.raises(ReadError, match=r"^note\.md is nested too deep to be read: save its text "):
        markdown(source)


def test_nesting_that_people_write_is_read() -> None:
    assert text_of("\n".join("  " * depth + "- a" for depth in range(12))) == "\n".join(
        ["• a"] * 12
    )


def test_a_paragraph_of_brackets_is_refused() -> None:
    with pytest.raises(ReadError, match=r"^note\.md has a paragraph with over 1,000 brackets"):
        markdown("[" * 50_000)


@pytest.mark.parametrize("piece", ["*a ", "<a ", "<!-- ", "`", "\\", "&", "| a ", "<div>\n\n"])
def test_hostile_repetition_is_read(piece: str) -> None:
    assert isinstance(markdown(piece * 5_000), Raw)
