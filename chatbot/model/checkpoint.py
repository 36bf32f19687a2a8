"""Named tensors on disk: safetensors, checked against the settings before anything is allocated."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from chatbot.errors import CheckpointError
from chatbot.files import write_whole
from chatbot.model.latent import LatentSettings, make_model
from chatbot.model.seq2seq import ModelSettings, Seq2Seq


def save_tensors(path: Path, tensors: dict[str, Tensor], notes: dict[str, Any] | None = None) -> None:
    """Write tensors, and notes that are JSON, to one file, whole."""
    own = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_whole(path, save(own, {"notes": json.dumps(notes or {})}))


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors and notes of a file.

    Raises:
        CheckpointError: it is missing or damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            notes = json.loads((file.metadata() or {}).get("notes", "{}"))
        return load(path.read_bytes()), notes
    except (OSError, SafetensorError, ValueError, struct.error) as error:
        raise CheckpointError(f"{path}: is damaged: {error}") from None


def load_model(
    path: Path, settings: ModelSettings, vocabulary_size: int, padding_id: int, latent: LatentSettings | None = None
) -> Seq2Seq:
    """Return the model whose weights are at ``path``.

    Raises:
        CheckpointError: the file is damaged, or its tensors are not those of such a model.
    """
    with torch.device("meta"), _Undrawn():
        model = make_model(settings, vocabulary_size, padding_id, latent)
    _check_header(path, model)
    tensors, _ = load_tensors(path)
    model.load_state_dict(tensors, assign=True)
    return model.eval()


class _Undrawn(TorchFunctionMode):
    """Leaves normal numbers undrawn: on the meta device they load torch's compiler, which takes over a second."""

    def __torch_function__(self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        named = kwargs or {}
        # Functions of nn.init come here with all their arguments by name.
        return named["tensor"] if function is nn.init.normal_ else function(*args, **named)


def _check_header(path: Path, model: Seq2Seq) -> None:
    """Compare names, shapes and dtypes, which the header alone tells."""
    expected = {name: (list(tensor.shape), "F32") for name, tensor in model.state_dict().items()}
    try:
        with safe_open(path, framework="pt") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - not a dict
            found = {name: (part.get_shape(), part.get_dtype()) for name, part in slices.items()}
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path}: is damaged: {error}") from None
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise CheckpointError(
                f"{path}: {name} is {found.get(name, 'missing')}, not {expected.get(name, 'expected')}",
                "the file is of another model; chatbot rollback takes an earlier version, or train the bot anew",
            )
