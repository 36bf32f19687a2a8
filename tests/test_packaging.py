"""The wheel: installed alone in a clean environment, it chats from another folder."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

from tests.conftest import ROOT


def test_the_wheel_chats_from_another_folder(trained: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns(".venv", ".git", "__pycache__", "versions.bak", ".mypy_cache")
    shutil.copytree(ROOT / "chatbot", source / "chatbot", ignore=ignored)
    shutil.copytree(ROOT / "alembic", source / "alembic", ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(tmp_path / "dist"), str(source)]
    subprocess.run(build, check=True, capture_output=True, timeout=120)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "chatbot/alembic/env.py" in names
    assert not [name for name in names if name.startswith(("alembic/", "tests/")) or name.endswith(".db")]

    # The dependencies come from this environment, the program itself from the wheel alone.
    venv.create(tmp_path / "venv", with_pip=False)
    site = next((tmp_path / "venv" / "lib").glob("python*")) / "site-packages"
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site), str(wheel)],
        check=True,
        timeout=120,
    )
    python = str(tmp_path / "venv" / "bin" / "python")
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    where = subprocess.run(
        [python, "-c", "import chatbot; print(chatbot.__file__)"],
        cwd=trained,
        env=clean,
        check=True,
        capture_output=True,
        text=True,
    )
    assert where.stdout.startswith(str(site))
    program = [python, "-m", "chatbot", "chat", "tiny", "hello"]
    done = subprocess.run(program, cwd=trained, env=clean, check=False, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "Hello! How are you?\n"), done.stderr


def test_every_dependency_is_pinned_in_the_constraints() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    names = {re.split(r"[\[>]", name)[0].lower().replace("_", "-") for name in wanted}
    assert names <= pinned
    assert "torch==2.13.0" in (ROOT / "constraints.txt").read_text().splitlines()
