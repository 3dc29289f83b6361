"""Names and passwords, one after the other, with a count of those that were wrong."""

import asyncio
import math
import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, TypeVar

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.concurrency import run_in_threadpool

if TYPE_CHECKING:
    from rag.gazette import Gazette

Found = TypeVar("Found")

WINDOW = 300
"""Seconds from the first failure after which failures are forgotten."""
BY_NAME = 5
BY_ADDRESS = 20
"""Failures in that time after which nobody gets in. Many people may share an address."""


class Locked(Exception):
    """Too many failures: not even the right password is taken for ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"locked for {seconds} s")
        self.seconds = seconds

    @property
    def minutes(self) -> int:
        """Whole minutes to wait, one at least."""
        return max(1, math.ceil(self.seconds / 60))


class Gate:
    """Checks passwords one at a time: each takes 64 MiB, and no burst outruns the count.

    Failures are counted in memory, by the name that was given and by the address they come from;
    names nobody can have count only for the address, so that what is remembered stays bounded.
    """

    def __init__(
        self,
        gazette: "Gazette",
        by_name: int = BY_NAME,
        by_address: int = BY_ADDRESS,
        window: int = WINDOW,
    ) -> None:
        self._gazette = gazette
        self._by_name = RateLimitItemPerSecond(by_name, window)
        self._by_address = RateLimitItemPerSecond(by_address, window)
        self._storage = MemoryStorage()
        self._limiter = FixedWindowRateLimiter(self._storage)
        self._one_at_a_time = asyncio.Lock()

    async def tried(
        self, check: Callable[[str, str], Found | None], name: str, password: str, address: str
    ) -> Found | None:
        """What ``check`` finds of name and password; None, which is counted, when they are wrong.

        Raises Locked while there are too many failures of the name or the address.
        """
        key = self._gazette.users.key(name)
        counts = [(self._by_address, "address", _network(address))]
        if key:
            counts.append((self._by_name, "name", key))
        async with self._one_at_a_time:
            for count in counts:
                if not self._limiter.test(*count):
                    ends = self._limiter.get_window_stats(*count).reset_time
                    raise Locked(max(1, math.ceil(ends - time.time())))
            found = await run_in_threadpool(check, name, password)
            if found is None:
                for count in counts:
                    self._limiter.hit(*count)
            elif key:
                self._limiter.clear(self._by_name, "name", key)
        return found

    @property
    def remembered(self) -> int:
        """How many names and addresses failures are counted for."""
        return len(self._storage.storage)


def _network(address: str) -> str:
    """An address, or the network of a home or office that an IPv6 address is of."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address) and not ip.ipv4_mapped:
        return str(ip_network((ip, 64), strict=False))
    return str(ip)
