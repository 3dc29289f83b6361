"""Stored conversations as files for others: Markdown, a page, JSON."""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from rag.model import Conversation, VersionState

Format = Literal["markdown", "html", "json"]
FORMATS: tuple[str, ...] = get_args(Format)


def exported(
    conversation: Conversation, states: Sequence[Mapping[str, VersionState]], format: Format
) -> str:
    """The conversation as one text that ends in a line end.

    ``states`` tells of each turn's documents, by id, whether they still are as they were.
    """
    match format:
        case "markdown":
            from rag.conversation.markdown import markdown

            return markdown(conversation, states)
        case "html":
            from rag.conversation.page import page

            return page(conversation, states)
        case "json":
            from rag.json_lines import conversation_json

            return conversation_json(conversation, states) + "\n"
