"""Citations: only what stands in a retrieved passage, letter for letter, under one number."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.citations import CitationError, Numbering, verified
from rag.gazette import Gazette
from rag.model import Document, Hit, Passage, Span

TEXT = "İstanbul’da bir köprü. The bridge is 1,560 metres long.\n\nЕщё одно предложение здесь."


def hit(start: int = 0, end: int = len(TEXT), text: str = TEXT) -> Hit:
    document = Document("news/a.md", "A title", text, "tr", publisher="Trend")
    passage = Passage(7, "news/a.md", start, end, text[start:end], (Span(start, end),))
    fields = {name: 0.0 for name in Hit.__dataclass_fields__ if name not in ("passage", "document")}
    return Hit(passage=passage, document=document, **fields)


def test_a_citation_is_the_documents_text_at_its_span():
    found = verified(3, hit(), Span(23, 55))
    assert found.quote == "The bridge is 1,560 metres long."
    assert TEXT[found.start : found.end] == found.quote
    assert (found.n, found.doc, found.publisher, found.passage) == (3, "news/a.md", "Trend", 7)


@given(st.integers(-5, len(TEXT) + 5), st.integers(-5, len(TEXT) + 5))
def test_any_span_is_quoted_letter_for_letter_or_refused(start: int, end: int):
    try:
        found = verified(1, hit(20, 60), Span(start, end))
    except CitationError:
        inside = 20 <= start < end <= 60
        assert not (inside and TEXT[start:end].strip())
    else:
        assert 20 <= start < end <= 60
        assert found.quote == TEXT[start:end]


def test_a_passage_that_is_not_what_its_document_holds_is_never_cited():
    one = hit()
    wrong = [
        replace(one, passage=replace(one.passage, text=TEXT.lower())),
        replace(one, passage=replace(one.passage, doc="news/b.md")),
        replace(one, document=replace(one.document, text="x" + TEXT)),
    ]
    for broken in wrong:
        with pytest.raises(CitationError, match="does not hold a quote at 23-55"):
            verified(1, broken, Span(23, 55))


def test_numbers_run_in_order_of_appearance_and_a_quote_keeps_its_own():
    numbering, one = Numbering(), hit()
    assert numbering.cite([(one, Span(0, 22))])[0] == (1,)
    numbers, new = numbering.cite([(one, Span(23, 55)), (one, Span(0, 22)), (one, Span(23, 55))])
    assert numbers == (2, 1)
    assert [citation.n for citation in new] == [2]
    assert [citation.n for citation in numbering.citations] == [1, 2]


QUESTIONS = [
    "What did Nabiyev discuss with OpenAI?",
    "When will the trans-Caspian cable be launched?",
    "Combien de processeurs compte le supercalculateur du Kazakhstan ?",
    "Quelles sont les trois conditions d’Elvin Abbasov ?",
    "Süni intellekt strategiyası nə vaxt təsdiq edilib?",
    "ASAN süni intellekt mərkəzi nə vaxt açılıb?",
    "Какие штрафы предусмотрены за контент без маркировки?",
    "Сколько стоит проект Firebird в Армении?",
    "Turkcell ve Google Cloud ne kadar yatırım yapacak?",
    "Türkiye yapay zekâ eylem planı ne zaman açıklandı?",
    "What is the share of the Moon in the budget of Lichtenstein?",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_citation_of_a_real_answer_slices_to_its_quote(reader: Gazette, question: str):
    answer = reader.answer(question)
    for citation in answer.citations:
        document, passages = reader.document(citation.doc)
        assert document.text[citation.start : citation.end] == citation.quote
        holder = next(p for p in passages if p.id == citation.passage)
        assert holder.start <= citation.start < citation.end <= holder.end
        assert citation.passage in {hit.passage.id for hit in answer.passages}
    assert answer.refused is not bool(answer.sentences)
    for sentence in answer.sentences:
        assert sentence.citations
        assert sentence.text in {c.quote for c in answer.citations if c.n in sentence.citations}
