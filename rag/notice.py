"""What users are told: in English, with its kind, for a browser to word it in their language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "",
    # Questions
    "empty_question",
    "long_question",
    "no_document",
    "no_publisher",
    "nothing_indexed",
    # What answers them
    "no_model_server",
    "no_model",
    "model_silent",
    "model_fell_silent",
    "model_failed",
    "model_cut_off",
    # Documents
    "other_type",
    "empty",
    "not_text",
    "too_big",
    "too_long",
    "encoding",
    "no_text",
    "no_article",
    "not_html",
    "too_deep",
    "other_language",
    "front_matter",
    "bad_date",
    "same_text",
    "file_gone",
    "file_closed",
    "no_title",
    "text_changed",
    # Conversations
    "no_conversation",
    "turn_changed",
    "no_new_title",
    # The data folder
    "busy",
    "full",
    "data_unusable",
    "index_unusable",
    # What a browser sent
    "unusable",
    "crashed",
    # How an answer came about
    "by_quotation",
    "by_model",
    "another_server",
    "read_by_rules",
    "widened",
    "widened_chosen",
    "sync_under_way",
    "vectors_damaged",
    "passages_unread",
    "prompt_cut",
    "other_tongue",
    "left_out",
    "marked",
    "own_sentences",
    "stopped",
    "not_kept",
]
"""What readers of a browser meet, for it to be worded in their language; "" is all the rest."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know: which answerer, a fallback, a dropped sentence, a failure.

    ``kind`` and ``values`` say what the text says, to whoever words it anew.
    """

    text: str
    """In English, as the terminal has it."""
    kind: Kind = ""
    values: Mapping[str, str | int] = field(default_factory=dict)
