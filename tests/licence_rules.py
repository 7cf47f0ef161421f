"""What a build is under: a program with GPL parts says so, and one with COTAN_GPL=OFF has none of them.

Usage: licence_rules.py PROGRAM BUILD_DIR; looks at the libraries that PROGRAM loads, and at the headers that the
compiler has read (which Ninja knows; other generators skip this with 77). In a build with COTAN_GPL=ON the same looks
must find Gmsh, CGAL and UMFPACK, so they are no blind ones.
"""
import json
import pathlib
import re
import subprocess
import sys

LIBRARIES = re.compile(r"^\s*lib(gmsh|CGAL|umfpack|cholmod|spqr)\b[^ ]*", re.M)
HEADERS = re.compile(r"^ +\S*/include/(?:suitesparse/)?(gmsh\.h|CGAL/|umfpack\.h|cholmod\.h)", re.M)
OF_A_GPL_BUILD = {"libgmsh", "libumfpack", "CGAL", "gmsh.h", "umfpack.h"}


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def gpl_parts(program, build):
    found = {"lib" + match[1] for match in LIBRARIES.finditer(output_of("ldd", program))}
    found |= {match[1].rstrip("/") for match in HEADERS.finditer(output_of("ninja", "-C", build, "-t", "deps"))}
    return found


def main():
    program, build = sys.argv[1], pathlib.Path(sys.argv[2])
    if not (build / "build.ninja").exists():
        sys.exit(77)
    facts = json.loads(output_of(program, "info", "--json"))
    found, gpl = gpl_parts(program, build), facts["features"]["gpl"]
    faults = []
    if gpl and not OF_A_GPL_BUILD <= found:
        faults.append(f"COTAN_GPL=ON, but these were not found: {sorted(OF_A_GPL_BUILD - found)}")
    if not gpl and found:
        faults.append(f"COTAN_GPL=OFF, but the build has {sorted(found)}")
    if ("GPL" in facts["licence"]) != gpl:
        faults.append(f"cotan info says '{facts['licence']}'")
    print("\n".join(faults) or f"{facts['licence']}: found {sorted(found)}")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
