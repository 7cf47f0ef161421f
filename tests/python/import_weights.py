"""Networks of PyTorch in the layouts that scripts/import_mesh_graph_net.py knows, carried over and run by cotan: a step of the rollout
equals PyTorch's own. Usage: import_weights.py COTAN SOURCE_DIR; ends with 77 (skipped) without torch, h5py or vtk."""
import pathlib
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy
    import torch
    from torch import nn
    from vtk import vtkXMLUnstructuredGridReader
    from vtk.util.numpy_support import vtk_to_numpy
except ImportError as absent:
    print(f"SKIPPED: {absent}")
    sys.exit(77)

COTAN, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, str(SOURCE / "scripts"))
from import_mesh_graph_net import read_safetensors  # noqa: E402

WIDTH, BLOCKS, NX, NY = 16, 2, 6, 4
CASE = """\
mesh: grid.msh
problem: advection_diffusion
parameters: {diffusivity: 0.05}
time: {step: 0.05, end: 0.3}
initial: {u: "sin(3*x) + y"}
boundary:
  left: {role: inflow, u: "sin(t)"}
options: {velocity: [1, 0.2]}
"""
TRAIN = """\
archive: data
fields: {u: {}}
prescribed: {u: [inflow]}
split: {by: time, validation: 0, test: 0}
model: {name: mesh_graph_net, width: 16, blocks: 2, prescribed: none, hidden: %d, node_update: %s}
train: {steps: 1, warmup: 4}
"""


def grid():
    lines = ["$MeshFormat", "2.2 0 8", "$EndMeshFormat", "$PhysicalNames", "2", '1 1 "left"', '2 2 "all"', "$EndPhysicalNames"]
    lines += ["$Nodes", str(NX * NY)] + [f"{1 + i + NX * j} {i / NX} {j / NX} 0" for j in range(NY) for i in range(NX)]
    cells = [f"1 2 1 1 {1 + NX * j} {1 + NX * (j + 1)}" for j in range(NY - 1)]
    for j in range(NY - 1):
        for i in range(NX - 1):
            a = 1 + i + NX * j
            cells += [f"2 2 2 2 {a} {a + 1} {a + NX + 1}", f"2 2 2 2 {a} {a + NX + 1} {a + NX}"]
    return "\n".join(lines + ["$EndNodes", "$Elements", str(len(cells))] + [f"{k + 1} {c}" for k, c in enumerate(cells)] + ["$EndElements", ""])


def sequential(inputs, outputs, hidden, norm):
    sizes = [inputs] + [WIDTH] * hidden + [outputs]
    layers = [layer for a, b in zip(sizes, sizes[1:]) for layer in (nn.Linear(a, b), nn.ReLU())][:-1]
    return layers + ([nn.LayerNorm(outputs)] if norm else [])


class Named(nn.Module):
    """A module with the children that it is given."""

    def __init__(self, **children):
        super().__init__()
        for name, child in children.items():
            setattr(self, name, child)


class PhysicsNemo(nn.Module):
    hidden, order = 2, "after_residual"

    def __init__(self, nodes, edges):
        super().__init__()
        mlp = lambda a, b, norm=True: Named(model=nn.Sequential(*sequential(a, b, self.hidden, norm)))
        self.edge_encoder, self.node_encoder, self.node_decoder = mlp(edges, WIDTH), mlp(nodes, WIDTH), mlp(WIDTH, 1, False)
        layers = []
        for _ in range(BLOCKS):
            layers += [Named(edge_mlp=mlp(3 * WIDTH, WIDTH)), Named(node_mlp=mlp(2 * WIDTH, WIDTH))]
        self.processor = Named(processor_layers=nn.ModuleList(layers))

    def forward(self, node, edge, sender, receiver):
        v, e = self.node_encoder.model(node), self.edge_encoder.model(edge)
        layers = self.processor.processor_layers
        for edges, nodes in zip(layers[::2], layers[1::2]):
            e = e + edges.edge_mlp.model(torch.cat([e, v[sender], v[receiver]], 1))
            v = v + nodes.node_mlp.model(torch.cat([torch.zeros_like(v).index_add(0, receiver, e), v], 1))
        return self.node_decoder.model(v)

    def held(self):
        return self.state_dict()


class DeepMind(nn.Module):
    hidden, order = 3, "before_residual"

    def __init__(self, nodes, edges):
        super().__init__()

        def mlp(a, b, norm=True):
            layers = sequential(a, b, self.hidden, norm)
            return nn.Sequential(nn.Sequential(*layers[:-1]), layers[-1]) if norm else nn.Sequential(*layers)

        self.encoder = Named(nb_encoder=mlp(nodes, WIDTH), eb_encoder=mlp(edges, WIDTH))
        block = lambda: Named(nb_custom_func=mlp(2 * WIDTH, WIDTH), eb_custom_func=mlp(3 * WIDTH, WIDTH))
        self.processer_list = nn.ModuleList(block() for _ in range(BLOCKS))
        self.decoder = Named(decode_module=mlp(WIDTH, 1, False))

    def forward(self, node, edge, sender, receiver):
        v, e = self.encoder.nb_encoder(node), self.encoder.eb_encoder(edge)
        for block in self.processer_list:
            change = block.eb_custom_func(torch.cat([v[sender], v[receiver], e], 1))
            v = v + block.nb_custom_func(torch.cat([v, torch.zeros_like(v).index_add(0, receiver, change)], 1))
            e = e + change
        return self.decoder.decode_module(v)

    def held(self):
        count = torch.tensor(50.0)
        sums = lambda mean, square: {"_acc_sum": count * mean[None], "_acc_sum_squared": count * square[None], "_acc_count": count}
        mean = torch.linspace(0.1, 0.9, 10)
        output = sums(torch.tensor([0.02]), torch.tensor([0.0029]))
        model = {"model." + name: value for name, value in self.state_dict().items()}
        return {"model": model, "_node_normalizer": sums(mean, mean.square() + 0.25), "_output_normalizer": output}


def cotan(folder, *words):
    done = subprocess.run([COTAN, *map(str, words)], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"cotan {words}: {done.stderr}"


def features(archive, statistics):
    """Normalised inputs at frame 1, edges, and what makes the next frame from the prediction."""
    mesh = h5py.File(archive)["VTKHDF"]
    roles = torch.from_numpy(h5py.File(archive)["cotan/roles"][:].astype(numpy.int64))
    points = torch.from_numpy(mesh["Points"][:, :2])
    u = torch.from_numpy(mesh["PointData/u"][:].reshape(-1, len(points), 1).astype(numpy.float32))
    cells = torch.from_numpy(mesh["Connectivity"][:].reshape(-1, 3))
    pairs = torch.unique(torch.sort(torch.cat([cells[:, [0, 1]], cells[:, [1, 2]], cells[:, [2, 0]]]), 1).values, dim=0)
    sender, receiver = torch.cat([pairs, pairs.flip(1)]).T
    offset = points[receiver] - points[sender]
    node = torch.cat([u[1], nn.functional.one_hot(roles, 9)], 1)
    edge = torch.cat([offset, offset.norm(dim=1, keepdim=True)], 1)

    def normal(name):
        mean, m2, count = (statistics[f"model.statistics.{name}.{key}"] for key in ("mean", "m2", "count"))
        deviation = (m2 / count).sqrt()
        return mean, torch.where(deviation > 1e-10 * mean.abs(), deviation, torch.ones_like(deviation))

    (a, b), (c, d), (mean, deviation) = normal("nodes"), normal("mesh"), normal("target")
    advance = lambda out: torch.where((roles == 4)[:, None], u[2].double(), u[1] + out.detach().double() * deviation + mean)
    return ((node - a) / b).float(), ((edge - c) / d).float(), sender, receiver, advance


def first_step(folder):
    reader = vtkXMLUnstructuredGridReader()
    reader.SetFileName(str(sorted((folder / "out").glob("*.vtu"))[1]))
    reader.Update()
    return vtk_to_numpy(reader.GetOutput().GetPointData().GetArray("u"))


def check(layout, folder):
    (folder / "train.yaml").write_text(TRAIN % (layout.hidden, layout.order))
    cotan(folder, "train", "train.yaml", "-o", "run", "--overwrite")
    torch.manual_seed(3)
    network = layout(10, 3)
    torch.save(network.held(), folder / "state.pt")
    script = [sys.executable, SOURCE / "scripts/import_mesh_graph_net.py"]
    subprocess.run([*script, "state.pt", "run/best.safetensors", "net.safetensors"], cwd=folder, check=True)
    wrong = subprocess.run([*script, "state.pt", "data/00000.vtkhdf", "x.safetensors"], cwd=folder, capture_output=True)
    assert wrong.returncode == 2 and not (folder / "x.safetensors").exists()
    cotan(folder, "rollout", "net.safetensors", "data", "-o", "out.pvd", "--overwrite")
    *inputs, advance = features(folder / "data/00000.vtkhdf", read_safetensors(folder / "net.safetensors")[0])
    expected = advance(network(*inputs)).flatten().numpy()
    difference = numpy.abs(first_step(folder) - expected).max()
    assert difference < 2e-6, f"{layout.__name__}: differs by {difference}"
    print(f"{layout.__name__}: differs by {difference:.1e}")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "grid.msh").write_text(grid())
        (folder / "case.yaml").write_text(CASE)
        cotan(folder, "simulate", "case.yaml", "--count", 1, "-o", "data")
        for layout in (PhysicsNemo, DeepMind):
            check(layout, folder)


if __name__ == "__main__":
    main()
