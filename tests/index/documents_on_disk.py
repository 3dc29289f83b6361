"""Helpers of these tests: short documents, and what must hold of every index."""

from pathlib import Path

from rag.index.store import Index


def write(file: Path, *paragraphs: str, title: str = "A title") -> Path:
    """A Markdown document at ``file``."""
    file.parent.mkdir(parents=True, exist_ok=True)
    body = "\n\n".join(paragraphs)
    file.write_text(f"---\ntitle: {title}\nlang: en\n---\n\n{body}\n")
    return file


def paragraph(subject: str) -> str:
    """Long enough to be a passage of its own."""
    return (
        f"The report on {subject} was read to the committee in the morning. "
        f"Its authors hold that {subject} deserves a longer study than the one at hand."
    )


def assert_whole(index: Index) -> None:
    """Settled, sound, and words, vectors and passages are the same ones: none lacks, none more."""
    from sqlalchemy import text

    assert index.is_settled
    assert index.is_sound()
    ids = index.catalog.passage_ids()
    assert index.vectors().ids() == ids
    with index.catalog._engine.connect() as connection:
        assert set(connection.scalars(text("SELECT rowid FROM words"))) == ids
        assert set(connection.scalars(text("SELECT id FROM passages"))) == ids
    assert not index.catalog.unpublished()
    for document in index.catalog.documents():
        passages = index.catalog.passages_of(document.id)
        assert passages
        for passage in passages:
            assert passage.text == document.text[passage.start : passage.end]
        covered = {i for p in passages for s in p.sentences for i in range(*s)}
        assert {i for i, c in enumerate(document.text) if not c.isspace()} <= covered
