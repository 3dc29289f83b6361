"""What a user may be called, and what a password must be like."""

import re
import unicodedata

from rag.errors import UserError

MIN_PASSWORD = 12
MAX_PASSWORD = 256
"""Characters. Length is all that is asked, as NIST SP 800-63B has it: rules of composition lead
to passwords that are guessed more easily, not less."""
_LONGEST_NAME = 64
_NAME = re.compile(r"[^\W_][\w.@-]*")


def clean_name(name: str) -> str:
    """``name`` as it is stored; UserError when nobody can be called so.

    Letters and digits of any script, and after the first of them also ``.``, ``-``, ``_``, ``@``:
    nothing that is invisible, or means something in an address, a header or a terminal.
    """
    clean = unicodedata.normalize("NFKC", name).strip()
    if len(clean) > _LONGEST_NAME or not _NAME.fullmatch(clean):
        raise UserError(
            f"a user cannot be called {name[: _LONGEST_NAME + 1]!r}: use 1 to {_LONGEST_NAME} "
            "letters and digits, and between them . - _ @"
        )
    return clean


def key_of(name: str) -> str:
    """What two names have in common that are the same but for case and form."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip()).casefold())


def clean_password(password: str) -> str:
    """``password`` as it is hashed; UserError, which does not tell it, when it cannot be taken."""
    clean = normal(password)
    if len(clean) < MIN_PASSWORD:
        raise UserError(
            f"the password has {len(clean)} characters: choose one of at least {MIN_PASSWORD}, "
            "such as four words that do not belong together"
        )
    if len(clean) > MAX_PASSWORD:
        raise UserError(
            f"the password has {len(clean):,} characters: choose one of {MAX_PASSWORD} at most"
        )
    return clean


def normal(password: str) -> str:
    """The same for every way that a keyboard may compose a letter."""
    return unicodedata.normalize("NFKC", password)
