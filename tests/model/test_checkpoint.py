"""Weights on disk: whole, checked before anything is allocated, and never pickled."""

import json
import struct
from pathlib import Path

import pytest
import torch

from chatbot.errors import CheckpointError
from chatbot.model.checkpoint import load_model, load_tensors, save_tensors
from chatbot.model.seq2seq import ModelSettings, Seq2Seq

SETTINGS = ModelSettings.model_validate({"embedding_size": 8, "encoder": {"kind": "lstm", "hidden_size": 8}})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    save_tensors(tmp_path / "model.safetensors", Seq2Seq(SETTINGS, 70, 0).state_dict())
    return tmp_path / "model.safetensors"


def test_what_was_saved_is_what_is_loaded(path: Path) -> None:
    torch.manual_seed(1)
    original = Seq2Seq(SETTINGS, 70, 0).state_dict()
    loaded = load_model(path, SETTINGS, 70, 0).state_dict()
    assert original.keys() == loaded.keys()
    assert all(torch.equal(original[name], loaded[name]) for name in original)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_cut_file_is_one_error_that_names_it(path: Path, share: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(CheckpointError, match=r"model\.safetensors: is damaged"):
        load_model(path, SETTINGS, 70, 0)


def test_weights_of_another_model_are_refused_by_name(path: Path) -> None:
    other = ModelSettings.model_validate({"embedding_size": 8, "encoder": {"kind": "gru", "hidden_size": 8}})
    with pytest.raises(CheckpointError, match=r"is .*, not "):
        load_model(path, other, 70, 0)
    with pytest.raises(CheckpointError, match="bias"):
        load_model(path, SETTINGS, 7000, 0)


def test_a_header_that_promises_gigabytes_allocates_nothing(path: Path) -> None:
    header = json.dumps({"bias": {"dtype": "F32", "shape": [2**36], "data_offsets": [0, 2**38]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    with pytest.raises(CheckpointError):
        load_model(path, SETTINGS, 70, 0)


def test_notes_travel_with_the_tensors(tmp_path: Path) -> None:
    save_tensors(tmp_path / "state", {"a": torch.ones(2)}, {"step": 3})
    tensors, notes = load_tensors(tmp_path / "state")
    assert (tensors["a"].tolist(), notes) == ([1.0, 1.0], {"step": 3})
