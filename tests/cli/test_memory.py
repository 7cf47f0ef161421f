"""What `train` says of its memory before it starts."""
import os
import re
import subprocess
import unittest

import learned
import program

FEATURES = program.features()


@unittest.skipUnless(FEATURES["hdf5"], "writes archives")
class Memory(learned.Learned):
    def peak_of(self, *arguments):
        """Largest resident size of the program [MiB], and what it said."""
        log = open(self.folder / "log.txt", "w+")
        child = subprocess.Popen([program.PROGRAM, *arguments], cwd=self.folder, stderr=log)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        text = log.read()
        log.close()
        self.assertEqual(child.returncode, 0, text)
        return usage.ru_maxrss / 1024, text

    def test_the_estimate_is_near_the_truth(self):
        self.write("grid.msh", learned.grid_msh(60))
        self.cotan("simulate", "case.yaml", "-o", "large", "--count", "2")
        options = learned.TRAIN.replace("data", "large").replace("width: 8, blocks: 1", "width: 64, blocks: 6")
        options = options.replace("split: {validation: 0.25, test: 0.25}", "split: {validation: 0, test: 0}")
        self.write("large.yaml", options.replace("steps: 60", "steps: 6"))
        found, text = self.peak_of("train", "large.yaml", "-o", "run_large")
        said = float(re.search(r"memory: about (\d+) MiB", text).group(1))
        step = float(re.search(r"points\) (\d+), frames", text).group(1))
        self.assertGreater(step, 50)  # so that it is the step that is compared
        self.assertLess(abs(said - found), 0.35 * found, text)


if __name__ == "__main__":
    unittest.main()
