"""HTML pages are reduced to their article, without a connection."""

import socket
from datetime import date
from typing import Any

import pytest

from rag.documents.html import read
from rag.documents.raw import Raw
from rag.errors import ReadError

PARAGRAPH = (
    "<p>Le ministre a signé jeudi à Bakou un accord avec une société américaine, pour "
    "construire\n un centre de <a href='/d'>données</a> qui ouvrira dans <b>trois ans</b>.</p>"
)
SAID = (
    "Le ministre a signé jeudi à Bakou un accord avec une société américaine, pour construire "
    "un centre de données qui ouvrira dans trois ans."
)
MENU = "<nav><ul>" + "".join(f"<li><a href='/{n}'>Rubrique {n}</a></li>" for n in range(40))
FOOTER = "<footer><p>© 2019 Le Journal. Mis à jour le 3 mars 2021.</p></footer>"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def page(body: str = PARAGRAPH, head: str = "", lang: str = "fr") -> str:
    return (
        f"<!DOCTYPE html><html lang='{lang}'><head>{head}</head><body>{MENU}</ul></nav>"
        f"<main><article><h1>Un accord à Bakou</h1>{body}</article></main>{FOOTER}</body></html>"
    )


def html(source: str) -> Raw:
    return read(source.encode(), "page.html")


def text_of(body: str) -> str:
    return (
        html(page(f"{PARAGRAPH}{body}{PARAGRAPH.replace('trois', 'cinq')}"))
        .text.split("\n\n", 1)[1]
        .rsplit("\n\n", 1)[0]
        .removeprefix(f"{SAID}\n\n")
    )


def test_the_article_is_kept_and_the_furniture_dropped() -> None:
    raw = html(
        page(
            head="<title>Un accord | Le Journal</title>"
            "<meta property='og:site_name' content='Le Journal'>"
            "<link rel='canonical' href='https://journal.example/accord'>"
        )
    )
    assert raw.title == "Un accord à Bakou"
    assert raw.text.split("\n\n")[-1] == SAID
    assert "Rubrique" not in raw.text
    assert "2019" not in raw.text
    assert (raw.lang, raw.publisher) == ("fr", "Le Journal")
    assert raw.source_url == "https://journal.example/accord"
    assert raw.date is None


def test_lists_look_as_in_markdown() -> None:
    body = (
        "<p>Trois points&nbsp;:</p><ul><li>un <i>mot</i></li><li>deux<ul><li>a</li></ul></li></ul>"
    )
    assert text_of(body) == "Trois points :\n• un mot\n• deux\n• a"
    assert (
        text_of("<p>Le plan.</p><ol><li>un</li><li>deux</li></ol>") == "Le plan.\n\n1. un\n2. deux"
    )
    assert text_of("<ul><li><p>un</p><p>suite</p></li><li>deux</li></ul>") == "• un\nsuite\n• deux"


def test_tables_quotes_headings_and_breaks_are_blocks_and_lines() -> None:
    body = (
        "<h2>La suite</h2><blockquote><p>« Oui. »</p></blockquote><p>Un.<br>Deux.</p>"
        "<table><tr><th>Pays</th><th>Score</th></tr><tr><td>Azerbaïdjan</td><td>70</td></tr></table>"
    )
    assert text_of(body) == "La suite\n\n« Oui. »\n\nUn.\nDeux.\n\nPays | Score\nAzerbaïdjan | 70"


def test_a_page_without_structure_is_read_line_by_line() -> None:
    raw = html("<html><body><h1>Accord signé</h1><p>Le ministre a signé à Bakou.</p></body></html>")
    assert (raw.title, raw.text) == ("Accord signé", "Accord signé\n\nLe ministre a signé à Bakou.")
    assert html(PARAGRAPH).text == SAID


@pytest.mark.parametrize("lang", ["de", "", "xx-YY", "ru"])
def test_a_foreign_or_impossible_language_is_left_to_be_identified(lang: str) -> None:
    assert html(page(lang=lang)).lang == ""


def test_a_regional_language_is_understood() -> None:
    assert html(page(lang="fr-FR")).lang == "fr"


@pytest.mark.parametrize(
    "head",
    [
        "<meta property='article:published_time' content='2025-12-18T08:00:00+04:00'>",
        "<meta itemprop='datePublished' content='2025-12-18'>",
        "<meta name='DC.date.issued' content='18 December 2025'>",
        "<script type='application/ld+json'>"
        '{"@graph": [{"dateModified": "2026-01-02", "datePublished": "2025-12-18"}]}</script>',
    ],
)
def test_a_stated_date_is_taken(head: str) -> None:
    assert html(page(head=head)).date == date(2025, 12, 18)


def test_the_day_of_publication_goes_before_that_of_a_change() -> None:
    head = (
        "<meta property='article:modified_time' content='2026-01-02'>"
        "<meta name='date' content='2025-12-20'>"
        "<meta property='article:published_time' content='2025-12-18'>"
    )
    assert html(page(head=head)).date == date(2025, 12, 18)


def test_the_time_of_the_article_is_taken() -> None:
    body = f"<time datetime='2025-12-18T09:00'>hier</time>{PARAGRAPH}"
    assert html(page(body)).date == date(2025, 12, 18)
    assert html(page(f"<time>18 décembre 2025</time>{PARAGRAPH}")).date == date(2025, 12, 18)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "<footer><time datetime='2019-01-01'>2019</time></footer>",
        "<aside><p>Le 3 mars 2021, un autre article.</p></aside>",
        "<p>En 2019-01-01, le projet n’existait pas.</p>",
        "<img src='/2019/01/01/photo.jpg'>",
        "<script>var updated = '2019-01-01';</script>",
    ],
)
def test_no_date_is_made_up(elsewhere: str) -> None:
    assert html(page(PARAGRAPH + elsewhere)).date is None


@pytest.mark.parametrize(
    ("encoding", "declaration"),
    [
        ("utf-8", ""),
        ("utf-8", "<meta charset='iso-8859-1'>"),
        ("cp1252", "<meta charset=windows-1252>"),
        ("cp1252", "<meta http-equiv='Content-Type' content='text/html; charset=iso-8859-1'>"),
        ("cp1252", "<meta charset='utf-8'>"),
        ("cp1252", ""),
        ("utf-16", ""),
        ("mac_roman", "<meta charset='macintosh'>"),
    ],
)
def test_the_encoding_is_declared_or_told(encoding: str, declaration: str) -> None:
    assert SAID in read(page(head=declaration).encode(encoding), "page.html").text


def test_an_xml_declaration_does_not_matter() -> None:
    source = "<?xml version='1.0' encoding='iso-8859-1'?>" + page()
    assert SAID in read(source.encode("latin-1"), "page.html").text


@pytest.mark.parametrize(
    "source",
    [
        "<html><body></body></html>",
        "<html><body><script>var text = 'Le texte';</script><div id='root'></div></body></html>",
        f"<html><body>{MENU}</ul></nav></body></html>",
        "<html><body>" + "<div>" * 5000 + SAID * 5 + "</div>" * 5000 + "</body></html>",
        "<html><body>" + "<ul><li>" * 3000 + SAID * 5 + "</body></html>",
        "<!-- only a comment -->",
    ],
)
def test_a_page_without_an_article_is_refused(source: str) -> None:
    message = r"^page\.html holds no article: save the whole page, or its text as \.txt$"
    with pytest.raises(ReadError, match=message):
        html(source)


def test_nesting_beyond_the_stack_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_deep(_: str) -> Any:
        raise RecursionError

    monkeypatch.setattr("rag.documents.html._extract", too_deep)
    with pytest.raises(
        ReadError, match=r"^page\.html is nested too deep to be read: save its text"
    ):
        html(page())


def test_text_that_is_no_html_is_refused() -> None:
    with pytest.raises(ReadError, match=r"^page\.html is not an HTML page: save it as \.txt, or "):
        html(SAID)


def test_embedded_pictures_do_not_count_against_the_size() -> None:
    picture = "<img src='data:image/png;base64," + "A" * 5_000_000 + "'>"
    assert SAID in html(page(picture + PARAGRAPH)).text
    with pytest.raises(
        ReadError, match=r"^page\.html has 5,\d{3},\d{3} characters, over the limit"
    ):
        html(page("<!--" + "A" * 5_000_000 + "-->"))


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    for source in ("<html><body></body></html>", page()):
        try:
            html(source)
        except ReadError:
            continue
    assert capfd.readouterr() == ("", "")
