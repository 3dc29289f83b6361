"""The address that the server listens at: had, or refused with the remedy; by which names."""

import errno
import os
import re
import socket
from collections.abc import Collection
from ipaddress import ip_address

from rag.errors import SettingsError
from ui.origin import LOOPBACK

_BACKLOG = 128
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
_ROOT = re.compile(r"(/[\w~-][\w.~-]*)*")


def is_local(host: str, names: Collection[str] = (), root_path: str = "") -> bool:
    """Whether only programs of this machine reach the server, and no proxy stands before it."""
    if names or root_path:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in LOOPBACK


def is_every_address(host: str) -> bool:
    """Whether ``host`` means all addresses of this machine."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def check_reach(names: Collection[str], root_path: str) -> None:
    """Raise SettingsError for what is no name of a host, or no path below one."""
    for name in names:
        if not _NAME.fullmatch(name) and not _is_address(name):
            raise SettingsError(
                f"--name {name!r} is no name of a host: give it as it stands in the browser's "
                "address, without https:// and port, for example --name press.example.org"
            )
    if not _ROOT.fullmatch(root_path):
        raise SettingsError(
            f"--root-path {root_path!r} is no path: begin it with a slash and end it without one, "
            "for example --root-path /gazette"
        )


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on; they are served once the server runs."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _unusable(host, port, error) from error
    try:
        if os.name == "posix":  # Elsewhere it would let two programs share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise _unusable(host, port, error) from error
    return listening


def _unusable(host: str, port: int, error: OSError) -> SettingsError:
    """Which of host and port is at fault, and what to give instead."""
    if error.errno == errno.EADDRINUSE:
        return SettingsError(
            f"port {port} on {host} is in use by another program: stop it, or choose another port "
            f"with gazette chat --port {port + 1 if port < 65535 else 7860}"
        )
    if error.errno == errno.EACCES:
        return SettingsError(
            f"port {port} may not be opened by this user: choose one from 1024 on, for example "
            "gazette chat --port 7860"
        )
    return SettingsError(
        f"{host} is no address of this machine ({error.strerror or error}): leave --host and "
        "--port out, or give an address this machine has"
    )


def shown(host: str, port: int) -> str:
    """What to type into a browser on this machine to reach ``host:port``."""
    try:
        ip = ip_address(host)
    except ValueError:
        return f"http://{host}:{port}"
    if ip.is_unspecified:
        return f"http://{'[::1]' if ip.version == 6 else '127.0.0.1'}:{port}"
    return f"http://{f'[{ip}]' if ip.version == 6 else ip}:{port}"
