"""Every source file is as clang-format leaves it. Usage: format_rules.py SOURCE_DIR

Versions of clang-format differ in what they do, so that Debian 12's is asked; where it is not there the test is skipped (77).
"""
import pathlib
import re
import shutil
import subprocess
import sys

VERSION = "14"
FOLDERS = "core mesh integrators io physics gnn apps tests bench examples".split()


def main():
    root = pathlib.Path(sys.argv[1])
    program = shutil.which("clang-format-" + VERSION) or shutil.which("clang-format")
    found = program and re.search(r"version (\d+)", subprocess.run([program, "--version"], capture_output=True, text=True).stdout)
    if not found or found[1] != VERSION:
        print(f"skipped: needs clang-format {VERSION}")
        return 77
    files = sorted(file for folder in FOLDERS for ending in ("h", "cpp") for file in (root / folder).rglob("*." + ending))
    assert files, f"no source in {root}"
    return subprocess.run([program, "--dry-run", "-Werror", *files]).returncode


if __name__ == "__main__":
    sys.exit(main())
