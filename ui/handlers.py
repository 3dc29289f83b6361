"""What the page does: each event of the browser, answered with what its parts show then."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from pydantic import ValidationError
from starlette.requests import Request

from rag.errors import GazetteError
from rag.model import STOPPED, Answer, AnswerEvent, Kept, Notice, Overview, Turn, Writing
from rag.wording import Told, told
from ui import render
from ui.asked import Asked, Sent
from ui.examples import examples
from ui.i18n import words
from ui.notices import notice_of
from ui.opened import Open
from ui.running import Running, Threads
from ui.turn import TurnView
from ui.who import language_of, person_of

if TYPE_CHECKING:
    from rag.gazette import Gazette

_TICK = 0.05
"""Seconds between two pictures of an answer: more often costs the browser more than it shows."""
_CLOSING = 2.0
"""Seconds that a stopped answer gets to be stored."""

_CHANGED = Notice("this conversation has changed meanwhile", "turn_changed")
_NOTHING = Overview(None, "", None, 0, 0, {}, {}, None, None, None)

Parts = dict[str, str]
"""HTML by the name of the page's part; what is not named stays as it is."""

ANSWERING = ("thread", "turn", "live", "earlier_sources", "sources")
"""The parts that an answer draws. Every picture names them all: Gradio makes a part that is left
out anew each time, which took the server twice as long as the answer."""
AROUND = ("listed", "foot", "live")
"""The parts that may be others after an answer, and the one that a failure is told in."""


class Page:
    """The page over ``gazette``. Every method is told who asks; none shows what is another's."""

    def __init__(self, gazette: "Gazette", threads: Threads) -> None:
        self._gazette, self._threads = gazette, threads

    # Opening

    def safely(
        self,
        method: Callable[[Sent, Open, Request], Parts],
        sent: object,
        opened: Open,
        request: Request,
    ) -> Parts:
        """What ``method`` shows; what fails is told in one line, and the rest stays as it is."""
        try:
            return method(Sent.model_validate(sent or {}), opened, request)
        except Exception as error:  # noqa: BLE001 - told, and logged where nobody expected it
            return self._failed(notice_of(error), opened, opened.speaks(request))

    def load(self, sent: object, opened: Open, request: Request) -> Parts:
        """The whole page at the conversation of the address; at the first screen if it has none."""
        arrived = self.safely(self._arrive, sent, opened, request)
        return self.reload(Sent(), opened, request) | arrived

    def reload(self, _: Sent, opened: Open, request: Request) -> Parts:
        """The whole page as it is, in the interface's language."""
        language, person = language_of(request), person_of(request)
        opened.language = language  # before it is looked whether an answer is in progress
        overview = self._overview()
        parts = {
            "left": render.render("left", language),
            "foot": render.foot(overview, person, language),
            "composer": render.composer(overview, self._keeps, language),
            "dialogs": render.dialogs(language),
        }
        last = opened.views[-1] if opened.views else None
        if last and last.is_busy:  # it draws itself: what is seen of it here would come too late
            return parts | self._listed("", opened, language, person.name)
        parts |= self._conversation(opened, language, person.name, overview)
        return parts | (self._told(last, opened, language) if last and opened.running else {})

    def open(self, sent: Sent, opened: Open, request: Request) -> Parts:
        """The conversation that was sent, or the first screen for none and for one of another."""
        language, user = opened.speaks(request), person_of(request).name
        arrived = self._arrive(sent, opened, request)
        return self._conversation(opened, language, user) | arrived

    def _arrive(self, sent: Sent, opened: Open, request: Request) -> Parts:
        """Turn to the conversation that was sent; what is told of it."""
        failure = self._turn_to(sent.id, opened, person_of(request).name)
        return self._failed(failure, opened, opened.speaks(request))

    def _turn_to(self, id: str, opened: Open, user: str, stays: bool = False) -> Notice | None:
        """Have the tab show the conversation ``id``; why it cannot be shown.

        Then the first screen is, unless the tab ``stays`` at it: asking in it will say why.
        """
        if opened.id == id and id:
            return None
        views, failure = [], None
        try:
            views = self._stored(id, user) if id else []
        except GazetteError as error:
            id, failure = id if stays else "", notice_of(error)
        opened.turn_to(id, views)
        return failure

    def _stored(self, id: str, user: str) -> list[TurnView]:
        stored = self._gazette.conversations.get(id, user).turns
        return [
            TurnView.from_stored(
                position,
                turn,
                self._gazette.states(turn.answer),
                self._gazette.titles(turn.filters.docs),
            )
            for position, turn in enumerate(stored)
        ]

    def _catch_up(self, opened: Open, user: str) -> bool:
        """Take in what another tab has made of the conversation; whether that was anything.

        What is done to a turn is meant for the one that is seen, and would take those after it
        along.
        """
        id = opened.id
        if not self._keeps or not id:
            return False
        try:
            stored = self._stored(id, user)
        except GazetteError:  # it is gone: whatever is done to it will say so
            return False
        with opened.lock:
            if opened.id == id:
                if [view.asked_at for view in stored] == opened.stored:
                    return False
                opened.show(stored)
        return True

    def _caught_up(self, opened: Open, language: str) -> Parts:
        return self._shown(opened, language) | self._failed(_CHANGED, opened, language)

    # Asking

    async def ask(
        self, sent: object, opened: Open, request: Request
    ) -> AsyncGenerator[Parts, None]:
        """Answer, with a picture of the answer at each step; the last shows it as it is kept."""
        language = opened.speaks(request)
        try:
            asked = Asked.model_validate(sent)
        except (ValidationError, GazetteError) as error:
            yield self._failed(notice_of(error), opened, language)
            return
        try:
            async with aclosing(self._answer(asked, opened, request)) as pictures:
                async for picture in pictures:
                    yield picture
        except Exception as error:  # noqa: BLE001 - told, and logged where nobody expected it
            yield {"turn": ""} | self._failed(notice_of(error), opened, language)

    async def _answer(
        self, asked: Asked, opened: Open, request: Request
    ) -> AsyncGenerator[Parts, None]:
        user, conversation = person_of(request).name, asked.conversation
        opened.is_stopped = False
        self._leave(opened)
        if conversation != opened.id:
            # One that is not there is told as the answer's failure
            await asyncio.to_thread(self._turn_to, conversation, opened, user, stays=True)
        elif asked.at is not None and await asyncio.to_thread(self._catch_up, opened, user):
            yield self._caught_up(opened, opened.language)
            return
        titles = await asyncio.to_thread(self._gazette.titles, asked.docs)
        earlier = [v for v in opened.views[: asked.at] if self._counts(v)]
        passages = self._gazette.settings.passages
        view = TurnView(len(earlier), asked.question, asked.asked_with, passages, asked.nonce)
        view.titles = titles
        later = () if asked.at is None else opened.views[len(earlier) :]
        is_instead = any(self._counts(v) or v.at is not None for v in later)
        view.at = len(earlier) if is_instead else None
        running = self._threads.begin(
            lambda: self._events(view, earlier, conversation, opened, user)
        )
        try:
            if opened.take_place([*earlier, view], conversation, running):
                async for picture in self._pictures(view, opened, running):
                    yield picture
                if view.is_busy and opened.running is running:  # stopped
                    running.leave()
                    await running.ended(_CLOSING)
                    view.end("stopped")
                await asyncio.to_thread(self._find_place, view, opened, user)
                if opened.running is running:
                    language = opened.language
                    yield self._shown(opened, language) | self._told(view, opened, language)
            if opened.running is not running:  # the tab shows something else by now
                shown = await asyncio.to_thread(self._conversation, opened, opened.language, user)
                # Again, for a picture of this answer may have come after it
                yield {name: shown[name] for name in ANSWERING}
        finally:
            running.leave()
            if view.is_busy:  # nobody hears it any more
                view.end("stopped")

    def _find_place(self, view: TurnView, opened: Open, user: str) -> None:
        """Show the turns that came before it from another tab meanwhile: its place is theirs."""
        id = opened.id
        if view.kept_at in (None, view.position) or view not in opened.views:
            return
        earlier = self._stored(id, user)[: view.kept_at]
        with opened.lock:
            if view in opened.views:
                opened.show([*earlier, view])
                view.position = len(earlier)

    async def _pictures(
        self, view: TurnView, opened: Open, running: Running
    ) -> AsyncGenerator[Parts, None]:
        """All turns, then the view brought forward by the events, at most once every tick.

        The sources are drawn where they may be others: what is being written changes none. All is
        drawn anew where the language has become another.
        """
        language = opened.language
        drawn = self._shown(opened, language) | self._told(view, opened, language)
        yield drawn
        seen, is_new, has_sources = 0.0, False, False
        while view.is_busy and not opened.is_stopped and opened.running is running:
            due = seen + _TICK - time.monotonic() if is_new else _TICK
            try:
                event = await running.next(due) if due > 0 else None
            except StopAsyncIteration:
                view.end("done")
            except Exception as error:  # noqa: BLE001 - told, and logged where nobody expected it
                view.end("failed", notice_of(error))
            else:
                is_new = is_new or event is not None or opened.language != language
                if event:
                    self._take(event, view, opened)
                    has_sources = has_sources or not isinstance(event, Writing)
            if view.is_busy and is_new and time.monotonic() >= seen + _TICK:
                if opened.language != language:
                    language = opened.language
                    drawn = self._shown(opened, language)
                drawn |= self._now(view, opened, language, has_sources)
                yield drawn
                seen, is_new, has_sources = time.monotonic(), False, False

    @staticmethod
    def _take(event: AnswerEvent, view: TurnView, opened: Open) -> None:
        if isinstance(event, Kept):
            opened.take(event, view)
        view.take(event)

    def _counts(self, view: TurnView) -> bool:
        """Whether a turn is one of its conversation: one that failed or said nothing is not."""
        return view.is_kept if self._keeps else bool(view.sentences or view.intro)

    def _events(
        self,
        view: TurnView,
        earlier: Sequence[TurnView],
        conversation: str,
        opened: Open,
        user: str,
    ) -> Iterator[AnswerEvent]:
        """The façade's events; of a conversation where they are kept."""
        own = view.asked_with

        def stopped(answer: Answer, what: Kept | Notice) -> None:
            self._take(what, view, opened)
            view.notices = [*answer.notices, *([what] if isinstance(what, Notice) else [])]

        if self._keeps:
            return self._gazette.converse(
                view.question,
                conversation,
                user,
                own.filters,
                ignoring=own.ignoring,
                follows=own.follows,
                at=view.at,
                on_stop=stopped,
            )
        turns = [Turn(v.question, "\n".join(s.text for s in v.sentences)) for v in earlier]
        return self._gazette.ask(
            view.question,
            own.filters,
            history=turns if own.follows else (),
            ignoring=own.ignoring,
        )

    def around(self, _: Sent, opened: Open, request: Request) -> Parts:
        """What may be another after an answer: the list, and who answers."""
        language, person = opened.speaks(request), person_of(request)
        foot = render.foot(self._overview(), person, language)
        return {"foot": foot} | self._listed("", opened, language, person.name)

    def stop(self, _: Sent, opened: Open, request: Request) -> Parts:
        """End the answer in progress; what was written stays."""
        opened.is_stopped = True
        self._leave(opened)
        language = opened.speaks(request)
        return self._live(told(STOPPED, language), opened, language)

    @staticmethod
    def _leave(opened: Open) -> None:
        if opened.running:
            opened.running.leave()

    # What is shown

    def _conversation(
        self, opened: Open, language: str, user: str, overview: Overview | None = None
    ) -> Parts:
        """Its turns, or the first screen where there are none; and it in the list."""
        parts = self._shown(opened, language) | self._failed(None, opened, language)
        if not opened.views:
            questions = examples(self._gazette, language)
            parts["thread"] = render.welcome(overview or self._overview(), questions, language)
        return parts | self._listed("", opened, language, user)

    def _overview(self) -> Overview:
        """What the corpus holds; nothing, where there is none: asking then says what is wrong."""
        try:
            return self._gazette.overview()
        except GazetteError:
            return _NOTHING

    def _shown(self, opened: Open, language: str) -> Parts:
        """All turns: the last one apart, since it may go on."""
        earlier, last = opened.views[:-1], opened.views[-1:]
        return {
            "thread": render.turns(earlier, language),
            "turn": render.turns(last, language),
            "earlier_sources": render.sources(earlier, language),
            "sources": render.sources(last, language),
        }

    def _now(self, view: TurnView, opened: Open, language: str, has_sources: bool) -> Parts:
        drawn = {"turn": render.turns([view], language)} | self._told(view, opened, language)
        return drawn | ({"sources": render.sources([view], language)} if has_sources else {})

    def _told(self, view: TurnView, opened: Open, language: str) -> Parts:
        """What is read aloud, and which conversation this is."""
        if view.stage == "stopped" and not view.refused:
            return self._live(told(STOPPED, language), opened, language)
        names = {"done": "finished", "failed": ""}  # a failure is an alert by itself
        return self._said(
            "refused" if view.refused else names.get(view.stage, view.stage), opened, language
        )

    def _said(self, name: str, opened: Open, language: str) -> Parts:
        text = words("page", language)[name] if name else ""
        return self._live(Told(text, language), opened, language)

    def _failed(self, failure: Notice | None, opened: Open, language: str) -> Parts:
        said = told(failure, language) if failure else Told("", language)
        return self._live(said, opened, language, is_failure=True)

    @staticmethod
    def _live(said: Told, opened: Open, language: str, is_failure: bool = False) -> Parts:
        """The line that is read aloud, or that tells why something was not done."""
        live = render.render("live", language, told=said, id=opened.id, is_failure=is_failure)
        return {"live": live}

    # Conversations

    @property
    def _keeps(self) -> bool:
        return self._gazette.settings.keep

    def find(self, sent: Sent, opened: Open, request: Request) -> Parts:
        """The conversations that hold all the words that were sent."""
        return self._listed(sent.words, opened, opened.speaks(request), person_of(request).name)

    def rename(self, sent: Sent, opened: Open, request: Request) -> Parts:
        """Give a conversation another title."""
        user = person_of(request).name
        self._gazette.conversations.rename(sent.id, sent.title, user)
        return self._listed(sent.words, opened, opened.speaks(request), user)

    def remove(self, sent: Sent, opened: Open, request: Request) -> Parts:
        """Delete a conversation; the one that is shown gives way to the first screen."""
        user = person_of(request).name
        self._gazette.conversations.delete(sent.id, user)
        if sent.id == opened.id:
            return self.open(Sent(), opened, request)
        return self._listed(sent.words, opened, opened.speaks(request), user)

    def feedback(self, sent: Sent, opened: Open, request: Request) -> Parts:
        """Store what a reader thinks of an answer, or that they think it no more."""
        user, language, liked = person_of(request).name, opened.speaks(request), sent.liked
        if self._catch_up(opened, user):
            return self._caught_up(opened, language)
        with opened.lock:
            id, views = opened.id, opened.views
        self._gazette.conversations.feedback(
            id, sent.position, liked, sent.reason, sent.comment, user
        )
        view = views[sent.position]
        view.liked = liked
        is_last = view is views[-1]
        shown = [view] if is_last else views[:-1]
        drawn = {"turn" if is_last else "thread": render.turns(shown, language)}
        name = "thanks" if liked is not None else "taken_back"
        return drawn | self._said(name, opened, language)

    def _listed(self, wanted: str, opened: Open, language: str, user: str) -> Parts:
        found = self._gazette.conversations.listed(user, wanted) if self._keeps else []
        return {"listed": render.listed(found, language, opened.id, wanted, self._keeps)}
