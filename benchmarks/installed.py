"""``python -m benchmarks.installed``: what typeset-verify takes on a disk, in a fresh environment with all it needs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PROJECT = Path(__file__).parents[1]
MB = 1_000_000


def main() -> None:
    """Build the wheel, install it from the package index, and print the size of each package and of the whole."""
    with tempfile.TemporaryDirectory() as name:
        folder, wheels = Path(name) / "environment", Path(name) / "wheels"
        build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(wheels)]
        subprocess.run(build, cwd=PROJECT / "distributions/verify", check=True, capture_output=True)
        venv.create(folder, with_pip=False)
        pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(folder / "bin" / "python")]
        subprocess.run([*pip, "install", *map(str, wheels.iterdir())], check=True, stderr=subprocess.DEVNULL)
        sizes = {path.name: size(path) for path in folder.glob("lib/python*/site-packages/*")}
        for package, taken in sorted(sizes.items(), key=lambda one: -one[1]):
            if taken > MB / 2:
                print(f"{taken / MB:6.1f} MB  {package}")
        print(f"{size(folder) / MB:6.1f} MB  the whole environment")


def size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder, compiled modules included."""
    if path.is_file():
        return path.stat().st_size
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file() and not one.is_symlink())


if __name__ == "__main__":
    main()
