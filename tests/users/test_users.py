"""Users: who there is, whose password is right, which sessions go on."""

import sqlite3
import stat
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from rag.errors import StorageError, UserError
from rag.gazette import Gazette
from rag.settings import load_settings
from rag.users.passwords import Passwords
from rag.users.store import Users

PASSWORD = "four words that differ"
OTHER = "another four words here"
CHEAP = {"memory_cost": 8, "parallelism": 1}


class Clock:
    """The time, as a test sets it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_(self, **some: float) -> None:
        self.time += timedelta(**some)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def users(home: Path, clock: Clock) -> Users:
    return Users(home, passwords=cheap(), now=clock)


def cheap(time_cost: int = 1) -> Passwords:
    return Passwords(PasswordHasher(time_cost, **CHEAP))


def token_of(users: Users, name: str = "ilaha", password: str = PASSWORD) -> str:
    token = users.log_in(name, password)
    assert token
    return token


def stored(home: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "users.db") as connection:
        rows = connection.execute(query).fetchall()
    connection.close()
    return rows


# Who there is


def test_without_users_nothing_is_written(users: Users, home: Path):
    assert not users.exist()
    assert users.listed() == []
    assert users.log_in("ilaha", PASSWORD) is None
    assert users.logged_in("anything") is None
    assert not home.exists()


def test_users_are_added_with_their_roles(users: Users, clock: Clock):
    users.add("Tural", PASSWORD)
    users.add("ilaha", PASSWORD, "editor")
    found = [(u.name, u.role, u.created) for u in users.listed()]
    assert found == [("ilaha", "editor", clock.time), ("Tural", "reader", clock.time)]
    assert users.exist()


def test_only_the_owner_may_read_the_file(users: Users, home: Path):
    users.add("ilaha", PASSWORD)
    token_of(users)
    for file in home.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


@pytest.mark.parametrize("name", ["Ilahə", "ILAHƏ", "ｉｌａｈə", " ilahə "])
def test_a_name_is_the_same_whatever_its_case_and_form(users: Users, name: str):
    users.add("ilahə", PASSWORD)
    assert users.get(name).name == "ilahə"
    assert users.check(name, PASSWORD) == users.get("ilahə")
    with pytest.raises(UserError, match="there is a user 'ilahə' already: gazette user passwd"):
        users.add(name, PASSWORD)


@pytest.mark.parametrize(
    "name", ["", "  ", "a b", "a:b", "<b>", "../x", ".a", "@", "a\u202eb", "a\nb", "a/b", "é" * 65]
)
def test_what_is_no_name_is_refused(users: Users, name: str):
    with pytest.raises(UserError, match="a user cannot be called .*: use 1 to 64 letters"):
        users.add(name, PASSWORD)
    assert users.key(name) == ""


@pytest.mark.parametrize("name", ["a", "ilaha.m", "İlahə-2", "Илаха", "i@example.org", "x" * 64])
def test_names_may_be_of_any_script(users: Users, name: str):
    assert users.add(name, PASSWORD).name == name


@pytest.mark.parametrize("call", ["get", "remove"])
def test_an_unknown_user_is_told(users: Users, call: str):
    users.add("ilaha", PASSWORD)
    with pytest.raises(UserError, match="no user is called 'tural': gazette user list"):
        getattr(users, call)("tural")


# Passwords


def test_only_the_right_password_is_right(users: Users):
    users.add("ilaha", PASSWORD)
    assert users.check("ilaha", PASSWORD) == users.get("ilaha")
    for wrong in ("", PASSWORD.upper(), f"{PASSWORD} ", PASSWORD[:-1], "x" * 100_000):
        assert users.check("ilaha", wrong) is None
    assert users.check("tural", PASSWORD) is None


def test_a_password_is_the_same_however_its_letters_are_composed(users: Users):
    users.add("ilaha", "été à la plage")
    assert users.check("ilaha", "e\u0301te\u0301 a\u0300 la plage")


@pytest.mark.parametrize(("length", "said"), [(0, "0 char"), (11, "11 char"), (257, "257 char")])
def test_a_password_is_refused_for_its_length_alone(users: Users, length: int, said: str):
    with pytest.raises(UserError, match=f"the password has {said}.* choose one of") as told:
        users.add("ilaha", "q" * length)
    assert "qq" not in str(told.value)
    assert not users.exist()


def test_long_passwords_count_to_the_end(users: Users):
    users.add("ilaha", "q" * 256)
    assert users.check("ilaha", "q" * 256)
    assert users.check("ilaha", "q" * 255) is None
    assert users.check("ilaha", "q" * 257) is None


def test_passwords_are_stored_as_argon2id_each_with_a_salt_of_its_own(home: Path):
    users = Users(home)
    users.add("ilaha", PASSWORD)
    users.add("tural", PASSWORD)
    users.close()
    (one,), (other,) = stored(home, "select password from users")
    assert str(one).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert one != other
    assert PASSWORD.encode() not in (home / "users.db").read_bytes()


def test_an_unknown_name_costs_a_check_too(users: Users, monkeypatch: pytest.MonkeyPatch):
    users.add("ilaha", PASSWORD)
    users.check("ilaha", "wrong")
    checked = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher, "verify", lambda self, *given: checked.append(given) or verify(self, *given)
    )
    users.check("ilaha", "wrong")
    users.check("nobody", "wrong")
    users.check("no name at all", "wrong")
    assert len(checked) == 3
    assert {hash_.split("$")[3] for hash_, _ in checked} == {"m=8,t=1,p=1"}


def test_a_hash_of_other_parameters_is_made_anew_at_the_next_login(
    users: Users, home: Path, clock: Clock
):
    users.add("ilaha", PASSWORD)
    before = token_of(users)
    dearer = Users(home, passwords=cheap(2), now=clock)
    assert dearer.check("ilaha", "wrong password") is None
    assert ",t=1," in str(stored(home, "select password from users"))
    token_of(dearer)
    assert ",t=2," in str(stored(home, "select password from users"))
    assert users.logged_in(before)
    assert users.check("ilaha", PASSWORD)


# Sessions


def test_a_session_tells_who_it_is_of(users: Users):
    users.add("ilaha", PASSWORD, "editor")
    users.add("tural", OTHER)
    mine, theirs = token_of(users), token_of(users, "TURAL", OTHER)
    assert users.logged_in(mine) == users.get("ilaha")
    assert users.logged_in(theirs) == users.get("tural")
    assert mine != token_of(users)
    for wrong in ("", "x", mine[:-1], "İ"):
        assert users.logged_in(wrong) is None


def test_the_file_does_not_hold_what_the_browser_holds(users: Users, home: Path):
    users.add("ilaha", PASSWORD)
    token = token_of(users)
    users.close()
    assert len(token) >= 43
    assert token.encode() not in (home / "users.db").read_bytes()


def test_a_session_ends_with_the_logout_and_no_other_does(users: Users):
    users.add("ilaha", PASSWORD)
    one, other = token_of(users), token_of(users)
    users.log_out(one)
    users.log_out(one)
    assert users.logged_in(one) is None
    assert users.logged_in(other)


def test_a_session_ends_when_it_is_not_used(users: Users, clock: Clock):
    users.add("ilaha", PASSWORD)
    token = token_of(users)
    for _ in range(3):
        clock.pass_(hours=1, minutes=59)
        assert users.logged_in(token)
    clock.pass_(hours=2)
    assert users.logged_in(token) is None


def test_a_session_ends_after_its_time_however_it_is_used(users: Users, clock: Clock):
    users.add("ilaha", PASSWORD)
    token = token_of(users)
    for _ in range(11):
        clock.pass_(hours=1)
        assert users.logged_in(token)
    clock.pass_(hours=1)
    assert users.logged_in(token) is None


def test_expired_sessions_do_not_pile_up(users: Users, clock: Clock, home: Path):
    users.add("ilaha", PASSWORD)
    for _ in range(3):
        token_of(users)
        clock.pass_(hours=3)
    token_of(users)
    assert stored(home, "select count(*) from sessions") == [(1,)]


@pytest.mark.parametrize(
    "change",
    [
        lambda users: users.set_password("Ilaha", OTHER),
        lambda users: users.set_role("Ilaha", "editor"),
        lambda users: users.remove("Ilaha"),
    ],
    ids=["password", "role", "removal"],
)
def test_all_sessions_of_a_user_end_when_something_changes(
    users: Users, change: Callable[[Users], object]
):
    users.add("ilaha", PASSWORD)
    users.add("tural", PASSWORD)
    mine, theirs = [token_of(users), token_of(users)], token_of(users, "tural")
    change(users)
    assert [users.logged_in(token) for token in mine] == [None, None]
    assert users.logged_in(theirs)


def test_a_password_that_is_changed_during_a_login_begins_no_session(
    users: Users, monkeypatch: pytest.MonkeyPatch, home: Path
):
    users.add("ilaha", PASSWORD)
    is_right = Passwords.is_right

    def slowly(self: Passwords, password: str, stored: str | None) -> bool:
        right = is_right(self, password, stored)
        Users(home, passwords=cheap()).set_password("ilaha", OTHER)
        return right

    monkeypatch.setattr(Passwords, "is_right", slowly)
    assert users.log_in("ilaha", PASSWORD) is None


def test_threads_log_in_beside_each_other(users: Users):
    users.add("ilaha", PASSWORD)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(users.logged_in(token_of(users))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [users.get("ilaha")] * 8


# The file


def test_a_damaged_file_is_told_and_nobody_comes_in(users: Users, home: Path):
    home.mkdir()
    (home / "users.db").write_bytes(b"no database" * 1000)
    for call in (users.exist, users.listed, lambda: users.log_in("ilaha", PASSWORD)):
        with pytest.raises(StorageError, match="users.db is damaged .*: restore it from a copy"):
            call()


def test_a_file_of_a_newer_version_is_left_as_it_is(users: Users, home: Path):
    users.add("ilaha", PASSWORD)
    users.close()
    stored(home, "pragma user_version = 2")
    with pytest.raises(StorageError, match="made by a newer Gazette .version 2 .*reads 1"):
        users.listed()


# With everything else that is stored of them


def test_a_removed_user_takes_their_conversations_along(small_home: Path, home: Path, embedder):
    import shutil

    shutil.copytree(small_home, home)
    settings = load_settings(home=home, answerer="extractive", keep=True)
    with Gazette(settings, embedder) as gazette:
        gazette.users.add("Ilaha", PASSWORD)
        gazette.users.add("tural", PASSWORD)
        for user in ("Ilaha", "Ilaha", "tural", ""):
            list(gazette.converse("How long is the cable under the Caspian?", user=user))
        assert gazette.remove_user("ilaha") == 2
        assert gazette.conversations.listed("Ilaha") == []
        assert [len(gazette.conversations.listed(user)) for user in ("tural", "")] == [1, 1]
        (kept,) = gazette.conversations.listed("tural")
        assert gazette.conversations.get(kept.id, "tural").turns[0].answer.citations
        assert [user.name for user in gazette.users.listed()] == ["tural"]


def test_the_settings_say_how_long_a_session_lasts(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GAZETTE_SESSION_HOURS", "8")
    monkeypatch.setenv("GAZETTE_SESSION_IDLE_HOURS", "0.5")
    users = Gazette(load_settings()).users
    assert (users._lasting, users._idle) == (timedelta(hours=8), timedelta(minutes=30))
