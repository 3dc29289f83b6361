"""Rows made by hand, for what is computed from rows."""

from eval.records import About, Gold, Place, Row, Run, Score

ABOUT = About("1.0", {"answerer": "extractive"}, {"python": "3.11"}, {"corpus": "0"}, {})


def row(
    name: str = "q",
    passed: bool = True,
    lang: str = "en",
    behaviour: str = "answer",
    scores: dict[str, float] | None = None,
    fates: tuple[str, ...] = (),
    **changes: object,
) -> Row:
    """A row; ``scores`` are values of weight 1."""
    fields: dict[str, object] = {
        "suite": "corpus",
        "id": name,
        "seed": 0,
        "cluster": name,
        "split": "development",
        "lang": lang,
        "doc_langs": ("fr",),
        "categories": ("single fact",),
        "behaviour": behaviour,
        "question": f"{name}?",
        "history": (),
        "passed": passed,
        "refused": False,
        "confidence": 0.5,
        "answerer": "extractive",
        "intro": "",
        "sentences": (),
        "citations": (),
        "passages": (),
        "gold": tuple(
            Gold(f"n{i}", True, "a", (Place("d", 0, 1),), fate) for i, fate in enumerate(fates)
        ),
        "scores": {metric: Score(value) for metric, value in (scores or {}).items()},
    }
    return Row(**{**fields, **changes})  # type: ignore[arg-type]


def run_of(*rows: Row) -> Run:
    """A run of rows."""
    return Run(ABOUT, rows)
