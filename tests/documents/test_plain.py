"""Plain text: title, date, paragraphs, hard wrapping."""

import textwrap
from datetime import date

import pytest

from rag.documents.plain import read
from rag.documents.raw import Raw

BODY = (
    "Le ministre a signé jeudi à Bakou un accord avec une société américaine pour construire un "
    "centre de données. Le chantier durera trois ans et demandera mille ingénieurs, a-t-il dit. "
    "Il a ajouté que la formation commencerait dès le printemps dans deux universités du pays."
)
OTHER = (
    "Son homologue a salué un choix courageux, qui place la région au centre des routes par "
    "lesquelles circulent les données entre l’Europe et l’Asie, et qui en appelle d’autres."
)


def plain(text: str) -> Raw:
    return read(text.encode(), "note.txt")


def test_a_first_short_line_is_the_title() -> None:
    assert plain(f"Un accord à Bakou\n\n{BODY}") == Raw(text=BODY, title="Un accord à Bakou")


@pytest.mark.parametrize(
    "first", ["Le texte.", "Voici :", "Le texte…", "« Oui. »".replace(" »", "»")]
)
def test_a_sentence_is_no_title(first: str) -> None:
    assert plain(f"{first}\n\n{BODY}") == Raw(text=f"{first}\n\n{BODY}")


def test_a_long_line_and_a_lone_one_are_no_title() -> None:
    long = "mot " * 60 + "fin"
    assert plain(f"{long}\n\n{BODY}").title == ""
    assert plain("Un accord à Bakou") == Raw(text="Un accord à Bakou")


def test_a_first_line_that_is_a_date_is_the_date() -> None:
    raw = plain(f"18 décembre 2025\n\nUn accord\n\n{BODY}")
    assert raw == Raw(text=BODY, title="Un accord", date=date(2025, 12, 18))


def test_a_date_under_the_title_is_the_date_and_stays() -> None:
    raw = plain(f"Un accord\n\n2025-12-18\n\n{BODY}")
    assert (raw.title, raw.date) == ("Un accord", date(2025, 12, 18))
    assert raw.text == f"2025-12-18\n\n{BODY}"


@pytest.mark.parametrize("width", [55, 72, 80, 100])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_hard_wrapping_is_undone(width: int, end: str) -> None:
    wrapped = "\n\n".join("\n".join(textwrap.wrap(part, width)) for part in (BODY, OTHER))
    assert plain(wrapped.replace("\n", end)).text == f"{BODY}\n\n{OTHER}"


def test_line_ends_that_mean_something_stay() -> None:
    for text in (
        "Nom : Anne Dupont\nVille : Bakou\nPays : Azerbaïdjan",
        f"{BODY}\n{OTHER}",
        "- un point assez long pour ressembler à une ligne de texte coupée\n"
        "- un autre point assez long pour ressembler à une ligne coupée\n"
        "- un dernier point assez long pour y ressembler encore un peu",
    ):
        assert plain(text).text == text


def test_list_lines_inside_wrapped_text_stay_lines() -> None:
    wrapped = "\n".join(textwrap.wrap(BODY, 72))
    items = "\n".join("\n".join(textwrap.wrap(f"- {part}", 72)) for part in (BODY, OTHER))
    assert plain(f"{wrapped}\n\n{items}").text == f"{BODY}\n\n- {BODY}\n- {OTHER}"


def test_blank_lines_with_blanks_end_a_paragraph() -> None:
    assert plain("Un.\n \t\nDeux.").text == "Un.\n\nDeux."
