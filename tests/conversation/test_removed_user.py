"""An answer that is being written while its user is removed: nobody of that name sees it."""

import threading

import pytest
from argon2 import PasswordHasher
from made_up import NOON, plain

from rag.errors import ConversationError
from rag.gazette import Gazette
from rag.model import Cited, Finished, Kept, Notice
from rag.users.passwords import Passwords
from rag.users.store import Users

QUESTION = "How long is the cable under the Caspian?"
PASSWORD = "four words that differ"
SAID = "this answer is not kept: user 'ilaha' was removed meanwhile: log in again"


@pytest.fixture
def peopled(asked: Gazette) -> Gazette:
    """The small index with one user."""
    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    asked._users = Users(asked.settings.home, passwords=cheap)
    asked.users.add("ilaha", PASSWORD)
    return asked


def test_an_answer_of_a_removed_user_is_told_and_not_stored(peopled: Gazette):
    events = peopled.converse(QUESTION, user="ilaha")
    assert any(isinstance(event, Cited) for event in events)
    assert peopled.remove_user("ilaha") == 0
    *_, told, last = events
    assert told == Notice(SAID, "not_kept")
    assert isinstance(last, Finished) and SAID in last.answer.told
    assert peopled.conversations.count() == 0


def test_another_user_of_the_same_name_is_not_taken_for_the_first(peopled: Gazette):
    events = peopled.converse(QUESTION, user="ilaha")
    assert any(isinstance(event, Cited) for event in events)
    peopled.remove_user("ilaha")
    peopled.users.add("ILAHA", PASSWORD)
    assert Notice(SAID, "not_kept") in list(events)
    assert peopled.conversations.count() == 0
    assert any(isinstance(event, Kept) for event in peopled.converse(QUESTION, user="ILAHA"))


def test_an_answer_that_is_stopped_is_not_stored_either(peopled: Gazette):
    told: list[object] = []
    events = peopled.converse(QUESTION, user="ilaha", on_stop=lambda *how: told.append(how[1]))
    assert any(isinstance(event, Cited) for event in events)
    peopled.remove_user("ilaha")
    events.close()
    assert told == [Notice(SAID, "not_kept")]
    assert peopled.conversations.count() == 0


def test_a_name_that_nobody_has_is_stored_nothing_for(peopled: Gazette):
    list(peopled.converse(QUESTION, user="nobody"))
    assert peopled.conversations.count() == 0


def test_another_password_or_role_makes_nobody_another(peopled: Gazette):
    events = peopled.converse(QUESTION, user="ilaha")
    next(events)
    peopled.users.set_password("ilaha", "another four words here")
    peopled.users.set_role("ilaha", "editor")
    assert any(isinstance(event, Kept) for event in events)


def test_what_is_stored_at_the_very_moment_of_the_removal_goes_with_the_rest(peopled: Gazette):
    removing = threading.Thread(target=peopled.remove_user, args=("ilaha",))
    is_theirs = peopled.users.still("ilaha")

    def seen_just_before() -> bool:
        assert is_theirs()
        removing.start()
        while peopled.users.exist():
            pass
        return True

    kept = peopled.conversations.append(
        plain(QUESTION), NOON, user="ilaha", is_theirs=seen_just_before
    )
    removing.join()
    with pytest.raises(ConversationError, match="no conversation is"):
        peopled.conversations.get(kept.conversation, "ilaha")
    assert peopled.conversations.count() == 0
