"""More than a hundred archives that are not what they were, made of one that is whole.

`hostile_archives(good)` gives content by name. Those of the first kind are damaged as files
are; the others are packed anew, as by somebody who knows how, so that only what stands in
them can give them away.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from ann_core.export.archive.archive_format import FIRST_LAYER, MANIFEST, REQUIRED
from ann_core.stored_names import FEATURE_ROWS
from tests.helpers.exported_run import arrays_of, members_of, repacked, stored

Cases = Iterator[tuple[str, bytes]]
Arrays = dict[str, np.ndarray]


def hostile_archives(good: bytes) -> dict[str, bytes]:
    """Make them all."""
    members = members_of(good)
    parts = [
        *(damaged(good), odd_zips(members), odd_members(members), odd_texts(members)),
        *(odd_arrays(members), odd_models(members)),
    ]
    cases: dict[str, bytes] = {}
    for part in parts:
        for name, content in part:
            assert name not in cases, name
            assert content != good, name
            cases[name] = content
    return cases


def damaged(good: bytes) -> Cases:
    dice = random.Random(0)
    for number in range(40):
        hit = bytearray(good)
        index = dice.randrange(len(hit))
        hit[index] ^= 1 << dice.randrange(8)
        yield f"bit {number} at {index}", bytes(hit)
    for number in range(12):
        yield f"cut {number}", good[: dice.randrange(len(good))]
    for number in range(6):
        start = dice.randrange(len(good) - 200)
        yield f"hole {number}", good[:start] + bytes(200) + good[start + 200 :]
    yield "nothing", b""
    yield "text", b"This is no zip file."
    yield "more behind", good + b"x"
    yield "more before", b"x" + good
    yield "twice", good + good
    yield "packed again", zipped({MANIFEST: b"{}", **members_of(good)})


def odd_zips(members: dict[str, bytes]) -> Cases:
    """Tricks with the zip file itself, under a seal that fits, as the first version wrote it."""
    manifest = members_and_manifest(members)
    yield "all deflated", resealed(zipped(manifest, compression=zipfile.ZIP_DEFLATED))
    yield "no manifest", resealed(zipped(members))
    yield "empty zip", resealed(zipped({}))
    yield "manifest last", resealed(zipped({**members, MANIFEST: manifest[MANIFEST]}))
    stated = json.loads(manifest[MANIFEST])
    for name, change in {
        "of another format": {"format": 2},
        "without a format": {"format": None},
        "with more to say": {"run": "import os"},
        "that lists nothing": {"members": {}},
    }.items():
        text = json.dumps(stated | change).encode()
        yield f"manifest {name}", resealed(zipped(manifest | {MANIFEST: text}))
    wrong = json.loads(manifest[MANIFEST])
    wrong["members"]["config.json"]["sha256"] = "0" * 64
    text = json.dumps(wrong).encode()
    yield "another hash", resealed(zipped(manifest | {MANIFEST: text}))
    wrong["members"]["config.json"] = {"size": 10**18, "sha256": "0" * 64}
    text = json.dumps(wrong).encode()
    yield "another size", resealed(zipped(manifest | {MANIFEST: text}))
    yield "manifest no JSON", resealed(zipped(manifest | {MANIFEST: b"\x80\x04."}))
    yield "manifest a bomb", resealed(zipped(manifest | {MANIFEST: b"[" * 200_000}))
    yield "another date", resealed(zipped(manifest, date=(1990, 1, 1, 0, 0, 0)))
    yield "a comment", zipped(manifest, comment=b"cut here")
    yield "a link", resealed(zipped(manifest, attributes={"config.json": 0o120777 << 16}))
    yield "a device", resealed(zipped(manifest, attributes={"answers.npz": 0o020666 << 16}))
    locked = bytearray(zipped(manifest))
    for start in (locked.find(b"PK\3\4") + 6, locked.find(b"PK\1\2") + 8):
        locked[start] |= 1
    yield "locked", resealed(bytes(locked))
    twice = io.BytesIO(zipped(manifest))
    with zipfile.ZipFile(twice, "a") as bundle:
        info = zipfile.ZipInfo("config.jsom")
        bundle.writestr(info, members["config.json"])
    yield "one twice", resealed(twice.getvalue().replace(b"config.jsom", b"config.json"))
    lying = bytearray(zipped(manifest))
    at = lying.find(b"PK\1\2", lying.find(b"PK\1\2") + 4)
    lying[at + 20 : at + 28] = struct.pack("<II", 2**32 - 2, 2**32 - 2)
    yield "a size that lies", resealed(bytes(lying))


def odd_members(members: dict[str, bytes]) -> Cases:
    for name in sorted(REQUIRED | {"scaling.npz", FIRST_LAYER}):
        yield (
            f"without {name}",
            repacked({key: part for key, part in members.items() if key != name}),
        )
    evil = b"import os; os.system('touch /tmp/evil')"
    for name in (
        *("model.keras", "evil.py", "worker.log", "../evil.json", "/etc/evil.json"),
        *("C:\\evil.json", "..\\evil.json", "first_layer/../../evil.npz", "first_layer/"),
        *("first_layer/epoch-00001.npz", "first_layer/evil.npz", "config.json/evil", "CONFIG.JSON"),
        *("checkpoints/attempt1.npz", "hidden.npz", "a\nb.json", "\uff43onfig.json", 300 * "x"),
    ):
        yield f"with {name[:40]!r}", repacked(members | {name: evil})
    snapshot = members["first_layer/final.npz"]
    many = {f"first_layer/epoch-{number:04d}.npz": snapshot for number in range(60)}
    yield "with too many", repacked(members | many)


def odd_texts(members: dict[str, bytes]) -> Cases:
    """JSON and CSV that say what cannot be."""

    def changed(name: str, change: Callable[[Any], Any]) -> bytes:
        return repacked(members | {name: json.dumps(change(json.loads(members[name]))).encode()})

    texts = sorted(name for name in members if name.endswith((".json", ".csv")))
    for name in texts:
        yield f"{name} empty", repacked(members | {name: b""})
        yield f"{name} no text", repacked(members | {name: b"\xff\xfe\x00" + members[name]})
    for name in (name for name in texts if name.endswith(".json")):
        yield f"{name} a number", repacked(members | {name: b"7"})
        yield f"{name} deep", repacked(members | {name: b"[" * 100_000 + b"]" * 100_000})
    for name, change in {
        "elsewhere": {"dataset": "../../../etc"},
        "of no content": {"fingerprint": "x" * 32},
        "with more": {"command": "rm -rf /"},
        "of another size": {"preprocess": {"image_size": [16, 16]}},
        "of a giant": {"preprocess": {"image_size": [10**9, 10**9]}},
        "of other layers": {"network": {"hidden_units": [9, 6]}},
        "of endless layers": {"network": {"hidden_units": [8192] * 1000}},
        "of no rate": {"network": {"learning_rate": float("nan")}},
        "of one epoch": {"network": json.loads(members["config.json"])["network"] | {"epochs": 1}},
    }.items():
        yield f"config {name}", changed("config.json", lambda values, c=change: values | c)
    for name, change in {
        "running": {"status": "running"},
        "not rated": {"seconds": float("inf")},
        "before time": {"created": "yesterday"},
        "owned": {"owner": "0" * 64},
        "of a later epoch": {"kept_epoch": 99},
        "with a tracking picture": {"ended_by": "![](https://example.org/pixel.png)"},
        "with a long name": {"name": "x" * 10_000},
        "of minus one": {"n_skipped": -1},
    }.items():
        yield f"run {name}", changed("run.json", lambda values, c=change: values | c)
    for name, names in {
        "twice": ["dark", "dark"],
        "one": ["dark"],
        "three": ["bright", "dark", "gray"],
        "numbers": [1, 2],
        "long": ["bright", "d" * 10_000],
        "exchanged": ["dark", "bright"],
    }.items():
        yield f"classes {name}", changed("class_names.json", lambda _, n=names: n)
    yield "other preprocessing", changed("preprocessing.json", lambda v: v | {"mode": "rgb"})
    yield "better scores", changed("evaluation.json", lambda v: v | {"accuracy": 0.123})
    yield "scores of text", changed("evaluation.json", lambda v: v | {"loss": "1"})
    yield "reach of nothing", changed("reach.json", lambda v: v | {"distance_limit": float("nan")})
    yield "reach of more", changed("reach.json", lambda v: v | {"confidence_floor": 1.5})
    n_own = json.loads(members["ood_rule.json"])["own"][1]
    for name, change in {
        "of nothing": {"mean": []},
        "of text": {"limits": {"distance": "1"}},
        "that is infinite": {"deviation": [float("inf")] * 19},
        "of other pictures": {"others": {"<b>kittens</b>": [1, 1]}},
        "that warns of nothing": {"own": [0, n_own + 1]},
        "that warns of all": {"own": [n_own, n_own]},
    }.items():
        yield f"rule {name}", changed("ood_rule.json", lambda v, c=change: v | c)
    yield "other prints", changed("fingerprints.json", lambda v: dict.fromkeys(v, "0" * 16))
    yield "no digits", changed("fingerprints.json", lambda v: dict.fromkeys(v, 7))
    lines = members["history.csv"].decode().splitlines()
    counts = members["confusion_matrix.csv"].decode()
    for name, text in {
        "without an epoch": [lines[0], *lines[2:]],
        "without epochs": lines[:1],
        "of other columns": [lines[0].replace("loss", "gain"), *lines[1:]],
        "no number": [*lines[:2], lines[2].replace(".", ",", 1)],
        "not finite": [*lines[:2], ",".join(["2", "nan", *lines[2].split(",")[2:]])],
    }.items():
        yield f"history {name}", repacked(members | {"history.csv": "\n".join(text).encode()})
    digit = next(letter for letter in counts if letter.isdigit() and letter != "0")
    yield (
        "confusion",
        repacked(members | {"confusion_matrix.csv": counts.replace(digit, "0", 1).encode()}),
    )


def odd_arrays(members: dict[str, bytes]) -> Cases:
    """Arrays that cannot be, and arrays that would do harm if somebody believed them."""

    def changed(name: str, change: Callable[[Arrays], Any]) -> bytes:
        arrays = arrays_of(members[name])
        change(arrays)
        return repacked(members | {name: stored(arrays)})

    def put(name: str, array: str, value: Any, index: Any = 0) -> bytes:
        return changed(name, lambda arrays: arrays[array].__setitem__(index, value))

    predictions = "answers.npz"
    yield "answers NaN", put(predictions, "probabilities", np.nan)
    yield "answers infinite", put(predictions, "probabilities", np.inf)
    yield "answers below 0", put(predictions, "probabilities", [-1.0, 2.0])
    yield "answers of nothing", put(predictions, "probabilities", [0.0, 0.0])
    yield "labels below 0", put(predictions, "labels", -1)
    yield "labels too high", put(predictions, "labels", 2)
    yield "splits unknown", put(predictions, "splits", 7)
    yield "splits all train", put(predictions, "splits", 0, slice(None))
    yield "rows below 0", put(predictions, "rows", -5)
    yield "rows twice", put(predictions, "rows", 0, 1)
    yield "places elsewhere", put(predictions, "places", 10**9)
    yield (
        "other answers",
        changed(predictions, lambda a: a.update(probabilities=a["probabilities"][:, ::-1].copy())),
    )
    yield "fewer answers", changed(predictions, lambda a: a.update(probabilities=a["labels"][:3]))
    yield "no answers", changed(predictions, lambda a: a.update({k: v[:0] for k, v in a.items()}))
    yield (
        "answers of 64 bits",
        changed(
            predictions, lambda a: a.update(probabilities=a["probabilities"].astype(np.float64))
        ),
    )
    yield "answers without labels", changed(predictions, lambda a: a.pop("labels"))
    yield "answers with more", changed(predictions, lambda a: a.update(more=np.arange(3)))
    for array in ("probabilities", "labels", "splits", "rows", "places"):
        yield (
            f"{array} one number",
            changed(predictions, lambda a, name=array: a.update({name: a[name].ravel()[0]})),
        )
    pickled = io.BytesIO()
    np.savez(pickled, **arrays_of(members[predictions]) | {"labels": np.array([{}, print])})  # type: ignore[arg-type]
    yield "answers pickled", repacked(members | {predictions: pickled.getvalue()})
    bomb = io.BytesIO()
    one_row = {FEATURE_ROWS: np.arange(1)}
    np.savez_compressed(bomb, table=np.zeros((1, 50_000_000), np.uint8), **one_row)  # type: ignore[arg-type]
    yield "pixels a bomb", repacked(members | {"pixels.npz": bomb.getvalue()})
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays_of(members["pixels.npz"]))  # type: ignore[arg-type]
    yield "pixels packed", repacked(members | {"pixels.npz": packed.getvalue()})
    for number, shape in enumerate([(2**40, 2**20), (-1, 64), (2**63,), (10**9,)]):
        yield f"shape {number}", repacked(members | {"pixels.npz": claiming(shape)})
    yield "pixels of other pictures", put("pixels.npz", "table", 255, slice(None))
    yield "last pixels white", put("pixels.npz", "table", 255, -1)
    yield "pixels elsewhere", put("pixels.npz", "places", 0)
    yield (
        "fewer pixels",
        changed("pixels.npz", lambda a: a.update({name: values[1:] for name, values in a.items()})),
    )
    yield "pixels no npz", repacked(members | {"pixels.npz": b"\x93NUMPY\1\0"})
    final = "first_layer/final.npz"
    yield "layer NaN", put(final, "norms", np.nan)
    yield "layer of more nodes", put(final, "nodes", 10**6, -1)
    yield "layer of another network", changed(final, lambda a: a.update(n_units=np.array(99)))
    yield (
        "layer of other pictures",
        changed(final, lambda a: a.update(weights=a["weights"][:, :10].copy())),
    )
    yield (
        "layer empty",
        changed(final, lambda a: a.update({k: v[:0] for k, v in a.items() if v.ndim})),
    )
    for array in ("nodes", "weights", "norms"):
        yield (
            f"layer of one number in {array}",
            changed(final, lambda a, name=array: a.update({name: a[name].ravel()[0]})),
        )
    late = {"first_layer/epoch-0512.npz": members[final]}
    yield "layer of no epoch", repacked(members | late)
    yield "scaling by nothing", put("scaling.npz", "std", 0.0)
    yield "scaling NaN", put("scaling.npz", "mean", np.nan)
    yield "scaling of less", changed("scaling.npz", lambda a: a.update(mean=a["mean"][:3]))


def odd_models(members: dict[str, bytes]) -> Cases:
    model = members["model.tflite"]
    yield "model empty", repacked(members | {"model.tflite": b""})
    yield "model of noise", repacked(members | {"model.tflite": random.Random(1).randbytes(9_000)})
    yield "model cut", repacked(members | {"model.tflite": model[: len(model) // 2]})
    yield "model padded", repacked(members | {"model.tflite": model + bytes(2_000_000)})
    yield "model of other weights", repacked(members | {"model.tflite": rewritten(model, _lean)})
    yield "model strange", repacked(members | {"model.tflite": rewritten(model, _make_strange)})
    yield "model mixed up", repacked(members | {"model.tflite": rewritten(model, _mix_up)})
    zeros = bytearray(model)
    zeros[8:200] = bytes(192)
    yield "model with a hole", repacked(members | {"model.tflite": bytes(zeros)})


def rewritten(model: bytes, change: Callable[[Any], None]) -> bytes:
    """Take a model apart as its schema says, change it, and put it together again."""
    parts = schema.ModelT.InitFromPackedBuf(bytearray(model), 0)
    change(parts)
    builder = flatbuffers.Builder(1024)
    builder.Finish(parts.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _lean(model: Any) -> None:
    """Give one bias another value."""
    for tensor in model.subgraphs[0].tensors:
        data = model.buffers[tensor.buffer].data
        if data is not None and list(tensor.shape) == [2]:
            values = np.frombuffer(bytes(data), dtype=np.float32) + np.float32([0.01, 0.0])
            model.buffers[tensor.buffer].data = np.frombuffer(values.tobytes(), dtype=np.uint8)


def _make_strange(model: Any) -> None:
    codes = schema.BuiltinOperator
    for code in model.operatorCodes:
        if code.builtinCode == codes.SOFTMAX:
            code.builtinCode = code.deprecatedBuiltinCode = codes.LOG_SOFTMAX


def _mix_up(model: Any) -> None:
    """Call the last hidden layer the answer."""
    first, second = model.signatureDefs[0].outputs
    first.tensorIndex, second.tensorIndex = second.tensorIndex, first.tensorIndex


def zipped(
    members: dict[str, bytes],
    compression: int = zipfile.ZIP_STORED,
    attributes: dict[str, int] | None = None,
    *,
    date: tuple[int, int, int, int, int, int] = (1980, 1, 1, 0, 0, 0),
    comment: bytes = b"",
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as bundle:
        bundle.comment = comment
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, date)
            entry.compress_type = compression
            entry.external_attr = (attributes or {}).get(name, 0o600 << 16)
            bundle.writestr(entry, content)
    return buffer.getvalue()


def members_and_manifest(members: dict[str, bytes]) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(repacked(members))) as bundle:
        return {MANIFEST: bundle.read(MANIFEST)} | members


def resealed(content: bytes) -> bytes:
    """Put a seal that fits under a zip file that has none."""
    mark = b"flatland run 1, sha256 "
    body = content[:-2] + struct.pack("<H", len(mark) + 64) + mark
    return body + hashlib.sha256(body).hexdigest().encode()


def claiming(shape: tuple[int, ...]) -> bytes:
    """An npz whose table says that it is far larger than it is."""
    header = repr({"descr": "|u1", "fortran_order": False, "shape": shape})
    text = (header + " " * (117 - len(header)) + "\n").encode()
    table = b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + bytes(64)
    feature_rows = io.BytesIO()
    np.save(feature_rows, np.arange(1))
    return zipped({"table.npy": table, f"{FEATURE_ROWS}.npy": feature_rows.getvalue()})
