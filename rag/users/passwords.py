"""Passwords as Argon2id hashes: made, checked, made anew when more has become advisable."""

import secrets
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rag.users.naming import MAX_PASSWORD, normal


class Passwords:
    """Hashes with the parameters of ``hasher``: by default those of RFC 9106 for little memory.

    A check takes 50 to 200 ms and 64 MiB: whoever calls bounds how many run at once.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    @cached_property
    def _nobodys(self) -> str:
        """The hash of a password that nobody knows."""
        return self.hashed(secrets.token_hex())

    def hashed(self, password: str) -> str:
        """The hash to store, with its salt and parameters in it."""
        return self._hasher.hash(password)

    def is_right(self, password: str, stored: str | None) -> bool:
        """Whether ``stored`` is the hash of ``password``; it takes as long where there is none."""
        nobodys = self._nobodys
        # One character too many cannot be right, and bounds what is hashed.
        given = normal(password)[: MAX_PASSWORD + 1]
        try:
            self._hasher.verify(nobodys if stored is None else stored, given)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than are used now."""
        return self._hasher.check_needs_rehash(stored)
