"""Files that are no whole checkpoint of this program, in every verb that reads one."""
import json
import random
import struct
import unittest

import learned
import program

FEATURES = program.features()


@unittest.skipUnless(FEATURES["hdf5"] and FEATURES["vtk"], "writes archives and series")
class Checkpoint(learned.Learned):
    def readers(self, name):
        """Every verb that reads a checkpoint; `train --resume` reads last.safetensors of its run."""
        yield "evaluate", name
        yield "rollout", name, "data", "-o", "new/out.pvd"
        yield "info", name

    def all_refuse(self, content, says):
        (self.folder / "bad.safetensors").write_bytes(content)
        for arguments in self.readers("bad.safetensors"):
            self.refused(*arguments, says=["bad.safetensors", *says])
        (self.folder / "run" / "last.safetensors").write_bytes(content)
        self.refused("train", "train.yaml", "-o", "run", "--resume", says=["last.safetensors", *says])

    def whole(self, name="last"):
        """As training left it, whatever a test has put there since."""
        return (self.template / "run" / f"{name}.safetensors").read_bytes()

    def with_metadata(self, **changes):
        """The checkpoint as a program with other metadata would have written it, with no checksum."""
        content = self.whole()
        size = struct.unpack("<Q", content[:8])[0]
        header = json.loads(content[8:8 + size])
        header["__metadata__"].update(changes)
        del header["__metadata__"]["checksum"]
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + content[8 + size:]

    def test_no_checkpoint_at_all(self):
        for content in (b"", b"\0", bytes(range(256)), program.SQUARE_MSH.encode(), struct.pack("<Q", 2) + b"{}"):
            self.all_refuse(content, [])
        for arguments in self.readers("absent.safetensors"):
            self.refused(*arguments, says="absent.safetensors")

    def test_of_another_version(self):
        self.all_refuse(self.with_metadata(format="cotan checkpoint 2"), ["cotan checkpoint 2", "reads 'cotan checkpoint 1'"])
        self.all_refuse(self.with_metadata(roles="interior wall"), ["interior wall"])
        self.all_refuse(self.with_metadata(model="transformer"), ["transformer", "mesh_graph_net"])

    def test_one_without_a_checksum_is_taken(self):
        (self.folder / "bare.safetensors").write_bytes(self.with_metadata())
        self.cotan("info", "bare.safetensors")

    def test_cut_anywhere(self):
        content = self.whole()
        draw = random.Random(2)
        for size in [7, 8, 9, len(content) - 1] + [draw.randrange(len(content)) for _ in range(8)]:
            (self.folder / "cut.safetensors").write_bytes(content[:size])
            self.refused("evaluate", "cut.safetensors", says="cut.safetensors")

    def test_a_bit_flipped_anywhere(self):
        """Header or numbers: the checksum tells what the format does not."""
        content = self.whole()
        header = 8 + struct.unpack("<Q", content[:8])[0]
        draw = random.Random(3)
        places = [draw.randrange(8) for _ in range(3)] + [draw.randrange(8, header) for _ in range(15)]
        for place in places + [draw.randrange(header, len(content)) for _ in range(6)] + [len(content) - 1]:
            bit = 1 << draw.randrange(8)
            flipped = bytearray(content)
            flipped[place] ^= bit
            (self.folder / "flipped.safetensors").write_bytes(flipped)
            with self.subTest(place=place, bit=bit):
                done = program.run("evaluate", "flipped.safetensors", folder=self.folder)
                # The key of the checksum itself may be hit: then all else is whole.
                if place < header and b'"checksum"' not in flipped[:header]:
                    continue
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn("flipped.safetensors", done.stderr)
        (self.folder / "run" / "last.safetensors").write_bytes(flipped)
        self.refused("train", "train.yaml", "-o", "run", "--resume", says=["last.safetensors", "damaged"])


if __name__ == "__main__":
    unittest.main()
