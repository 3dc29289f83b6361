"""What the doctor says of the users: how many, whether their file can be read and is private."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from command_line import Ran

from rag.users.passwords import Passwords
from rag.users.store import FILE, Users

Doctor = Callable[..., str]


@pytest.fixture
def users(home: Path) -> Users:
    """Two readers of a data folder."""
    store = Users(home, passwords=Passwords(PasswordHasher(1, 8, 1)))
    for name in ("ilaha", "tural"):
        store.add(name, "four words that differ")
    store.close()
    return store


@pytest.fixture
def doctor(cli: Callable[..., Ran], home: Path) -> Doctor:
    """The doctor's lines about the users of the data folder."""

    def said() -> str:
        lines = cli("doctor", home=home).out.splitlines()
        start = next(i for i, line in enumerate(lines) if "users: " in line)
        return " ".join(line.strip() for line in lines[start : start + 2])

    return said


def test_nobody_logs_in_where_there_are_no_users(doctor: Doctor, home: Path):
    assert "ok  users: none: served to this machine only, nobody logs in" in doctor()
    assert not (home / FILE).exists()


def test_readers_and_editors_are_counted(doctor: Doctor, users: Users, home: Path):
    private = f"{home / FILE} is private"
    alone = f"2 reader(s), 0 editor(s); {private}; nobody may change documents in the browser"
    assert f"ok  users: {alone}" in doctor()
    users.set_role("tural", "editor")
    assert f"ok  users: 1 reader(s), 1 editor(s); {private}" in (told := doctor())
    assert "nobody may change" not in told


def test_a_file_that_others_may_open_is_told(doctor: Doctor, users: Users, home: Path):
    (home / FILE).chmod(0o644)
    told = doctor()
    assert f"users: others may open {home / FILE} (644)" in told
    assert f"→ chmod 600 {home / FILE}" in told
    assert not told.startswith("ok")


def test_a_file_of_a_newer_version_is_told(doctor: Doctor, users: Users, home: Path):
    with sqlite3.connect(home / FILE) as connection:
        connection.execute("pragma user_version = 9")
    connection.close()
    assert "was made by a newer Gazette (version 9 of its tables, this one reads 1)" in doctor()
