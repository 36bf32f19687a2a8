"""The time and the energy that a training takes, as the machine's own counters tell them; nothing is estimated."""

import ctypes
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch

POWERCAP = Path("/sys/class/powercap")
"""Linux's counters of energy (docs.kernel.org/power/powercap/powercap.html)."""
_SECONDS = 10.0
"""How often counters are read: at 200 W, one of 262 kJ comes round every 20 minutes."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Wall-clock ``seconds``, ``processor_seconds`` of all cores together, and ``joules`` by what was measured."""

    seconds: float = 0.0
    processor_seconds: float = 0.0
    joules: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Counter:
    """A counter of energy that ``read`` returns, in parts of a joule; after ``last``, if any, it begins anew at 0."""

    name: str
    read: Callable[[], int]
    per_joule: float
    last: int | None = None
    joules: float = 0.0
    _before: int = 0

    def begin(self) -> None:
        """Count from here."""
        self._before = self.read()

    def count(self) -> None:
        """Add what was used since; must come before the counter has come round twice."""
        now = self.read()
        used = now - self._before
        if used < 0 and self.last is not None:
            used += self.last
        if used < 0:
            raise OSError(f"the counter of the {self.name} ran backwards")
        self.joules += used / self.per_joule
        self._before = now


class Meter:
    """Measures what is spent from ``begin`` on, on top of what a training spent ``before`` it was interrupted.

    A counter that cannot be read, or that stops, tells nothing: it is left out.
    """

    def __init__(self, device: torch.device, folder: Path = POWERCAP) -> None:
        self.before = Spent()
        self._counters = [*_zones(folder), *_graphics_card(device)]
        self.begin()

    def begin(self) -> None:
        """Start measuring, afresh."""
        self._begun = self._read = time.perf_counter()
        self._processor = _processor_seconds()
        self._counters = [counter for counter in self._counters if _works(counter.begin)]

    def read(self) -> None:
        """Read the counters, if that was long ago; for every now and then."""
        if time.perf_counter() - self._read >= _SECONDS:
            self._count()

    def spent(self) -> Spent:
        """Return what was spent until now."""
        self._count()
        seconds = self.before.seconds + (time.perf_counter() - self._begun)
        processor = self.before.processor_seconds + (_processor_seconds() - self._processor)
        joules = {counter.name: counter.joules for counter in self._counters}
        if self.before.seconds:  # the energy of a part would pass for that of all
            joules = {name: self.before.joules[name] + used for name, used in joules.items()
                      if name in self.before.joules}  # fmt: skip
        return Spent(seconds, processor, {name: used for name, used in joules.items() if used})

    def _count(self) -> None:
        self._read = time.perf_counter()
        self._counters = [counter for counter in self._counters if _works(counter.count)]


def _works(measure: Callable[[], None]) -> bool:
    try:
        measure()
    except (OSError, ValueError):
        return False
    return True


def _processor_seconds() -> float:
    return sum(os.times()[:4])


def _zones(folder: Path) -> Iterator[Counter]:
    """Yield the counters of processors and of the memory beside them; their cores are parts of processors."""
    for zone in sorted(folder.glob("intel-rapl:*")):
        try:
            name = (zone / "name").read_text(encoding="ascii").strip()
            last = _read_number(zone / "max_energy_range_uj")
        except (OSError, ValueError):
            continue
        number = zone.name.removeprefix("intel-rapl:").partition(":")[0]
        kind = "processor" if name.startswith("package") else "memory" if name == "dram" else ""
        if kind:
            yield Counter(f"{kind} {number}", partial(_read_number, zone / "energy_uj"), 1e6, last)


def _read_number(path: Path) -> int:
    return int(path.read_text(encoding="ascii"))


def _graphics_card(device: torch.device) -> Iterator[Counter]:
    """Yield the counter of the graphics card that computes, if NVIDIA's driver tells it."""
    if device.type != "cuda":
        return
    try:
        library: Any = ctypes.CDLL("libnvidia-ml.so.1")
        yield card_counter(library, str(torch.cuda.get_device_properties(device).uuid))
    except (OSError, AttributeError, RuntimeError):
        return


def card_counter(library: Any, uuid: str) -> Counter:
    """Return the counter of a card in millijoules, from NVIDIA's management library.

    Raises:
        OSError: the library does not know the card, or the card has none.
    """
    handle, used = ctypes.c_void_p(), ctypes.c_ulonglong()

    def call(name: str, *arguments: Any) -> None:
        if error := getattr(library, name)(*arguments):
            raise OSError(error, f"{name} failed")

    def read() -> int:
        call("nvmlDeviceGetTotalEnergyConsumption", handle, ctypes.byref(used))
        return used.value

    call("nvmlInit_v2")
    call("nvmlDeviceGetHandleByUUID", f"GPU-{uuid}".encode(), ctypes.byref(handle))
    read()
    return Counter("graphics card", read, 1e3)
