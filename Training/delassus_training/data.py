"""Systems A λ = b of one mechanism, from runs of the simulator.

The mechanism is a chain of six ball joints, 18 rows: six links, or five and an end sphere of r link masses. A run starts
from a random bend and random angular velocities, so that runs differ in everything but the pattern of A, which is block
tridiagonal. Its problems come from `delassus capture`; they are kept in one HDF5 file per split:

    A         systems × rows × rows   (1/kg)
    b         systems × rows          (m/s)
    solution  systems × rows          λ*, by Cholesky in double precision (N s)
    run       systems                 splits are by run: neighbouring steps are nearly the same system
    step      systems
    massRatio systems                 r; 0 where there is no sphere
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

LINK_MASS = 40.0
JOINTS = 6
COLUMNS = ("A", "b", "solution", "run", "step", "massRatio")


@dataclass(frozen=True)
class Split:
    """Runs that are drawn alike."""

    name: str
    runs: int
    steps: int
    """Captured steps of a run."""
    every: int
    """Steps from one captured step to the next; 1: the step before is there to be compared with."""
    ratios: tuple[float, float] | None
    """Range of the mass ratio r, drawn by its logarithm; a quarter of the runs has no sphere. None: none has."""
    seed: int
    released: bool = False
    """Released from horizontal and at rest, as in the scene `chain`."""

    @property
    def ends_free(self) -> float:
        """Share of the runs without a sphere."""
        if self.ratios is None:
            return 1.0
        return 0.0 if self.ratios[0] == self.ratios[1] else 0.25


SPLITS = {
    split.name: split
    for split in (
        Split("train", 1000, 10, 7, (1e-2, 1e2), 1),
        Split("validation", 80, 10, 7, (1e-2, 1e2), 2),
        Split("inside", 80, 14, 1, (1e-2, 1e2), 3),
        Split("ratio-1e3", 40, 14, 1, (1e3, 1e3), 4),
        Split("ratio-1e4", 40, 14, 1, (1e4, 1e4), 5),
        Split("released", 1, 480, 1, None, 6, released=True),
    )
}


def _rotation(direction: np.ndarray) -> list[float]:
    """The quaternion (w, x, y, z) that turns the x axis into a direction."""
    quaternion = np.array([1.0 + direction[0], 0.0, -direction[2], direction[1]])
    norm = np.linalg.norm(quaternion)
    if norm < 1e-9:
        return [0.0, 0.0, 1.0, 0.0]
    return (quaternion / norm).tolist()


def scene(random: np.random.Generator, split: Split) -> tuple[dict, float]:
    """A scene of the simulator, and its mass ratio."""
    has_sphere = random.random() >= split.ends_free
    ratio = 0.0
    if has_sphere:
        low, high = split.ratios
        ratio = low if low == high else float(np.exp(random.uniform(np.log(low), np.log(high))))
    direction = np.array([1.0, 0.0, 0.0])
    bend = 0.0
    spin = 0.0
    if not split.released:
        direction = random.normal(size=3)
        direction /= np.linalg.norm(direction)
        bend = random.uniform(0.0, 0.8)
        spin = random.choice([0.0, 0.5, 2.0])
    point = np.zeros(3)
    speed = np.zeros(3)
    bodies = []
    for index in range(JOINTS):
        direction = direction + bend * random.normal(size=3)
        direction /= np.linalg.norm(direction)
        turning = spin * random.normal(size=3)
        is_sphere = has_sphere and index == JOINTS - 1
        shape = {"type": "box", "halfExtents": [0.5, 0.1, 0.1]}
        if is_sphere:
            shape = {"type": "sphere", "radius": 0.5}
        bodies.append(
            {
                "name": f"link{index}",
                "position": (point + 0.5 * direction).tolist(),
                "orientation": _rotation(direction),
                "velocity": (speed + np.cross(turning, 0.5 * direction)).tolist(),
                "angularVelocity": turning.tolist(),
                "shape": shape,
                "mass": LINK_MASS * ratio if is_sphere else LINK_MASS,
                "mask": 0,
            }
        )
        bodies[-1]["anchor"] = point.tolist()
        point = point + direction
        speed = speed + np.cross(turning, direction)
    joints = []
    for index, body in enumerate(bodies):
        joint = {"type": "ball", "name": f"joint{index}", "b": f"link{index}", "anchor": body.pop("anchor")}
        if index > 0:
            joint["a"] = f"link{index - 1}"
        joints.append(joint)
    return {"summary": "A chain of six ball joints.", "bodies": bodies, "joints": joints}, ratio


def _matrix(path: Path) -> np.ndarray:
    """A MatrixMarket file as a dense matrix."""
    with open(path) as file:
        kind = file.readline().split()
        lines = [line for line in file if not line.startswith("%")]
    rows, columns = map(int, lines[0].split()[:2])
    values = np.array(" ".join(lines[1:]).split(), dtype=float)
    if kind[2] == "array":
        return values.reshape(columns, rows).T
    values = values.reshape(-1, 3)
    matrix = np.zeros((rows, columns))
    i, j = values[:, 0].astype(int) - 1, values[:, 1].astype(int) - 1
    matrix[i, j] = values[:, 2]
    if kind[4] == "symmetric":
        matrix[j, i] = values[:, 2]
    return matrix


def _run(executable: str, split: Split, run: int) -> dict[str, list]:
    random = np.random.default_rng([split.seed, run])
    content, ratio = scene(random, split)
    first = 3 if split.released else int(random.integers(2, 40))
    columns: dict[str, list] = {name: [] for name in COLUMNS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mechanism.json"
        path.write_text(json.dumps(content))
        command = [executable, "capture", str(path), "--solver", "ldl", "--format", "matrixmarket", "--substeps", "1"]
        command += ["--timestep", str(1 / 240), "--output", folder, "--first", str(first), "--every", str(split.every)]
        command += ["--last", str(first + split.every * (split.steps - 1))]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {result.stderr.strip()}")
        for file in sorted(Path(folder).glob("*.mtx")):
            if file.stem.endswith(("_b", "_x")):
                continue
            A = _matrix(file)
            b = _matrix(file.with_name(file.stem + "_b.mtx"))[:, 0]
            columns["A"].append(A)
            columns["b"].append(b)
            columns["solution"].append(np.linalg.solve(A, b))
            columns["run"].append(run)
            columns["step"].append(int(file.stem.split("-")[-1]))
            columns["massRatio"].append(ratio)
    return columns


def generate(executable: str, folder: Path, scale: float = 1.0, workers: int = 2) -> None:
    """Writes every split as FOLDER/NAME.hdf5; `scale` shrinks the number of runs."""
    folder.mkdir(parents=True, exist_ok=True)
    for split in SPLITS.values():
        runs = max(1, round(split.runs * scale))
        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(lambda run: _run(executable, split, run), range(runs)))
        with h5py.File(folder / f"{split.name}.hdf5", "w") as file:
            for name in COLUMNS:
                file[name] = np.concatenate([np.asarray(part[name]) for part in parts])


def load(folder: Path, name: str) -> dict[str, np.ndarray]:
    """The columns of a split."""
    with h5py.File(folder / f"{name}.hdf5") as file:
        return {column: file[column][:] for column in COLUMNS}
