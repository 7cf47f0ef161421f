"""Compares an archive of cylinder flow as read by cotan with the plain Python reader of tfrecord.py, value by value.

Usage: check_tfrecord.py READ_TFRECORD FOLDER; skipped (77) where the folder is absent.
"""
import pathlib
import subprocess
import sys
import zlib

import tfrecord


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if not folder.is_dir():
        print("skipped: no", folder)
        return 77
    for file in sorted(folder.glob("*.tfrecord")):
        check = file.stat().st_size < 10_000_000  # by plain Python, the checksums of the larger ones take a minute
        expected = {f"{number} {name} {len(data)} {zlib.crc32(data):08x}"
                    for number, features in enumerate(tfrecord.records(file, check))
                    for name, data in features.items()}
        found = subprocess.run([program, str(file)], capture_output=True, text=True, check=True).stdout.splitlines()
        assert found and set(found) == expected, set(found) ^ expected
        print(file, "equal:", len(found), "arrays")
    return 0


if __name__ == "__main__":
    sys.exit(main())
