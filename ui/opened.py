"""What one browser tab shows: the state that the page's events share."""

import threading
from datetime import datetime

from starlette.requests import Request

from rag.model import Kept
from ui.running import Running
from ui.turn import TurnView
from ui.who import language_of


class Open:
    """The conversation that one browser tab shows.

    Its events come in threads of their own, so what belongs together is changed under ``lock``.
    """

    def __init__(self) -> None:
        self.id = ""
        self.views: list[TurnView] = []
        self.stored: list[datetime | None] = []
        """When its stored turns were asked, as far as the tab has seen them: what tells them
        apart."""
        self.running: Running | None = None
        self.is_stopped = False
        self.language = ""
        """Of its interface: it may become another in the middle of an answer."""
        self.lock = threading.RLock()

    def __deepcopy__(self, _: object) -> "Open":
        """Each tab gets one of its own, at the first screen."""
        return Open()

    def show(self, views: list[TurnView]) -> None:
        """Show these turns, which are all that is stored."""
        with self.lock:
            self.views, self.stored = views, [view.asked_at for view in views]

    def turn_to(self, id: str, views: list[TurnView]) -> None:
        """Show another conversation; the answer in progress, if any, is left."""
        with self.lock:
            left, self.running = self.running, None
            self.id = id
            self.show(views)
        if left:  # it draws what is shown in its place, which is all there by now
            left.leave()

    def take_place(self, views: list[TurnView], conversation: str, running: Running) -> bool:
        """Show the turns of an answer that begins; False where another conversation is shown."""
        with self.lock:
            if self.id != conversation:
                return False
            self.views, self.running = views, running
            return True

    def take(self, kept: Kept, view: TurnView) -> None:
        """Note that a turn is stored, if it is still shown."""
        with self.lock:
            if view in self.views:
                self.id = kept.conversation
                self.stored = [*self.stored[: kept.position], kept.asked_at]

    def speaks(self, request: Request) -> str:
        """The language of the tab; another tab may have chosen another since."""
        self.language = self.language or language_of(request)
        return self.language
