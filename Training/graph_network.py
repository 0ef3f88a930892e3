"""Trains the graph networks: `graph-network` (λ from nothing but the problem) and `contact-guess` (the guess `learned`).

    python Training/graph_network.py graph-network training.h5 validation.h5 --loss energy
    python Training/graph_network.py contact-guess training.h5,visited.h5 validation.h5 --start contact-guess.safetensors

The second adds systems that a simulation visits when the network itself makes the guesses (DAgger: Ross, Gordon, Bagnell
2011; `train.sh` has the rounds): what the network does changes what it sees.

The layers are those of `GatedNetwork.swift`, written once more in PyTorch; golden pairs hold the two together. Systems
come from `delassus dataset`. A batch is one large system with A = J M⁻¹ Jᵀ + σ block diagonal.
"""
import argparse
import json
import pathlib
import time

import h5py
import numpy as np
import scipy.sparse as sparse
import torch
from safetensors.torch import load_file, save_file

INPUTS, HIDDEN, OUTPUTS = 14, 16, 4
COULOMB = "coulomb"


class Batch:
    """Some systems of a dataset as one: Â = R A R, b̂ = R b / s, with R the row scales and s the root mean square of a
    system's R b. Vectors have one entry a row, traits five a block."""

    def __init__(self, data, systems, guess, dtype=torch.float32):
        def rows_of(table, starts):
            return np.concatenate([np.arange(starts[i], starts[i + 1]) for i in systems])

        row, block, body = (data[f"{n}Start"] for n in ("row", "block", "body"))
        rows, blocks, bodies = rows_of(data, row), rows_of(data, block), rows_of(data, body)
        counts = {n: np.array([s[i + 1] - s[i] for i in systems]) for n, s in
                  (("row", row), ("block", block), ("body", body))}
        body_offset = np.repeat(np.cumsum(counts["body"]) - counts["body"], counts["block"])
        sizes = data["rowCount"][blocks]
        first = np.cumsum(sizes) - sizes
        block_of_row = np.repeat(np.arange(len(blocks)), sizes)
        place = np.arange(len(rows)) - first[block_of_row]
        system_of_row = np.repeat(np.arange(len(systems)), counts["row"])
        a, b = data["bodyA"][blocks], data["bodyB"][blocks]
        a, b = np.where(a >= 0, a + body_offset, -1), np.where(b >= 0, b + body_offset, -1)

        # J, and A from it.
        entries, row_index, columns = [], [], []
        for half, of in ((0, a), (1, b)):
            moves = of[block_of_row] >= 0
            at = np.nonzero(moves)[0]
            entries.append(data["jacobian"][rows[at], 6 * half:6 * half + 6].ravel())
            row_index.append(np.repeat(at, 6))
            columns.append((6 * of[block_of_row[at]][:, None] + np.arange(6)).ravel())
        jacobian = sparse.csr_matrix(
            (np.concatenate(entries), (np.concatenate(row_index), np.concatenate(columns))),
            shape=(len(rows), 6 * len(bodies)))
        inverse = np.zeros((len(bodies), 6, 6))
        for k in range(3):
            inverse[:, k, k] = data["inverseMass"][bodies]
        inverse[:, 3:, 3:] = data["inverseInertia"][bodies].reshape(-1, 3, 3)
        inverse = sparse.bsr_matrix(
            (inverse, np.arange(len(bodies)), np.arange(len(bodies) + 1)), shape=(6 * len(bodies),) * 2)
        matrix = jacobian @ inverse @ jacobian.T + sparse.diags(data["compliance"][rows])

        # Channels and scales.
        is_cone, is_box = data["set"][blocks] == 2, data["set"][blocks] == 1
        cone_row = is_cone[block_of_row]
        channel = np.where(cone_row, place >= 1, place >= 3).astype(np.int64)
        group = np.where(cone_row & (place >= 3), 2, channel)
        diagonal = data["diagonal"][rows]
        key = 3 * block_of_row + group
        sums = np.bincount(key, diagonal, 3 * len(blocks))
        sizes_of_groups = np.maximum(np.bincount(key, minlength=3 * len(blocks)), 1)
        mean = (sums / sizes_of_groups)[key]
        rho = np.where(mean > 0, 1 / np.sqrt(np.where(mean > 0, mean, 1)), 0)
        scaled = rho * data["rightHandSide"][rows]
        s = np.sqrt(np.bincount(system_of_row, scaled**2) / counts["row"])
        s = np.where(s > 0, s, 1)[system_of_row]

        # Traits.
        degree = np.bincount(a[a >= 0], minlength=len(bodies)) + np.bincount(b[b >= 0], minlength=len(bodies))
        crowd = np.where(a >= 0, degree[a], 0) + np.where(b >= 0, degree[b], 0)
        rho_n, rho_t = rho[first], rho[np.minimum(first + 1, len(rho) - 1)]
        mu = np.where(is_cone & (rho_t > 0), data["friction"][blocks] * rho_n / np.where(rho_t > 0, rho_t, 1), 0)
        new = data["isNew"][blocks] > 0
        touched = np.zeros(len(bodies) + 1, bool)
        for of in (a, b):
            touched[of[new & (of >= 0)]] = True
        touched[-1] = False
        near = touched[a] | touched[b]

        def tensor(x, kind=dtype):
            return torch.as_tensor(np.ascontiguousarray(x), dtype=kind)

        scale = sparse.diags(rho)
        hat = (scale @ matrix @ scale).tocsr()
        self.matrix = torch.sparse_csr_tensor(
            tensor(hat.indptr, torch.int64), tensor(hat.indices, torch.int64), tensor(hat.data), size=hat.shape)
        self.b = tensor(scaled / s)
        self.unit = tensor(np.where(rho > 0, rho, 1) * s)  # λ = unit · λ̂
        self.moves = tensor(rho > 0)
        safe = np.where(rho > 0, rho, 1) * s
        self.lower, self.upper = tensor(data["lower"][rows] / safe), tensor(data["upper"][rows] / safe)
        self.truth = tensor(data["lambda"][rows] / safe)
        self.warm = tensor(data["lambdaPrevious"][rows] / safe)
        self.channel = tensor(2 * block_of_row + channel, torch.int64)
        self.system = tensor(system_of_row, torch.int64)
        self.count, self.blocks = len(systems), len(blocks)
        self.cone = tensor(np.nonzero(is_cone)[0], torch.int64)
        self.first = tensor(first[is_cone], torch.int64)
        self.friction = tensor(data["friction"][blocks][is_cone])
        self.size = sizes[is_cone]
        laws = data["law"][systems][np.repeat(np.arange(len(systems)), counts["block"])[is_cone]]
        self.coulomb = tensor(laws == data["coulomb"], torch.bool)
        self.box = tensor(is_box[block_of_row], torch.bool)
        self.first_of_block = tensor(first, torch.int64)
        self.is_cone = tensor(is_cone)
        self.traits = tensor(np.stack(
            [is_cone, is_box, mu / (1 + mu), crowd / (8 + crowd), new if guess else np.zeros(len(new))], 1))
        self.mask = tensor((near if guess else np.ones(len(near)))[block_of_row])

    def residual(self, x):
        """ŵ = Â λ̂ − b̂."""
        return (self.matrix @ x[:, None])[:, 0] - self.b

    def project(self, x):
        """P_K of three-row cones and boxes, in impulses of their own units, as `BlockSolution.clamp`."""
        x = torch.where(self.box, torch.minimum(torch.maximum(x, self.lower), self.upper), x)
        if len(self.first) == 0:
            return x
        f = self.first
        n, t1, t2 = (x[f + k] * self.unit[f + k] for k in range(3))
        t = torch.sqrt(t1 * t1 + t2 * t2 + 1e-30)
        mu = self.friction
        inside = t <= mu * n
        convex = torch.clamp((n + mu * t) / (1 + mu * mu), min=0)
        normal = torch.where(self.coulomb, torch.clamp(n, min=0), torch.where(inside, n, convex))
        shorten = torch.where(t <= mu * normal, torch.ones_like(t), mu * normal / t)
        y = x.clone()
        y[f] = normal / self.unit[f]
        y[f + 1] = shorten * t1 / self.unit[f + 1]
        y[f + 2] = shorten * t2 / self.unit[f + 2]
        return y

    def sums(self, values):
        """Sums over the rows of every system."""
        return torch.zeros(self.count, dtype=values.dtype).index_add(0, self.system, values)

    def by_channel(self, values):
        """Sums over the rows of both channels of every block, blocks × 2."""
        return torch.zeros(2 * self.blocks, dtype=values.dtype).index_add(0, self.channel, values).reshape(-1, 2)


class GatedNetwork(torch.nn.Module):
    """The layers; see `GatedNetwork.swift` for the equations."""

    def __init__(self, depth):
        super().__init__()
        for k in range(depth):
            layer = torch.nn.Sequential(
                torch.nn.Linear(INPUTS, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, OUTPUTS))
            with torch.no_grad():
                layer[2].weight.mul_(0.1)
                layer[2].bias.copy_(torch.tensor([-2.0, -2.0, 0.0, 0.0]))
            setattr(self, f"layer{k}", layer)
        self.depth = depth

    @staticmethod
    def invariants(batch, x, before, w):
        g, m = -w * batch.moves, (x - before) * batch.moves
        gg, mm, gm, ll = (batch.by_channel(v) for v in (g * g, m * m, g * m, x * x * batch.moves))

        def squash(square):
            root = torch.sqrt(square + 1e-24)
            return root / (1 + root)

        cosine = gm / torch.sqrt(gg * mm + 1e-24)
        size = squash(gg)
        sign = torch.where(w[batch.first_of_block] < 0, 1.0, -1.0).to(x.dtype)
        return torch.cat(
            [size, squash(mm), cosine, squash(ll), (batch.is_cone * sign * size[:, 0])[:, None], batch.traits], 1)

    def forward(self, batch, x):
        """λ̂ after all layers, from the start x."""
        before = x
        for k in range(self.depth):
            w = batch.residual(x)
            gates = getattr(self, f"layer{k}")(self.invariants(batch, x, before, w))
            gates = gates / (1 + gates.abs())
            alpha, beta = (1 + gates[:, :2]).reshape(-1)[batch.channel], gates[:, 2:].reshape(-1)[batch.channel]
            change = batch.mask * batch.moves * (beta * (x - before) - alpha * w)
            before, x = x, batch.project(x + change)
        return x


def energy(batch, x):
    """½ λᵀA λ − bᵀλ of every system, in scaled units."""
    return batch.sums(x * (0.5 * (batch.residual(x) + batch.b) - batch.b))


def relative_error(batch, x):
    """‖λ − λ*‖²_A / ‖λ*‖²_A: in the A-norm, as λ itself is not unique."""
    truth = batch.sums(batch.truth * (batch.residual(batch.truth) + batch.b)).clamp(min=1e-12)
    d = x - batch.truth
    return batch.sums(d * (batch.residual(d) + batch.b)) / truth


def energy_gap(batch, x):
    """(E(λ) − E(λ*)) / |E(λ*)|. Coulomb's law has no energy; what is measured there is that of the cones alone."""
    return (energy(batch, x) - energy(batch, batch.truth)) / energy(batch, batch.truth).abs().clamp(min=1e-9)


def natural_map(batch, x):
    """‖λ̂ − P_K(λ̂ − ŵ)‖² / ‖b̂‖²."""
    return batch.sums((x - batch.project(x - batch.residual(x))) ** 2) / batch.sums(batch.b**2)


def residual(batch, x):
    """‖ŵ‖² / ‖b̂‖²: the article's, blind to the sets."""
    return batch.sums(batch.residual(x) ** 2) / batch.sums(batch.b**2)


def fischer_burmeister(batch, x):
    """The natural map with φ(λ, w) = √(λ² + w²) − λ − w for contacts' normals (Fischer 1992): smooth but at 0."""
    w = batch.residual(x)
    gap = x - batch.project(x - w)
    f = batch.first
    if len(f):
        phi = torch.sqrt(x[f] ** 2 + w[f] ** 2 + 1e-24) - x[f] - w[f]
        gap = gap.index_copy(0, f, phi)
    return batch.sums(gap**2) / batch.sums(batch.b**2)


def unrolled(batch, x):
    """The natural map after four projected Jacobi steps from λ: what the network is worth to a solver behind it."""
    for _ in range(4):
        x = batch.project(x - 0.3 * batch.moves * batch.residual(x))
    return natural_map(batch, x)


# The losses of learned.md (e), scale-free, one number a system.
LOSSES = {"supervised": relative_error, "energy": energy_gap, "natural-map": natural_map, "residual": residual,
          "fischer-burmeister": fischer_burmeister, "unrolled": unrolled}


def read(path):
    """The arrays of a dataset that training needs, by name."""
    with h5py.File(path) as file:
        data = {}
        for group in ("systems", "blocks", "rows", "bodies"):
            for name, values in file[group].items():
                data[name] = values[...]
        names = file["families/name"][()]
        data["families"] = (names.decode() if isinstance(names, bytes) else str(names)).split()
        data["coulomb"] = 2
    return data


def chosen(data, guess, largest_rows):
    """Systems to learn from: of a guess those with new blocks among known ones."""
    rows = np.diff(data["rowStart"])
    keep = (rows > 0) & (rows <= largest_rows)
    # Cones with moment rows are not in the twin's projection.
    cone = (data["set"] == 2) & (data["rowCount"] != 3)
    for i in range(len(rows)):
        part = slice(data["blockStart"][i], data["blockStart"][i + 1])
        if cone[part].any():
            keep[i] = False
        elif guess:
            new = data["isNew"][part] > 0
            keep[i] &= new.any() and not new.all()
    return np.nonzero(keep)[0]


def batches(data, systems, size, guess, rng=None, dtype=torch.float32):
    """Batches of systems, shuffled where a generator is given."""
    order = rng.permutation(systems) if rng is not None else systems
    return [Batch(data, order[k:k + size], guess, dtype) for k in range(0, len(order), size)]


def start(batch, guess):
    """λ̂ that the layers begin with."""
    return batch.project(batch.warm) if guess else torch.zeros_like(batch.b)


def evaluate(network, some, guess):
    """Medians of all losses and of the supervised one without the network, over systems."""
    found = {}
    with torch.no_grad():
        for batch in some:
            x0 = start(batch, guess)
            x = network(batch, x0)
            for name, loss in LOSSES.items():
                found.setdefault(name, []).append(loss(batch, x))
            found.setdefault("supervised at the start", []).append(relative_error(batch, x0))
    return {name: float(torch.cat(values).median()) for name, values in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=("graph-network", "contact-guess"))
    parser.add_argument("training", help="one dataset or more, with commas")
    parser.add_argument("validation")
    parser.add_argument("--loss", default="energy", choices=LOSSES)
    parser.add_argument("--start", help="weights to begin with")
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--largest-rows", type=int, default=600)
    parser.add_argument("--output", default="Assets/Models")
    parser.add_argument("--golden", default="Tests/LearnedSolverTests/Golden")
    options = parser.parse_args()

    began = time.time()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(options.seed)
    guess = options.model == "contact-guess"
    sets, held = [read(path) for path in options.training.split(",")], read(options.validation)
    some = [batch for data in sets
            for batch in batches(data, chosen(data, guess, options.largest_rows), options.batch, guess, rng)]
    check = batches(held, chosen(held, guess, options.largest_rows), options.batch, guess)
    network = GatedNetwork(options.depth)
    if options.start:
        network.load_state_dict({n.replace(".1.", ".2."): t for n, t in load_file(options.start).items()})
    before = evaluate(network, check, guess)
    optimizer = torch.optim.Adam(network.parameters(), lr=options.rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, options.steps)
    for step in range(options.steps):
        batch = some[rng.integers(len(some))]
        # log: every system counts alike, whether its start is near or far.
        loss = torch.log(LOSSES[options.loss](batch, network(batch, start(batch, guess))).clamp(min=0) + 1e-6).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 250 == 249:
            print(f"step {step + 1}: {evaluate(network, check, guess)}", flush=True)

    output, golden = pathlib.Path(options.output), pathlib.Path(options.golden)
    output.mkdir(parents=True, exist_ok=True)
    golden.mkdir(parents=True, exist_ok=True)
    tensors = {name.replace(".2.", ".1."): value.detach().float().contiguous()
               for name, value in network.state_dict().items()}
    save_file(tensors, output / f"{options.model}.safetensors", {
        "schema": "gated-1", "architecture": f"gated {INPUTS}-{HIDDEN}-{OUTPUTS} × {options.depth}",
        "largestBodyCount": str(int(max(np.diff(data["bodyStart"]).max() for data in sets))), "largestMassRatio": "200",
        "jointRows": "1,3"})
    metrics = {
        "model": options.model, "weights": sum(t.numel() for t in tensors.values()), "loss": options.loss,
        "seed": options.seed, "seconds": round(time.time() - began), "trainingSystems": int(sum(b.count for b in some)),
        "command": f"make train MODEL={options.model}", "validation": evaluate(network, check, guess),
        **({"validationOfTheRoundBefore": before} if options.start else {})}
    (output / f"{options.model}.json").write_text(json.dumps(metrics, indent=2) + "\n")
    write_golden(network, held, chosen(held, guess, 60), guess, golden / f"{options.model}.json")
    print(json.dumps(metrics["validation"]))


def write_golden(network, data, systems, guess, path):
    """Small systems of four families, with the network's answer in double precision (its own weights stay single)."""
    network = network.double()
    picked, seen = [], set()
    for i in systems:
        family = data["family"][i]
        if family not in seen:
            seen.add(family)
            picked.append(i)
    pairs = []
    for i in picked[::max(1, len(picked) // 4)][:4]:
        batch = Batch(data, np.array([i]), guess, torch.float64)
        with torch.no_grad():
            x = network(batch, start(batch, guess)) * batch.unit
        block, row, body = (slice(data[f"{n}Start"][i], data[f"{n}Start"][i + 1]) for n in ("block", "row", "body"))
        pairs.append({
            "law": int(data["law"][i]), "timestep": float(data["timestep"][i]),
            **{n: data[n][body].tolist() for n in ("mass", "inverseMass", "inertia", "inverseInertia", "freeVelocity")},
            **{n: data[n][block].tolist() for n in ("rowCount", "bodyA", "bodyB", "set", "friction", "isNew")},
            **{n: data[n][row].tolist() for n in ("jacobian", "bias", "compliance", "lambdaPrevious")},
            "lower": [None if np.isinf(v) else float(v) for v in data["lower"][row]],
            "upper": [None if np.isinf(v) else float(v) for v in data["upper"][row]],
            "expected": x.tolist()})
    path.write_text(json.dumps(pairs) + "\n")


if __name__ == "__main__":
    main()
