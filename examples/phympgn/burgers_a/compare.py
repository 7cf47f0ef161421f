#!/usr/bin/env python3
"""Mean square error of the velocity between two archives on one mesh: compare.py ARCHIVE REFERENCE STRIDE LAST.

Every STRIDE-th frame after the first counts, of the LAST trajectories.
"""
import sys
from pathlib import Path

import h5py
import numpy as np


def frames(path):
    """(frames, points, 2)"""
    with h5py.File(path) as file:
        root = file["VTKHDF"]
        points = int(root["NumberOfPoints"][0])
        return root["PointData/velocity"][:].reshape(-1, points, root["PointData/velocity"].shape[1])[:, :, :2].astype(float)


one, two, stride, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
names = sorted(path.name for path in two.glob("*.vtkhdf"))[-last:]
print(f"{np.mean([np.mean((frames(one / name) - frames(two / name))[::stride][1:] ** 2) for name in names]):.3g}")
