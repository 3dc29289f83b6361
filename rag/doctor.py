"""The doctor: what works, what does not, and what to do next."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import closing

from rag.answering.choosing import Models
from rag.conversation.store import Conversations
from rag.database import is_writable
from rag.embedding import Embedder
from rag.errors import GazetteError
from rag.index.home import current
from rag.index.store import Index
from rag.model import Check
from rag.settings import Settings
from rag.users.store import FILE, Users


def check_all(
    settings: Settings,
    embedder: Callable[[], Embedder],
    index: Callable[[], Index],
    models: Models,
) -> list[Check]:
    """Run every check; a failing one never stops the others."""
    return [
        _data_folder(settings),
        _embedder(embedder),
        *_index(settings, index),
        _conversations(settings),
        _users(settings),
        *_answerers(settings, models),
    ]


def _data_folder(settings: Settings) -> Check:
    home = settings.home
    nearest = next(folder for folder in (home, *home.parents) if os.path.exists(folder))
    if not nearest.is_dir():
        return Check("data folder", False, f"{nearest} is a file", "set GAZETTE_HOME to a folder")
    if not os.access(nearest, os.W_OK):
        remedy = "give this user write access, or set GAZETTE_HOME to another folder"
        return Check("data folder", False, f"{home} cannot be written", remedy)
    return Check("data folder", True, str(home) if nearest == home else f"{home} (not made yet)")


def _embedder(embedder: Callable[[], Embedder]) -> Check:
    try:
        found = embedder()
    except GazetteError as error:
        return Check("embedder", False, *_halves(error))
    return Check("embedder", True, f"{found.name}, {found.dimension} dimensions")


def _index(settings: Settings, opened: Callable[[], Index]) -> Iterator[Check]:
    try:
        if current(settings.home) is None:
            remedy = "run gazette sync FOLDER, or gazette sync for the shipped corpus"
            yield Check("index", False, "nothing is indexed yet", remedy)
            return
        index = opened()
        documents, passages = index.catalog.count()
        roots = ", ".join(str(root.path) for root in index.catalog.roots())
        vectors = _vectors(index)
    except GazetteError as error:
        yield Check("index", False, *_halves(error))
        return
    if passages:
        yield Check("index", True, f"{documents} documents, {passages} passages, from {roots}")
        yield vectors
    else:
        found = f"no documents, from {roots or 'no folder'}"
        yield Check("index", False, found, "run gazette sync FOLDER")


def _vectors(index: Index) -> Check:
    if not index.is_settled:
        found = "a sync is under way or was cut off; the catalog is searched meanwhile"
        return Check("vectors", False, found, "when none is running, run gazette sync")
    if not is_writable(index.folder):
        return Check("vectors", True, "not used where nothing may be written; the catalog is")
    if not index.is_sound():
        found = "damaged or missing; the catalog is searched instead"
        return Check("vectors", False, found, "run gazette sync: nothing is embedded again")
    return Check("vectors", True, "stored passages are found by their own vectors")


def _conversations(settings: Settings) -> Check:
    try:
        with closing(Conversations(settings.home)) as store:
            return Check("conversations", True, f"{store.count()} stored")
    except GazetteError as error:
        return Check("conversations", False, *_halves(error))


def _users(settings: Settings) -> Check:
    """How many there are; whether others than their file's owner may read it."""
    try:
        with closing(Users(settings.home)) as store:
            roles = [user.role for user in store.listed()]
    except GazetteError as error:
        return Check("users", False, *_halves(error))
    if not roles:
        return Check("users", True, "none: served to this machine only, nobody logs in")
    file = settings.home / FILE
    mode = stat.S_IMODE(file.stat().st_mode)
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Check("users", False, f"others may open {file} ({mode:o})", f"chmod 600 {file}")
    editors = roles.count("editor")
    found = f"{len(roles) - editors} reader(s), {editors} editor(s); {file} is private"
    if not editors:
        found += "; nobody may change documents in the browser"
    return Check("users", True, found)


def _answerers(settings: Settings, models: Models) -> Iterator[Check]:
    """The configured LLM, or each Ollama server, and which would answer."""
    if settings.llm:
        yield _llm(settings, models)
        return
    found = models.hosts.look()
    chosen = next(iter(models.hosts.choices()[0]), None)
    needed = settings.answerer == "ollama" and not chosen
    for one in found:
        if one.problem:
            what, _, remedy = one.problem.rpartition(": ")
            extra = "; answers are quotations without it"
            is_alone = not chosen and settings.answerer == "auto"
            yield Check("Ollama", not needed, f"{what}{extra if is_alone else ''}", remedy)
            continue
        names = ", ".join(f"{m} (loaded)" if m in one.loaded else m for m in one.models)
        text = f"version {one.version} at {one.host}, chat models: {names}"
        if chosen and chosen.host == one.host and settings.answerer != "extractive":
            text += f"; {chosen.model} answers"
        yield Check("Ollama", True, text)


def _llm(settings: Settings, models: Models) -> Check:
    try:
        model = models.configured()
    except GazetteError as error:
        found, remedy = _halves(error)
        return Check("LLM", settings.answerer != "llm", found, remedy)
    return Check("LLM", True, f"{model.name} of {settings.llm}, {model.context} tokens")


def _halves(error: GazetteError) -> tuple[str, str]:
    found, _, remedy = str(error).rpartition(": ")
    return found, remedy
