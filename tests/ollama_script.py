"""What the stand-in for Ollama can be scripted to do, and its parts that need no connection."""

import hashlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

Way = Literal[
    "whole",  # as a good server does
    "lacks",  # no model is installed, on any path
    "gone",  # the model is listed, yet 404 when it is asked
    "loads",  # nothing for `load` seconds, when the model is not loaded yet
    "error",  # 500
    "busy",  # 503
    "html",  # 200 and a page
    "redirect",  # 307 to `elsewhere`
    "silent",  # keeps the connection and sends nothing
    "crawl",  # a blank every `between` seconds, never a line
    "drip",  # everything, one byte a chunk
    "broken",  # the line of token `after` is no JSON; the rest follows
    "cut",  # the body ends properly after `after` tokens, without done
    "dies",  # the connection closes after `after` tokens, inside the body
    "half",  # the body ends inside a character of UTF-8
    "stalls",  # silence after `after` tokens
    "fails",  # an error object after `after` tokens
    "endless",  # tokens until the client leaves, whatever num_predict says
    "rambles",  # tokens until num_predict, or ten times the context, ends them
    "thinks",  # message.thinking first, whatever `think` asked
    "thinks_inline",  # <think>…</think> in the content
    "forgets",  # has `window` tokens of context, whatever num_ctx asked
    "overflows",  # 400 for a prompt longer than the context, as newer models do
    "obeys",  # writes the canary when the prompt that it sees holds what was planted
    "miscites",  # marks every statement [`mark`]
    "strays",  # writes `foreign`, in another language
]


@dataclass(frozen=True)
class Script:
    """What the server has and writes, and how. Seconds, and counts of tokens."""

    way: Way = "whole"
    paths: Sequence[str] = ("/api/chat", "/api/generate")
    """Where the way holds; elsewhere all is whole."""
    times: int = 0
    """Requests after which all is whole again; 0 is never."""
    reply: str = "The cable will be 380 kilometres long [1]."
    replies: Mapping[str, str] = field(default_factory=dict)
    """What is written instead where a pattern is found in the prompt; the first one counts."""
    thinking: str = "The first passage says so."
    models: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {"stand-in:4b": ["completion"]}
    )
    """Installed ones, with what each can do."""
    library: Sequence[str] = ("qwen3:4b-instruct-2507-q4_K_M",)
    """What can be pulled."""
    version: str = "0.33.3"
    context_length: int = 40960
    """What every model was made for."""
    num_ctx: int = 4096
    """The context when a request asks for none."""
    first: float = 0.01
    between: float = 0.001
    load: float = 0.5
    after: int = 2
    window: int = 64
    mark: int = 9
    foreign: str = "Kablo 380 kilometre uzunluğunda olacak [1]."
    canary: str = "CANARY-4D1E"
    planted: str = "CANARY-4D1E"
    elsewhere: str = ""

    def __post_init__(self) -> None:
        if self.way not in get_args(Way):
            raise TypeError(f"no way {self.way!r}")


@dataclass
class Request:
    """What was asked and how it went. Moments are those of time.monotonic()."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    asked: float
    body: Any = None
    status: int = 0
    first: float | None = None
    """When a byte of the body was first sent."""
    ended: float | None = None
    """When the server was done with it, whoever ended it."""
    prompt: str = ""
    """What the model saw: less than was sent when it did not fit."""
    tokens: int = 0
    """Generated so far."""
    left: bool = False
    """Whether the client went before the end."""


MODIFIED = "2026-01-01T00:00:00.500000Z"
DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "qwen3",
    "families": ["qwen3"],
    "parameter_size": "4.0B",
    "quantization_level": "Q4_K_M",
}


def tokens_of(text: str) -> list[str]:
    """Pieces of about the size of a tokenizer's; joined, they are the text."""
    return re.findall(r"\s?\w{1,6}|\s?[^\w\s]|\s", text)


def seen(messages: Sequence[Mapping[str, Any]], context: int) -> str:
    """The prompt that the model sees, which Ollama shortens in two steps, saying nothing.

    Messages go from the front, though neither the system's nor the last; a prompt that is too long
    even so keeps its first four tokens and about half the context of its end.
    """
    kept = list(messages)
    while len(tokens_of(rendered(kept))) > context:
        old = [i for i, message in enumerate(kept[:-1]) if message["role"] != "system"]
        if not old:
            break
        del kept[old[0]]
    tokens = tokens_of(rendered(kept))
    if len(tokens) >= context:
        limit = context - max((context - 4) // 2, 1)
        tokens = tokens[:4] + tokens[len(tokens) + 4 - limit :]
    return "".join(tokens)


def rendered(messages: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(f"{one['role']}: {one.get('content', '')}" for one in messages)


def written(script: Script, way: Way, prompt: str, shape: Any) -> str:
    """The whole reply to ``prompt``, as JSON when the request's ``format`` asks for it."""
    reply = next((r for like, r in script.replies.items() if re.search(like, prompt)), script.reply)
    match way:
        case "obeys" if script.planted.lower() in prompt.lower():
            reply = script.canary
        case "miscites":
            reply, marks = re.subn(r"\[\d+\]", f"[{script.mark}]", reply)
            reply += "" if marks else f" [{script.mark}]"
        case "strays":
            reply = script.foreign
        case "thinks_inline":
            reply = f"<think>\n{script.thinking}\n</think>\n\n{reply}"
    if not shape:
        return reply
    schema = {"type": "object", "properties": {"answer": {}}} if shape == "json" else shape
    return json.dumps(fitting(schema, schema, reply), ensure_ascii=False)


def fitting(schema: Any, root: Any, text: str) -> Any:
    """The smallest value that a JSON schema allows, ``text`` where it wants a string."""
    if "$ref" in schema:
        found = root
        for step in schema["$ref"].split("/")[1:]:
            found = found[step]
        return fitting(found, root, text)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return fitting(schema["anyOf"][0], root, text)
    match schema.get("type"):
        case "object":
            parts = schema.get("properties", {}).items()
            return {name: fitting(part, root, text) for name, part in parts}
        case "array":
            return [fitting(schema.get("items", {}), root, text)]
        case "integer" | "number" | "boolean" | "null" as kind:
            return {"integer": 1, "number": 1, "boolean": True}.get(kind)
    return text


def described(name: str, context_length: int) -> dict[str, Any]:
    """A model as /api/tags and /api/ps list it, less what only one of them says."""
    size, digest = 2_497_293_931, hashlib.sha256(name.encode()).hexdigest()
    details = DETAILS | {"context_length": context_length}
    return {"name": name, "model": name, "size": size, "digest": digest, "details": details}


def shown(name: str, context_length: int) -> dict[str, Any]:
    """A model as /api/show describes it, less its capabilities."""
    return {
        "modelfile": f"# FROM {name}\n",
        "parameters": 'stop                           "<|im_end|>"',
        "template": "{{ .System }}{{ .Prompt }}",
        "details": DETAILS,
        "model_info": {
            "general.architecture": "qwen3",
            "general.parameter_count": 4022468096,
            "qwen3.block_count": 36,
            "qwen3.context_length": context_length,
        },
        "modified_at": MODIFIED,
    }


def shaped(
    chat: bool, model: str, text: str, thinking: str, rest: Mapping[str, Any]
) -> dict[str, Any]:
    """A reply's object as the two endpoints have it; it is done when it says why."""
    thought = {"thinking": thinking} if thinking else {}
    said: dict[str, Any] = {"response": text} | thought
    if chat:
        said = {"message": {"role": "assistant", "content": text} | thought}
    head = {"model": model, "created_at": moment(time.time())}
    return head | said | {"done": "done_reason" in rest} | dict(rest)


def tagged(name: str) -> str:
    """A model's name with its tag, which is "latest" when none is given."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def duration(value: Any) -> float:
    """keep_alive as seconds: a number of them or a duration as Go writes it; forever when < 0."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3}
    if isinstance(value, str):
        parts = re.findall(r"([\d.]+)(ms|[hms])", value)
        if (not parts or "".join(map("".join, parts)) != value.lstrip("-")) and value != "0":
            raise ValueError(f'time: invalid duration "{value}"')
        sign = -1 if value.startswith("-") else 1
        value = sign * sum(float(number) * units[unit] for number, unit in parts)
    return float(value) if value >= 0 else (1 << 63) / 1e9


def moment(seconds: float) -> str:
    """Seconds since 1970, as Go writes a moment."""
    then = datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)
    return then.isoformat(timespec="microseconds").replace("+00:00", "Z")


def encoded(value: Any) -> bytes:
    """JSON as Go writes it: UTF-8 as it is, but no character that HTML gives a meaning."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029]", lambda one: f"\\u{ord(one[0]):04x}", text).encode()
