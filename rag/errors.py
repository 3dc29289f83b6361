"""The errors Gazette raises on purpose: each message says what failed and what to do next.

GazetteError
├── SettingsError      a setting, variable or gazette.toml key that cannot be used
├── ReadError          a document that cannot be read
├── QuestionError      a question that cannot be answered as it was put
├── ConversationError  a conversation that does not exist, or of which several are meant
├── UserError          a user that does not exist, or a name or password that cannot be taken
├── IndexStateError    an index that is missing, of other settings, or of another version
├── StorageError       a data folder that cannot be written, is full, or is in use
└── AnswererError      an answerer that was asked for and cannot answer
"""

from dataclasses import replace
from typing import Self

from rag.notice import Kind, Notice


class GazetteError(Exception):
    """Anything Gazette reports to its user; ``exit_code`` is what the command line returns."""

    exit_code = 1
    kind: Kind = ""
    """Of what is told of it, unless it is raised with one."""

    def __init__(self, message: str = "", kind: Kind = "", **values: str | int) -> None:
        super().__init__(message)
        self.notice = Notice(message, kind or self.kind, values)

    @classmethod
    def of(cls, notice: Notice) -> Self:
        """The error that says what ``notice`` does."""
        return cls(notice.text, notice.kind, **notice.values)

    def retold(self, message: str) -> Self:
        """The same failure with another message."""
        return self.of(replace(self.notice, text=message))


class SettingsError(GazetteError):
    """A setting that cannot be used."""

    exit_code = 2


class ReadError(GazetteError):
    """A document that cannot be read; the rest of the corpus is not touched by it."""

    exit_code = 5


class QuestionError(GazetteError):
    """A question that is empty, too long, or otherwise cannot be answered as put."""

    exit_code = 2


class ConversationError(GazetteError):
    """A conversation that does not exist, is one of several meant, or cannot be called so."""

    exit_code = 2


class UserError(GazetteError):
    """A user that does not exist, or a name, role or password that cannot be taken."""

    exit_code = 2


class IndexStateError(GazetteError):
    """An index that is missing, made with other settings, or made by another version."""

    exit_code = 4
    kind = "index_unusable"


class StorageError(GazetteError):
    """A data folder that cannot be written to, is full, or is in use by another writer."""

    exit_code = 5
    kind = "data_unusable"


class AnswererError(GazetteError):
    """An answerer that was asked for by name and cannot answer."""

    exit_code = 6
