"""Energy: what the machine's counters say, and nothing where they say nothing."""

import ctypes
from pathlib import Path
from typing import Any

import pytest
import torch

from chatbot.training.energy import Counter, Meter, Spent, card_counter

CPU = torch.device("cpu")


def zone(folder: Path, number: str, name: str, used: int, last: int = 1_000_000_000) -> Path:
    """Make a zone as Linux shows it, and return its counter of microjoules."""
    place = folder / number
    place.mkdir(parents=True)
    (place / "name").write_text(f"{name}\n")
    (place / "max_energy_range_uj").write_text(f"{last}\n")
    (place / "energy_uj").write_text(f"{used}\n")
    return place / "energy_uj"


def test_processors_and_memory_count_and_their_parts_do_not(tmp_path: Path) -> None:
    names = {
        "intel-rapl:0": "package-0", "intel-rapl:0:0": "core", "intel-rapl:0:1": "dram", "intel-rapl:1": "package-1",
        "intel-rapl:2": "psys", "intel-rapl-mmio:0": "package-0",
    }  # fmt: skip
    files = {number: zone(tmp_path, number, name, 7_000_000) for number, name in names.items()}
    (tmp_path / "intel-rapl").mkdir()
    meter = Meter(CPU, tmp_path)
    meter.begin()
    for place, file in enumerate(files.values(), 1):
        file.write_text(f"{7_000_000 + place * 1_000_000}\n")
    assert meter.spent().joules == {"processor 0": 1.0, "memory 0": 3.0, "processor 1": 4.0}


def test_a_counter_that_came_round_goes_on() -> None:
    readings = iter([900, 990, 40, 100])
    counter = Counter("processor 0", lambda: next(readings), per_joule=10, last=1000)
    counter.begin()
    for joules in (9.0, 14.0, 20.0):
        counter.count()
        assert counter.joules == joules


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    first, second = (zone(tmp_path, f"intel-rapl:{number}", f"package-{number}", 5) for number in (0, 1))
    zone(tmp_path, "intel-rapl:2", "package-2", 5)  # stands still, as in some virtual machines
    first.unlink()
    first.mkdir()
    meter = Meter(CPU, tmp_path)
    meter.begin()
    second.write_text("1000005")
    assert meter.spent().joules == {"processor 1": 1.0}
    second.unlink()
    found = meter.spent()
    assert found.joules == {}
    assert found.seconds > 0
    assert found.processor_seconds >= 0
    assert Meter(CPU, tmp_path / "nowhere").spent().joules == {}


def test_an_interrupted_training_is_counted_whole_or_not_at_all(tmp_path: Path) -> None:
    files = [zone(tmp_path, f"intel-rapl:{number}", f"package-{number}", 0) for number in (0, 1)]
    meter = Meter(CPU, tmp_path)
    meter.before = Spent(100.0, 150.0, {"processor 0": 50.0})
    meter.begin()
    for file in files:
        file.write_text("2000000")
    found = meter.spent()
    assert found.joules == {"processor 0": 52.0}
    assert found.seconds > 100
    assert found.processor_seconds >= 150


class Library:
    """NVIDIA's library with one card, whose every reading is 5 J more."""

    used = 0

    def nvmlInit_v2(self) -> int:  # noqa: N802 - its name
        return 0

    def nvmlDeviceGetHandleByUUID(self, uuid: bytes, handle: Any) -> int:  # noqa: N802 - its name
        return 0 if uuid == b"GPU-abc" else 6

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: Any, used: Any) -> int:  # noqa: N802 - its name
        self.used += 5000
        ctypes.cast(used, ctypes.POINTER(ctypes.c_ulonglong)).contents.value = self.used
        return 0


def test_a_graphics_card_counts_in_millijoules() -> None:
    counter = card_counter(Library(), "abc")
    counter.begin()
    counter.count()
    assert (counter.name, counter.joules) == ("graphics card", 5.0)
    with pytest.raises(OSError, match="nvmlDeviceGetHandleByUUID"):
        card_counter(Library(), "of another")
