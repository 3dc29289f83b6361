"""Settings: arguments, then the environment, then gazette.toml, then defaults; nothing unknown."""

from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import Settings, config_file, load_settings


def test_arguments_win_over_the_environment_and_that_over_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    Path("gazette.toml").write_text("passages = 3\nollama_num_ctx = 4096\nollama_model = 'a'\n")
    monkeypatch.setenv("GAZETTE_OLLAMA_NUM_CTX", "2048")
    monkeypatch.setenv("GAZETTE_PASSAGES", "4")
    found = load_settings(passages=5)
    assert (found.passages, found.ollama_num_ctx, found.ollama_model) == (5, 2048, "a")
    assert found.home == home


def test_the_file_of_the_data_folder_serves_when_the_working_folder_has_none(home: Path):
    home.mkdir()
    (home / "gazette.toml").write_text("passages = 9\n")
    assert load_settings().passages == 9
    assert config_file() == home / "gazette.toml"


def test_none_and_empty_variables_mean_not_given(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GAZETTE_ANSWERER", "")
    assert load_settings(passages=None) == load_settings()
    assert load_settings().answerer == "auto"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("GAZETTE_PASSAGES", "many", "setting passages = 'many'"),
        ("GAZETTE_PASSAGES", "0", "greater than or equal to 1"),
        ("GAZETTE_ANSWERER", "gpt", "'auto', 'extractive' or 'ollama'"),
        ("GAZETTE_OLLAMA_HOST", "ftp://x", "must look like http://127.0.0.1:11434"),
        ("GAZETTE_OLLAMA_HOST", "http://127.0.0.1:99999", "must look like"),
        ("GAZETTE_OLLAMA_HOST", "http://[::1", "GAZETTE_OLLAMA_HOST"),
        ("GAZETTE_OLLAMA_TIMEOUT", "nan", "ollama_timeout"),
        ("GAZETTE_HOME", "~no-such-user-here/x", "setting home"),
        ("GAZETTE_PASAGES", "3", "unknown variable GAZETTE_PASAGES: unset it, or use one of"),
    ],
)
def test_a_bad_value_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_key_of_the_file_is_refused_with_the_known_ones():
    Path("gazette.toml").write_text("pasages = 3\n")
    with pytest.raises(SettingsError, match=r"unknown setting pasages in .*gazette.toml.*passages"):
        load_settings()


@pytest.mark.parametrize("content", [b"passages = = 3\n", b"\xff\xfe\x00", b"["])
def test_a_file_that_is_no_toml_is_named(content: bytes):
    Path("gazette.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"gazette.toml is not valid TOML .*correct it"):
        load_settings()


def test_the_trace_switch_is_no_unknown_variable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GAZETTE_TRACE", "1")
    load_settings()


def test_an_address_without_a_scheme_is_completed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GAZETTE_OLLAMA_HOST", "localhost:11434/")
    assert load_settings().ollama_host == "http://localhost:11434"


def test_every_setting_is_described():
    assert all(field.description for field in Settings.model_fields.values())
