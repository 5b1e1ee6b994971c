"""The wheel holds `py.typed` and every file of the package: `python wheel_contents.py WHEEL PACKAGE`."""

from __future__ import annotations

import sys
from pathlib import Path
from zipfile import ZipFile


def main(wheel: str, package: str) -> int:
    """0 when nothing is missing."""
    held = set(ZipFile(wheel).namelist())
    wanted = {str(Path(package, "py.typed"))}
    wanted |= {str(path) for path in Path(package).rglob("*") if path.is_file() and path.suffix != ".pyc"}
    for name in sorted(wanted - held):
        print(f"{name} is not in {wheel}", file=sys.stderr)
    print(f"{len(wanted & held)} of {len(wanted)} files")
    return 1 if wanted - held else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
