"""The table of docs/design.md as a test: which folder may include which, and where heavy headers may stand.

Usage: include_rules.py SOURCE_DIR; prints file, line and rule of each breach, and exits with 1 if there is one.
"""
import pathlib
import re
import sys

MAY = {
    "core": "core",
    "mesh": "core mesh",
    "integrators": "core integrators",
    "io": "core mesh io",
    "physics": "core mesh integrators physics",
    "gnn": "core mesh integrators gnn",
    "apps": "core mesh integrators io physics gnn apps",
}
MESH_TORCH = r"mesh/(segment|graph|halo|operators|isometry|radius_edges|weighted_differences|laplacian|stencil|stencil_weights|mirror_edges|edge_sets)\.(h|cpp)"
# header pattern -> where it may stand
ONLY = {
    r"mpi\.h": r"core/comm\.cpp",
    r"yaml-cpp/": r"core/config\.cpp",
    r"spdlog/": r"core/log\.cpp",
    r"metis\.h": r"mesh/partition_metis\.cpp",
    r"CGAL/": r"mesh/(outline|volume)_cgal\.cpp",
    r"gmsh\.h": r"io/gmsh(_sizes)?\.cpp",
    r"vtk": r"(io/vtk(_.*)?\.cpp|apps/draw/.*)",
    r"(hdf5|H5)": r"io/vtkhdf(_.*)?\.(cpp)",
    r"umfpack\.h": r"physics/direct(_.*)?\.cpp",
    r"CLI/": r"apps/.*",
    r"torch/(torch|all|script)\.h": "nowhere",
    r"torch/(nn|serialize)": "nowhere",
    r"torch/optim": r"gnn/optimiser\.cpp",
    r"torch/csrc/autograd": rf"({MESH_TORCH}|(integrators|physics|gnn)/.*\.cpp)",
    r"(ATen|c10)/": rf"({MESH_TORCH}|(integrators|physics|gnn|apps)/.*)",
}
HOST_ONLY = re.compile(r"mesh/(segment|graph|halo|operators|isometry|radius_edges|weighted_differences|laplacian|stencil|stencil_weights|mirror_edges|edge_sets)\.h")  # io may not include these


def breaches(root):
    for folder, may in MAY.items():
        for path in sorted((root / folder).rglob("*.[hc]*")):
            name = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)', line)
                if not match:
                    continue
                header = match[1]
                top = header.split("/")[0]
                if top in MAY and "/" in header and top not in may.split():
                    yield f"{name}:{number}: {folder} may not include {top}"
                if folder == "io" and HOST_ONLY.fullmatch(header):
                    yield f"{name}:{number}: io takes the host parts of mesh only"
                for pattern, where in ONLY.items():
                    if re.match(pattern, header) and not re.fullmatch(where, name):
                        yield f"{name}:{number}: <{header}> belongs in {where}"


def main():
    found = list(breaches(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "include rules hold")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
