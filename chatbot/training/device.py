"""Which device trains, in which precision, and how the machine is set up for it."""

import ctypes
import os
import sys

import torch

from chatbot.errors import TrainingError

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def pick_device(name: str) -> torch.device:
    """Return the device of that name; ``auto`` is CUDA where there is one.

    Raises:
        TrainingError: there is no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        torch.empty(1, device=name)
        return torch.device(name)
    except (RuntimeError, AssertionError) as error:
        # PyTorch's own words on CUDA tell why; on names that it does not know it lists all that it does.
        reason = f": {str(error).splitlines()[0]}" if name.startswith("cuda") else ""
        raise TrainingError(f'there is no device "{name}" here{reason}', "take --device auto or cpu") from None


def pick_precision(name: str, device: torch.device) -> torch.dtype:
    """Return the dtype of a precision setting; ``auto`` is bfloat16 where the device has instructions for it."""
    if name != "auto":
        return torch.bfloat16 if name == "bfloat16" else torch.float32
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    return torch.bfloat16 if _cpu_has_bfloat16() else torch.float32


def keep_memory() -> None:
    """Have glibc keep freed memory for the next step instead of giving it back.

    A training step frees and asks for the same hundreds of megabytes; page faults took 25-30 % of its time. 32 MiB is
    the largest threshold that glibc takes: what is larger still goes back, so memory stays bounded.
    """
    if sys.platform == "linux":
        glibc = ctypes.CDLL(None)
        if hasattr(glibc, "mallopt"):
            glibc.mallopt(_M_MMAP_THRESHOLD, 32 * 2**20)
            glibc.mallopt(_M_TRIM_THRESHOLD, 2**30)


def use_cores() -> None:
    """Have torch use the cores that this process may run on, and no more; OMP_NUM_THREADS, where set, wins."""
    if "OMP_NUM_THREADS" not in os.environ and hasattr(os, "sched_getaffinity"):
        torch.set_num_threads(len(os.sched_getaffinity(0)))


def _cpu_has_bfloat16() -> bool:
    probes = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(probe is not None and probe() for probe in probes)
