"""The users of a data folder: added, changed, removed, logged in and out."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy import delete as drop
from sqlalchemy import update as change

from rag.database import Store, written
from rag.errors import UserError
from rag.model import Role, User
from rag.users.naming import clean_name, clean_password, key_of
from rag.users.passwords import Passwords
from rag.users.schema import REMEDIES, connect, sessions, users

FILE = "users.db"
_NOTED = timedelta(minutes=1)
"""How exactly it is known when a session was last used: to write at every request is too much."""


class Users(Store):
    """The users of a data folder; threads and other programs may use them too.

    Names are the same whatever their case. The database is made when the first user is added. A
    session ends ``lasting`` after its login and ``idle`` after its last use, and whenever the
    user's password or role changes. Raises UserError for a user that does not exist, and for a
    name or password that cannot be taken; StorageError when the database cannot be used.
    """

    def __init__(
        self,
        home: Path,
        lasting: timedelta = timedelta(hours=12),
        idle: timedelta = timedelta(hours=2),
        passwords: Passwords | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(home / FILE, connect, REMEDIES)
        self._lasting, self._idle, self._now = lasting, idle, now
        self._passwords = passwords or Passwords()

    # Who there is

    def exist(self) -> bool:
        """Whether there are any."""
        if not self._is_made:
            return False
        with self._transaction() as c:
            return bool(c.scalar(select(func.count()).select_from(users)))

    def listed(self) -> list[User]:
        """All of them, by their names."""
        if not self._is_made:
            return []
        with self._transaction() as c:
            return [_user(row) for row in c.execute(select(users).order_by(users.c.key))]

    def get(self, name: str) -> User:
        """The one of that name, as it is stored."""
        row = self._row(name)
        if row is None:
            raise _unknown(name)
        return _user(row)

    def _row(self, name: str) -> Row[Any] | None:
        if not self._is_made:
            return None
        with self._transaction() as c:
            return c.execute(select(users).where(users.c.key == key_of(name))).one_or_none()

    def still(self, name: str) -> Callable[[], bool]:
        """What says, whenever it is asked, whether ``name`` is still the user that it is now.

        One who was removed and added anew is another. Where there never were users, names are free.
        """
        if not self._is_made:
            return lambda: True
        now = self._added(name)
        return lambda: now is not None and self._added(name) == now

    def _added(self, name: str) -> str | None:
        row = self._row(name)
        return row.created if row else None

    @staticmethod
    def key(name: str) -> str:
        """The same for all that mean the same user; "" for what nobody can be called."""
        try:
            return key_of(clean_name(name))
        except UserError:
            return ""

    # Changing them

    def check_new(self, name: str) -> None:
        """Raise UserError when nobody can be called so, or somebody is."""
        if row := self._row(clean_name(name)):
            raise _taken(row.name)

    def add(self, name: str, password: str, role: Role = "reader") -> User:
        """A new user."""
        user = User(clean_name(name), role, self._now())
        row = {"key": key_of(name), "name": user.name, "role": role}
        row["password"] = self._passwords.hashed(clean_password(password))
        row["created"] = written(user.created)
        with self._transaction("IMMEDIATE") as c:
            known = c.scalar(select(users.c.name).where(users.c.key == row["key"]))
            if known is not None:
                raise _taken(known)
            c.execute(insert(users).values(row))
        return user

    def set_password(self, name: str, password: str) -> User:
        """Give a user another password; their sessions end."""
        return self._changed(name, password=self._passwords.hashed(clean_password(password)))

    def set_role(self, name: str, role: Role) -> User:
        """Give a user another role; their sessions end."""
        return self._changed(name, role=role)

    def _changed(self, name: str, **values: str) -> User:
        user, key = self.get(name), key_of(name)
        with self._transaction("IMMEDIATE") as c:
            c.execute(change(users).where(users.c.key == key).values(values))
            c.execute(drop(sessions).where(sessions.c.user == key))
        return user

    def remove(self, name: str) -> User:
        """Remove a user; their sessions end. Their conversations are not touched."""
        user = self.get(name)
        with self._transaction("IMMEDIATE") as c:
            c.execute(drop(users).where(users.c.key == key_of(name)))
        return user

    # Logging in

    def check(self, name: str, password: str) -> User | None:
        """The user of that name and password; it takes as long where there is none of the name."""
        row = self._checked_row(name, password)
        return _user(row) if row else None

    def log_in(self, name: str, password: str) -> str | None:
        """Begin a session for the user of that name and password: what the browser has to hold."""
        row = self._checked_row(name, password)
        if row is None:
            return None
        token, now = secrets.token_urlsafe(32), self._now()
        session = {"token": _digest(token), "user": row.key}
        session |= {"begun": written(now), "used": written(now)}
        unchanged = select(users).where(*(column == row[i] for i, column in enumerate(users.c)))
        with self._transaction("IMMEDIATE") as c:
            self._forget_expired(c, now)
            if c.execute(unchanged).one_or_none() is None:  # Changed or removed this very moment
                return None
            c.execute(insert(sessions).values(session))
        return token

    def _checked_row(self, name: str, password: str) -> Row[Any] | None:
        row = self._row(name)
        if not self._passwords.is_right(password, row.password if row else None) or row is None:
            return None
        if self._passwords.is_outdated(row.password):
            anew = self._passwords.hashed(clean_password(password))
            same = (users.c.key == row.key, users.c.password == row.password)
            with self._transaction("IMMEDIATE") as c:
                c.execute(change(users).where(*same).values(password=anew))
            return self._row(name)
        return row

    def logged_in(self, token: str) -> User | None:
        """Whose session ``token`` is, if it has not ended; it counts as used now."""
        if not token or not self._is_made:
            return None
        now = self._now()
        query = select(users, sessions.c.used).join(sessions).where(*self._going_on(token, now))
        with self._transaction() as c:
            row = c.execute(query).one_or_none()
        if row is None:
            return None
        if now - datetime.fromisoformat(row.used) >= min(_NOTED, self._idle / 2):
            with self._transaction("IMMEDIATE") as c:
                used = change(sessions).where(*self._going_on(token, now))
                c.execute(used.values(used=written(now)))
        return _user(row)

    def log_out(self, token: str) -> None:
        """End a session; nothing happens when it has ended already."""
        if token and self._is_made:
            with self._transaction("IMMEDIATE") as c:
                c.execute(drop(sessions).where(sessions.c.token == _digest(token)))

    def _going_on(self, token: str, now: datetime) -> tuple[Any, ...]:
        return (
            sessions.c.token == _digest(token),
            sessions.c.begun > written(now - self._lasting),
            sessions.c.used > written(now - self._idle),
        )

    def _forget_expired(self, c: Connection, now: datetime) -> None:
        c.execute(drop(sessions).where(sessions.c.begun <= written(now - self._lasting)))
        c.execute(drop(sessions).where(sessions.c.used <= written(now - self._idle)))


def _user(row: Row[Any]) -> User:
    return User(row.name, row.role, datetime.fromisoformat(row.created))


def _taken(name: str) -> UserError:
    return UserError(
        f"there is a user {name!r} already: gazette user passwd gives them another password, "
        "gazette user role another role"
    )


def _unknown(name: str) -> UserError:
    return UserError(f"no user is called {name!r}: gazette user list names them all")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
