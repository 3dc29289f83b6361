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
        ("GAZETTE_ANSWERER", "gpt", "'auto', 'extractive', 'ollama' or 'llm'"),
        ("GAZETTE_OLLAMA_HOSTS", "ftp://x", "must look like http://127.0.0.1:11434"),
        ("GAZETTE_OLLAMA_HOSTS", "http://127.0.0.1:99999", "must look like"),
        ("GAZETTE_OLLAMA_HOSTS", "http://[::1", "GAZETTE_OLLAMA_HOSTS"),
        ("GAZETTE_OLLAMA_HOSTS", ", ", "at least 1 item"),
        ("GAZETTE_OLLAMA_HOSTS", "http://user:word@h:1", "must look like"),
        ("GAZETTE_OLLAMA_SILENCE_TIMEOUT", "nan", "ollama_silence_timeout"),
        ("GAZETTE_OLLAMA_KEEP_ALIVE", "long", "ollama_keep_alive"),
        ("GAZETTE_LLM_OPTIONS", "{model:", "llm_options"),
        ("GAZETTE_ANSWERER", "llm", "answerer = llm needs GAZETTE_LLM"),
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


def test_addresses_are_listed_each_once_and_completed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GAZETTE_OLLAMA_HOSTS", "localhost:1/, https://gpu.example localhost:1")
    assert load_settings().ollama_hosts == ("http://localhost:1", "https://gpu.example")


def test_the_file_may_list_addresses_and_give_options_as_a_table(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GAZETTE_OLLAMA_HOSTS")
    Path("gazette.toml").write_text(
        'ollama_hosts = ["a:1", "b:2"]\nllm = "x.Y"\n[llm_options]\nmodel = "m"\n'
    )
    settings = load_settings()
    assert settings.ollama_hosts == ("http://a:1", "http://b:2")
    assert settings.llm_options == {"model": "m"}


def test_settings_that_contradict_each_other_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GAZETTE_LLM", "x.Y")
    monkeypatch.setenv("GAZETTE_ANSWERER", "ollama")
    with pytest.raises(SettingsError, match=r"^answerer = ollama contradicts GAZETTE_LLM"):
        load_settings()


def test_every_setting_is_described():
    assert all(field.description for field in Settings.model_fields.values())
