#!/usr/bin/env python3
"""Puts the weights of a MeshGraphNet that was trained in PyTorch into a checkpoint of cotan.

  import_mesh_graph_net.py STATE.pt LIKE.safetensors OUT.safetensors [--layout physicsnemo|deepmind] [--statistics FILE.json]

STATE.pt is a state dict (or a file that holds one under `model`, `state_dict` or `model_state_dict`). LIKE is a checkpoint of ours with
the same network: train the configuration that describes it for one step. Its normalisers stay where neither STATE nor
FILE.json has others; FILE.json holds {"nodes": {"mean": [...], "std": [...]}, "mesh": ..., "target": ...}.

Layouts (found by the names unless said):
  physicsnemo   PhysicsNeMo's MeshGraphNet: node_encoder, edge_encoder, processor.processor_layers, node_decoder; its first layers
                see [edge, sender, receiver] and [sums, node], and its nodes the edges after their residual
                (model: {node_update: after_residual}). World edges are not taken.
  deepmind      PyTorch twins of DeepMind's code: encoder.nb_encoder, encoder.eb_encoder, processer_list, decoder.decode_module, with
                running sums of the normalisers (_acc_sum, …) beside them.
Needs torch.
"""
import argparse
import json
import os
import pickle
import re
import struct
import sys

import torch

TYPES = {"F64": torch.float64, "F32": torch.float32, "I64": torch.int64}
NAMES = {value: key for key, value in TYPES.items()}

# (their prefix, ours, how blocks of the first layer's columns are ordered in ours); {i} is the block's number.
LAYOUTS = {
    "physicsnemo": [
        (r"node_encoder", "encoder.nodes", None),
        (r"edge_encoder", "encoder.mesh", None),
        (r"processor\.processor_layers\.{2i}\.edge_mlp", "block.{i}.mesh", (1, 2, 0)),
        (r"processor\.processor_layers\.{2i+1}\.node_mlp", "block.{i}.nodes", (1, 0)),
        (r"node_decoder", "decoder", None),
    ],
    "deepmind": [
        (r"encoder\.nb_encoder", "encoder.nodes", None),
        (r"encoder\.eb_encoder", "encoder.mesh", None),
        (r"processer_list\.{i}\.eb_custom_func", "block.{i}.mesh", None),
        (r"processer_list\.{i}\.nb_custom_func", "block.{i}.nodes", None),
        (r"decoder\.decode_module", "decoder", None),
    ],
}
NORMALISERS = {"_node_normalizer": "nodes", "_edge_normalizer": "mesh", "_output_normalizer": "target"}


def fail(message):
    print(f"import_mesh_graph_net.py: {message}", file=sys.stderr)
    sys.exit(2)


def read_safetensors(path):
    data = open(path, "rb").read()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        raw = bytearray(data[8 + size + begin : 8 + size + end])
        empty = torch.empty(0, dtype=TYPES[entry["dtype"]])
        tensors[name] = (torch.frombuffer(raw, dtype=empty.dtype) if raw else empty).reshape(entry["shape"])
    return tensors, metadata


def write_safetensors(path, tensors, metadata):
    header, blobs, at = {"__metadata__": metadata}, [], 0
    for name in sorted(tensors):
        blob = tensors[name].contiguous().numpy().tobytes()
        header[name] = dict(dtype=NAMES[tensors[name].dtype], shape=list(tensors[name].shape), data_offsets=[at, at + len(blob)])
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".part", "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    os.replace(path + ".part", path)


def read_state(path):
    """The state dict with its prefixes of wrappers taken off, and what else stands in the file."""
    held = torch.load(path, map_location="cpu", weights_only=True)
    state = next((held[key] for key in ("model", "state_dict", "model_state_dict") if isinstance(held.get(key), dict)), held)
    tensors = {}
    for name, value in state.items():
        if isinstance(value, torch.Tensor):
            tensors[re.sub(r"^(module\.|_orig_mod\.|model\.)+", "", name)] = value
    return tensors, held


def perceptron(state, prefix):
    """Linear layers (weight, bias) in their order, and the normalisation (weight, bias) or None."""
    found = {}
    for name, value in state.items():
        match = re.fullmatch(prefix + r"\.((?:\w+\.)*)(weight|bias)", name)
        if match:
            place = tuple(int(word) if word.isdigit() else 0 for word in match[1].split(".") if word)
            found.setdefault(place, {})[match[2]] = value
    layers = [(entry["weight"], entry["bias"]) for _, entry in sorted(found.items()) if entry["weight"].ndim == 2]
    norms = [(entry["weight"], entry["bias"]) for _, entry in sorted(found.items()) if entry["weight"].ndim == 1]
    return layers, norms[0] if norms else None


def reordered(weight, blocks):
    """The columns of a first layer in our order."""
    parts = weight.chunk(len(blocks), 1)
    return torch.cat([parts[k] for k in blocks], 1)


def named(layout, blocks):
    for theirs, ours, order in LAYOUTS[layout]:
        for i in range(blocks if "{i}" in ours else 1):
            prefix = theirs.replace("{2i+1}", str(2 * i + 1)).replace("{2i}", str(2 * i)).replace("{i}", str(i))
            yield prefix, ours.replace("{i}", str(i)), order


def carry_over(state, layout, tensors):
    """The tensors of LIKE, each replaced by that of the state dict."""
    blocks = 1 + max(int(m[1]) for m in (re.match(r"model\.block\.(\d+)\.", name) for name in tensors) if m)
    out, used = dict(tensors), set()

    def put(name, value):
        if name not in tensors:
            fail(f"the state dict has {name}, LIKE has no such tensor (another number of hidden layers?)")
        if value.shape != tensors[name].shape:
            fail(f"{name}: {tuple(value.shape)} in the state dict, {tuple(tensors[name].shape)} in LIKE")
        out[name] = value.to(tensors[name].dtype)
        used.add(name)

    for prefix, ours, order in named(layout, blocks):
        layers, norm = perceptron(state, prefix)
        if not layers:
            fail(f"no {prefix} in the state dict; it has {', '.join(sorted(state)[:8])}, …")
        for l, (weight, bias) in enumerate(layers):
            put(f"model.{ours}.{l}.weight", reordered(weight, order) if order and l == 0 else weight)
            put(f"model.{ours}.{l}.bias", bias)
        if norm:
            put(f"model.{ours}.norm.weight", norm[0])
            put(f"model.{ours}.norm.bias", norm[1])
    left = [name for name in tensors if re.match(r"model\.(encoder|block|decoder)\.", name) and name not in used]
    if left:
        fail(f"LIKE has {left[0]} and {len(left) - 1} more that the state dict has not")
    return out


def statistics_of(held, path):
    found = {}
    for theirs, ours in NORMALISERS.items():
        if isinstance(held.get(theirs), dict):
            sums, squares, count = (torch.as_tensor(held[theirs][k]).double() for k in ("_acc_sum", "_acc_sum_squared", "_acc_count"))
            mean = (sums / count).flatten()
            found[ours] = (mean, (squares.flatten() / count - mean.square()).clamp_min(0).sqrt())
    if found and "mesh" not in found:
        found["mesh"] = (None, None)  # their edges are not normalised
    if path:
        for name, entry in json.load(open(path)).items():
            found[name] = (torch.tensor(entry["mean"]).double(), torch.tensor(entry["std"]).double())
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("state")
    parser.add_argument("like")
    parser.add_argument("out")
    parser.add_argument("--layout", choices=LAYOUTS)
    parser.add_argument("--statistics")
    options = parser.parse_args()
    state, held = read_state(options.state)
    tensors, metadata = read_safetensors(options.like)
    if not metadata.get("format", "").startswith("cotan checkpoint") or metadata.get("model") != "mesh_graph_net":
        fail(f"{options.like} is no checkpoint of a mesh_graph_net")
    layout = options.layout or ("deepmind" if any("processer_list" in name for name in state) else "physicsnemo")
    wanted = "after_residual" if layout == "physicsnemo" else "before_residual"
    if not re.search(rf"node_update: *\"?{wanted}", metadata["options"]):
        fail(f"{options.like}: this layout needs model: {{node_update: {wanted}}}")
    tensors = {name: value for name, value in tensors.items() if not name.startswith("optimiser.")}
    tensors = carry_over(state, layout, tensors)
    for name, (mean, deviation) in statistics_of(held, options.statistics).items():
        key = f"model.statistics.{name}"
        if f"{key}.mean" not in tensors:
            fail(f"no normaliser '{name}' in {options.like}")
        shape = tensors[f"{key}.mean"].shape
        mean = torch.zeros(shape).double() if mean is None else mean
        deviation = torch.ones(shape).double() if deviation is None else deviation
        if mean.shape != shape or deviation.shape != shape:
            fail(f"normaliser '{name}' has {len(mean)} numbers, expected {shape[0]}")
        tensors[f"{key}.mean"], tensors[f"{key}.m2"] = mean, deviation.square()
        tensors[f"{key}.count"] = torch.ones((), dtype=torch.float64)
    for key in ("step", "statistics_done", "best", "stale", "checksum"):
        metadata.pop(key, None)
    write_safetensors(options.out, tensors, {**metadata, "has_state": "false"})
    print(f"wrote {options.out}: {sum(v.numel() for n, v in tensors.items() if '.statistics.' not in n)} parameters, layout {layout}")


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, KeyError, RuntimeError, struct.error, pickle.UnpicklingError) as error:
        fail(f"{type(error).__name__}: {error}")
