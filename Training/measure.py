"""Measures the learned methods and writes what `make results` shows to Documentation/Measurements.

    python3 Training/measure.py [--delassus .build/release/delassus] [policy guess methods net online networks drift]

Every measurement goes through the program's own commands: `dataset`, `evaluate`, `run --record`, `export`. Times are of
the machine at hand (least of three), counts are exact.
"""
import argparse
import csv
import io
import json
import os
import pathlib
import subprocess

import math

OUTPUT = pathlib.Path("Documentation/Measurements")
WORK = pathlib.Path(".build/measure")
HELD_OUT_SEED, HELD_OUT_SYSTEMS = "3", "1500"


def quantile(values, q):
    """Linear interpolation between order statistics."""
    values = sorted(values)
    at = q * (len(values) - 1)
    low = math.floor(at)
    return values[low] + (at - low) * (values[min(low + 1, len(values) - 1)] - values[low])


def quantiles(values):
    return {name: quantile(values, q) for name, q in (("p50", .5), ("p95", .95), ("p99", .99), ("worst", 1))}


def geometric(values):
    values = [v for v in values if v > 0]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


class Measurement:
    def __init__(self, delassus):
        self.delassus = delassus

    def call(self, *arguments):
        return subprocess.run([self.delassus, *map(str, arguments)], check=True, capture_output=True, text=True).stdout

    def held_out(self):
        path = WORK / "held-out.h5"
        if not path.exists():
            self.call("dataset", "Training/families.json", "--split", "held-out", "--systems", HELD_OUT_SYSTEMS, "--seed",
                      HELD_OUT_SEED, "--jobs", 2, "--out", path)
        return path

    def evaluate(self, solvers, tolerances, start="warm", limit=None, repeats=3, iterations=20000, time_limit=0.5):
        """Rows of `evaluate --csv` by (system, tolerance) and solver."""
        path = WORK / "evaluate.csv"
        arguments = ["evaluate", self.held_out(), "--solvers", " ".join(solvers), "--tolerances", ",".join(tolerances),
                     "--start", start, "--repeats", repeats, "--iterations", iterations, "--time-limit", time_limit,
                     "--csv", path]
        if limit:
            arguments += ["--limit", limit]
        self.call(*arguments)
        table = {}
        with open(path) as file:
            for row in csv.DictReader(file):
                table.setdefault((row["system"], float(row["tolerance"])), {})[row["solver"]] = row
        return table

    # MARK: measurements

    def policy(self):
        """Sweeps and time of `learned-update` against `pgs` and every fixed setting on systems of unseen families."""
        fixed = ["pgs:omega=1.3", "pgs:omega=1.6", "pgs:order=symmetric", "pgs:order=top-down",
                 "pgs:order=top-down,omega=1.3"]
        solvers = ["pgs", "learned-update", "learned-update:increment=network", "nncg", *fixed]
        found = {}
        for start in ("warm", "zero"):
            table = self.evaluate(solvers, ["1e-2", "1e-3"], start, limit=1000, repeats=3, iterations=4000, time_limit=0.1)
            times = self.times_of_policy(start)
            for tolerance in (1e-2, 1e-3):
                rows = self.solved_by_pgs(table, tolerance)
                entry = {"systems": len(rows), "sweepsOfPGS": geometric(int(r["pgs"]["constraintPasses"]) for r in rows)}
                for solver in solvers[1:]:
                    sweeps = [max(int(r[solver]["constraintPasses"]), 1) / int(r["pgs"]["constraintPasses"])
                              if r[solver]["reached"] == "1" else 4000 / int(r["pgs"]["constraintPasses"]) for r in rows]
                    entry[solver] = {
                        "fewerSweeps": 1 / geometric(sweeps),
                        "fasterTime": geometric(float(r["pgs"]["time"]) / float(r[solver]["time"]) for r in rows),
                        "sweeps": quantiles(sweeps),
                        "rejected": sum(int(r[solver]["rejections"]) > 0 for r in rows) / len(rows),
                        "outsideTraining": sum(r[solver]["outsideTraining"] == "1" for r in rows) / len(rows)}
                alone = [r for (_, t), r in table.items() if t == tolerance]
                entry["time"] = times[tolerance]
                entry["reached"] = {s: sum(r[s]["reached"] == "1" for r in alone) / len(alone) for s in solvers}
                found[f"{start} {tolerance:g}"] = entry
        return found

    @staticmethod
    def solved_by_pgs(table, tolerance):
        """Rows of the systems that `pgs` solves by its own measure, with some sweeps."""
        return [r for (_, t), r in table.items() if t == tolerance and r["pgs"]["reason"] == "converged"
                and int(r["pgs"]["constraintPasses"]) > 0]

    def times_of_policy(self, start):
        """Times of `learned-update` against `pgs`, each under two names, least of up to 120 solves; and of `pgs` under two
        more names: what the clock adds. Most solves are of microseconds, so quantiles of three would be the clock's."""
        names = {"pgs": ["pgs", "pgs:omega=1"], "learned-update": ["learned-update", "learned-update:policy=network"],
                 "clock": ["pgs:order=forward", "pgs:block=block"]}
        table = self.evaluate([s for pair in zip(*names.values()) for s in pair], ["1e-2", "1e-3"], start, limit=1000,
                              repeats=60, iterations=4000, time_limit=0.05)
        found = {}
        for tolerance in (1e-2, 1e-3):
            rows = self.solved_by_pgs(table, tolerance)
            least = {name: [min(float(r[s]["time"]) for s in texts) for r in rows] for name, texts in names.items()}
            found[tolerance] = {"systems": len(rows)}
            for name in ("learned-update", "clock"):
                ratios = [a / b for a, b in zip(least[name], least["pgs"])]
                found[tolerance][name] = {"faster": 1 / geometric(ratios), **quantiles(ratios)}
        return found

    def guess(self):
        """Sweeps of `pgs` from every guess, on systems with new contacts among known ones."""
        guesses = ["warm", "extrapolated", "learned", "network", "zero"]
        table = self.evaluate([f"pgs:guess={g}" for g in guesses], ["1e-2", "1e-3"], limit=1000, time_limit=0.1)
        found = {}
        for tolerance in (1e-2, 1e-3):
            rows = [r for (_, t), r in table.items() if t == tolerance
                    and 0 < int(r["pgs:guess=warm"]["newBlocks"]) < int(r["pgs:guess=warm"]["blocks"])
                    and all(r[f"pgs:guess={g}"]["reached"] == "1" for g in guesses)]
            entry = {"systems": len(rows)}
            best = [min(int(r[f"pgs:guess={g}"]["constraintPasses"]) for g in ("warm", "extrapolated")) for r in rows]
            time = [min(float(r[f"pgs:guess={g}"]["time"]) for g in ("warm", "extrapolated")) for r in rows]
            for g in guesses:
                own = [r[f"pgs:guess={g}"] for r in rows]
                entry[g] = {
                    "sweeps": sum(int(r["constraintPasses"]) for r in own) / len(own),
                    "medianSweeps": quantile([int(r["constraintPasses"]) for r in own], .5),
                    "sweepsAgainstBestClassical": geometric(
                        (int(r["constraintPasses"]) + 1) / (b + 1) for r, b in zip(own, best)),
                    "timeAgainstBestClassical": geometric(float(r["time"]) / t for r, t in zip(own, time)),
                    "rejected": sum(int(r["rejections"]) > 0 for r in own) / len(own)}
            found[f"{tolerance:g}"] = entry
        found["equal time"] = self.equal_time()
        return found

    def equal_time(self):
        """The residual that the learned guess starts from, against that of `pgs` from the warm start after as many sweeps
        as fit into the time of the learned guess."""
        sweeps = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24]
        learned, warm = "pgs:guess=learned,iterations=0", [f"pgs:guess=warm,iterations={k}" for k in sweeps]
        table = self.evaluate([learned, *warm], ["1e-12"], limit=1000)
        ratios, counts = [], []
        for row in table.values():
            mine = row[learned]
            if not 0 < int(mine["newBlocks"]) < int(mine["blocks"]) or float(mine["residual"]) == 0:
                continue
            fitting = [k for k in range(len(sweeps)) if float(row[warm[k]]["time"]) <= float(mine["time"])]
            k = max(fitting, default=0)
            ratios.append(float(mine["residual"]) / max(float(row[warm[k]]["residual"]), 1e-15))
            counts.append(sweeps[k])
        return {"systems": len(ratios), "medianSweeps": quantile(counts, .5), "residualAgainstWarm": geometric(ratios),
                "learnedIsBetter": sum(r < 1 for r in ratios) / len(ratios)}

    def drift(self):
        """Worlds under a fixed effort of 20 sweeps a step, 400 steps: what guesses and policies do in closed loop."""
        scenes = {"stack": [], "wall": ["--set", "width=8", "--set", "height=8"], "pile": ["--set", "count=60"],
                  "chain": ["--set", "count=20"], "net": ["--set", "size=10", "--set", "compliance=1e-6"]}
        solvers = {"newton (reference)": "newton", "pgs, warm": "pgs:iterations=20", "pgs, zero": "pgs:guess=zero,iterations=20",
                   "pgs, guess learned": "pgs:guess=learned,iterations=20",
                   "pgs, guess network": "pgs:guess=network,iterations=20", "learned-update": "learned-update:iterations=20"}
        found = []
        for scene, parameters in scenes.items():
            for name, solver in solvers.items():
                run = subprocess.run(
                    [self.delassus, "run", scene, *parameters, "--noise", "0.02", "--seed", "5", "--steps", "400", "--solver",
                     solver, "--json"], capture_output=True, text=True)
                if run.returncode != 0 or not run.stdout:
                    found.append({"scene": scene, "solver": name, "ended": run.stderr.strip().splitlines()[-1][:120]})
                    continue
                result = json.loads(run.stdout)
                quality = result["quality"]
                found.append({
                    "scene": scene, "solver": name, "energyDrift": quality["energyDrift"], "energyRise": quality["energyRise"],
                    "penetration": quality["penetration"]["max"], "jointError": quality["jointError"]["max"],
                    "residual": result["solve"]["residual"]["median"]})
        return found

    def methods(self):
        """Every solver on the same systems: time to tolerances, against the best in hindsight."""
        listing = json.loads(self.call("list", "solvers", "--json"))["solvers"]
        names = [s["name"] for s in listing if not s.get("approximate")]
        slow = {"gauss", "lu", "cholesky", "dantzig", "lemke", "jacobi", "sor", "ssor", "gauss-seidel", "active-set",
                "mechanism"}
        solvers = ["pgs", "learned-update", "learned-update:policy=online", "neural-pcg", "pcg:preconditioner=deflation",
                   "newton:guess=learned"] + [n for n in names if n not in slow | {"pgs", "learned-update"}]
        table = self.evaluate(list(dict.fromkeys(solvers)), ["1e-2", "1e-4", "1e-6", "1e-8"], limit=100, repeats=1,
                              time_limit=0.05)
        found = {}
        for tolerance in (1e-2, 1e-4, 1e-6, 1e-8):
            rows = [r for (_, t), r in table.items() if t == tolerance]
            best = [min((float(v["time"]) for v in r.values() if v["reached"] == "1"), default=None) for r in rows]
            entry = {}
            for solver in solvers:
                own = [(r[solver], b) for r, b in zip(rows, best)
                       if r.get(solver, {}).get("reason") not in (None, "unsupported") and b]
                reached = [(float(r["time"]), b) for r, b in own if r["reached"] == "1"]
                if not own:
                    continue
                entry[solver] = {
                    "systems": len(own), "reached": len(reached) / len(own),
                    "time": geometric(t for t, _ in reached), "againstBest": geometric(t / b for t, b in reached),
                    "p95": quantile([t / b for t, b in reached], .95) if reached else None,
                    "fastest": sum(t == b for t, b in reached) / len(own)}
            found[f"{tolerance:g}"] = entry
        return found

    def net(self):
        """Conjugate gradients on falling nets of 48 × 48 balls, twenty steps of one solve each."""
        preconditioners = {
            "ic0": "pcg:preconditioner=ic0", "learned": "neural-pcg",
            "learned, outputs replaced by their mean": "neural-pcg:preconditioner-output=mean",
            "learned-factor": "pcg:preconditioner=learned-factor",
            "deflation": "pcg:preconditioner=deflation",
            "deflation, outputs replaced by their mean": "pcg:preconditioner=deflation,preconditioner-output=mean",
            "aggregation": "pcg:preconditioner=aggregation", "ssor": "pcg:preconditioner=ssor",
            "chebyshev": "pcg:preconditioner=chebyshev", "ldl (direct)": "ldl"}
        found = {}
        for size, compliance in ((20, "2.2e-7"), (48, "2.2e-7"), (48, "1e-5"), (48, "1e-4")):
            entry = {}
            for name, solver in preconditioners.items():
                out = json.loads(self.call(
                    "run", "net", "--set", f"size={size}", "--set", f"compliance={compliance}", "--substeps", 1, "--solver",
                    solver, "--steps", 20, "--json"))
                phases = out["cost"]["phases"]
                entry[name] = {
                    "iterations": out["solve"]["iterations"]["median"], "setup": phases["setup"], "solve": phases["solve"],
                    "inference": phases["inference"], "total": phases["setup"] + phases["solve"] + (phases["inference"] or 0),
                    "rows": out["solve"]["rows"], "reasons": out["solve"]["stopReasons"]}
            found[f"{size} × {size}, {compliance} m/N"] = entry
        return found

    def online(self):
        """Passes of steps 200 … 399 under the bandit and under every fixed order and ω."""
        scenes = {"stack": [], "wall": ["--set", "width=8", "--set", "height=8"],
                  "net": ["--set", "size=10", "--set", "compliance=1e-6"], "pile": ["--set", "count=60"]}
        solvers = ["learned-update:policy=online"] + [
            f"pgs:order={o},omega={w}" for o in ("forward", "top-down", "symmetric") for w in ("1", "1.3", "1.6")] + ["nncg"]
        found = {}
        for scene, parameters in scenes.items():
            found[scene] = {}
            for solver in solvers:
                path = WORK / "online.sqlite"
                path.unlink(missing_ok=True)
                text = solver + ("," if ":" in solver else ":") + "tolerance=1e-3,iterations=2000"
                self.call("run", scene, *parameters, "--noise", 0.02, "--seed", 5, "--steps", 400, "--solver", text,
                          "--record", path)
                rows = csv.DictReader(io.StringIO(self.call("export", path, "solves", "--format", "csv")))
                found[scene][solver] = sum(
                    int(r["constraintPasses"]) for r in rows if r["purpose"] == "velocity" and int(r["step"]) >= 200)
        return found

    def networks(self):
        """Residual and time of one evaluation of the graph network against the size of the problem."""
        solvers = [f"pgs:guess={g},iterations=0" for g in ("network", "learned", "warm", "zero")] + [
            "pgs:guess=zero,iterations=4"]
        table = self.evaluate(solvers, ["1e-12"], limit=1000)
        found = []
        for row in table.values():
            plain = row[solvers[3]]
            found.append({
                "rows": int(plain["rows"]), "blocks": int(plain["blocks"]), "group": plain["group"],
                "residualOfZero": float(plain["residual"]),
                **{name: float(row[s]["residual"]) for name, s in zip(("network", "learned", "warm"), solvers)},
                "fourSweeps": float(row[solvers[4]]["residual"]),
                "inference": float(row[solvers[0]]["inferenceTime"]), "timeOfFourSweeps": float(row[solvers[4]]["time"])})
        bins = {}
        for item in found:
            bins.setdefault(2 ** round(math.log2(max(item["blocks"], 1))), []).append(item)
        return [{
            "blocks": size, "systems": len(items),
            **{key: quantile([i[key] / i["residualOfZero"] for i in items if i["residualOfZero"] > 0] or [0], .5)
               for key in ("network", "warm", "learned", "fourSweeps")},
            "microsecondsPerBlock": 1e6 * quantile([i["inference"] / i["blocks"] for i in items], .5),
            "microseconds": 1e6 * quantile([i["inference"] for i in items], .5)} for size, items in sorted(bins.items())]


def main():
    names = ["policy", "guess", "methods", "net", "online", "networks", "drift"]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", default=names, choices=names)
    parser.add_argument("--delassus", default=".build/release/delassus")
    options = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    measurement = Measurement(options.delassus)
    for name in options.what:
        result = {"machine": f"{os.cpu_count()} cores", "about": getattr(Measurement, name).__doc__,
                  "command": f"python3 Training/measure.py {name}", "result": getattr(measurement, name)()}
        (OUTPUT / f"{name}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
        print(f"{OUTPUT / name}.json", flush=True)


if __name__ == "__main__":
    main()
