"""Writes Documentation/Results.md from Documentation/Measurements and the metrics beside the weights: `make results`."""
import json
import pathlib
import subprocess

MEASUREMENTS = pathlib.Path("Documentation/Measurements")
MODELS = pathlib.Path("Assets/Models")
TARGET = pathlib.Path("Documentation/Results.md")


def load(name):
    path = MEASUREMENTS / f"{name}.json"
    if not path.exists():
        return None
    data = json.loads(path.read_text())
    return data["result"] if isinstance(data, dict) and "result" in data else data


def number(x, digits=2):
    if x is None:
        return "–"
    return f"{x:.{digits}f}" if abs(x) >= 0.01 or x == 0 else f"{x:.1e}"


def microseconds(x):
    if x is None:
        return "–"
    return f"{x:.3g} µs" if x < 1000 else f"{x / 1000:.3g} ms"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(c) for c in row) + " |" for row in rows]) + "\n"


def models():
    rows = []
    for path in sorted(MODELS.glob("*.json")):
        m = json.loads(path.read_text())
        size = (MODELS / f"{path.stem}.safetensors").stat().st_size
        rows.append([f"`{path.stem}`", m.get("weights", "–"), f"{size / 1024:.1f} KB", f"{m.get('seconds', m.get('secondsOfTraining', '–'))} s",
                     f"`{m.get('command', '–')}`"])
    return table(["model", "weights", "file", "training", "command"], rows)


def policy():
    data = load("policy")
    if not data:
        return ""
    rows = []
    for key, entry in data.items():
        start, tolerance = key.split()
        mine, settings = entry["learned-update"], [s for s in entry if s.startswith("pgs:")]
        best = max(settings, key=lambda s: entry[s]["fewerSweeps"])
        rows.append([start, tolerance, entry["systems"], number(entry["sweepsOfPGS"], 1), f"**{number(mine['fewerSweeps'])}×**",
                     f"{number(entry['time']['learned-update']['faster'])}×", f"{number(entry[best]['fewerSweeps'])}× (`{best}`)",
                     f"{number(entry['nncg']['fewerSweeps'])}×",
                     f"{number(mine['sweeps']['p99'])} / {number(mine['sweeps']['worst'])}",
                     *(" / ".join(number(entry["time"][who][q]) for q in ("p50", "p99", "worst"))
                       for who in ("learned-update", "clock")),
                     f"{100 * mine['rejected']:.1f} %"])
    text = table(["start", "to (m/s)", "systems", "sweeps of `pgs`", "`learned-update`: fewer sweeps", "faster",
                  "best fixed ω and order", "`nncg`", "sweeps against `pgs`, p99 / worst", "time, p50 / p99 / worst", "time of `pgs` measured twice", "rejected"], rows)
    reached = table(["start", "to (m/s)", "`pgs`", "`learned-update`", "`nncg`"], [
        [*key.split(), *(f"{100 * entry['reached'][s]:.1f} %" for s in ("pgs", "learned-update", "nncg"))]
        for key, entry in data.items()])
    return text + "\nShare of all systems that are solved within 4 000 sweeps:\n\n" + reached


def policyInShort():
    data = load("policy")
    mine, times = [e["learned-update"] for e in data.values()], [e["time"] for e in data.values()]

    def span(values, digits=1):
        values = [round(v, digits) for v in values]
        low, high = f"{min(values):.{digits}f}", f"{max(values):.{digits}f}"
        return low if low == high else f"{low} to {high}"
    return (f"{span(m['fewerSweeps'] for m in mine)} times fewer sweeps, {span(t['learned-update']['faster'] for t in times)} times faster; one "
            f"solve in a hundred takes more than {span((m['sweeps']['p99'] for m in mine), 2)} times the sweeps of `pgs`, or "
            f"{span((t['learned-update']['p99'] for t in times), 2)} times its time (the clock alone makes up to "
            f"{max(t['clock']['p99'] for t in times):.2f} of that).")


def increment():
    path = MODELS / "sweep-increment.json"
    data, metrics = load("policy"), json.loads(path.read_text())["sweepsAgainstPlainIncrement"]
    name = "learned-update:increment=network"
    text = f"On validation systems it needs {number(metrics['validation'])} of the sweeps of the plain increment."
    if data and name in next(iter(data.values())):
        text += (" On the held-out systems, against `pgs`, for the four rows above: "
                 + ", ".join(f"{number(e[name]['fewerSweeps'])}× fewer sweeps and {number(e[name]['fasterTime'])}× faster"
                             for e in data.values()) + ".")
    return text


def online():
    data = load("online")
    if not data:
        return ""
    rows = []
    for scene, passes in data.items():
        fixed = {k: v for k, v in passes.items() if k.startswith("pgs")}
        best = min(fixed, key=fixed.get)
        mine = passes["learned-update:policy=online"]
        rows.append([scene, mine, f"{fixed[best]} (`{best}`)", f"{mine / fixed[best]:.2f}",
                     fixed["pgs:order=forward,omega=1"], passes["nncg"]])
    return table(["scene", "`policy=online`", "best fixed ω and order in hindsight", "ratio", "`pgs`", "`nncg`"], rows)


def guess():
    data = load("guess")
    if not data:
        return ""
    rows = []
    equal = data.pop("equal time", None)
    for tolerance, entry in data.items():
        for name, g in entry.items():
            if name == "systems":
                continue
            rows.append([tolerance, entry["systems"], f"`{name}`", number(g["medianSweeps"], 0), number(g["sweeps"], 1),
                         number(g["sweepsAgainstBestClassical"]), number(g["timeAgainstBestClassical"]),
                         f"{100 * g['rejected']:.0f} %" if name == "learned" else "–"])
    text = table(["to (m/s)", "systems", "guess", "sweeps, median", "mean", "sweeps against the better of warm, extrapolated",
                  "time against it", "network not taken"], rows)
    if equal:
        text += (f"\nThe same time given to the classical solver: on {equal['systems']} systems the time of the learned guess "
                 f"buys {equal['medianSweeps']:.0f} sweeps from the warm start (median); the residual after the guess is "
                 f"{number(equal['residualAgainstWarm'])} times that after those sweeps (geometric mean), and smaller on "
                 f"{100 * equal['learnedIsBetter']:.0f} % of the systems.\n")
    return text


def net():
    data = load("net")
    if not data:
        return ""
    rows = []
    for size, entry in data.items():
        base = entry["ic0"]
        for name, p in entry.items():
            rows.append([size, name, number(p["iterations"], 0), number(p["iterations"] / base["iterations"]),
                         microseconds(p["inference"]) if p["inference"] else "–", microseconds(p["total"]),
                         number(p["total"] / base["total"])])
    return table(["net", "preconditioner", "iterations, median", "against `ic0`", "inference", "set-up and solve",
                  "against `ic0`"], rows)


def networks():
    data = load("networks")
    if not data:
        return ""
    rows = [[n["blocks"], n["systems"], number(n["network"]), number(n["fourSweeps"]), number(n["warm"]),
             number(n["learned"]), microseconds(n["microseconds"]), number(n["microsecondsPerBlock"])] for n in data]
    return table(["constraints, about", "systems", "`network`", "four sweeps of `pgs`", "`warm`", "`learned`", "inference",
                  "µs a constraint"], rows)


def methods():
    data = load("methods")
    if not data:
        return ""
    solvers = list(next(iter(data.values())))
    rows = []
    for solver in solvers:
        row = [f"`{solver}`"]
        for tolerance in data:
            e = data[tolerance].get(solver)
            row.append("–" if not e else f"{100 * e['reached']:.0f} %, {microseconds(1e6 * e['time']) if e['time'] else '–'}"
                                         f", {number(e['againstBest'], 1)}×, {100 * e['fastest']:.0f} %")
        rows.append(row)
    return table(["solver", *(f"to {t}" for t in data)], rows)


def drift():
    data = load("drift")
    if not data:
        return ""
    rows = []
    for d in data:
        if "ended" in d:
            rows.append([d["scene"], d["solver"], d["ended"], "", "", ""])
            continue
        rows.append([d["scene"], d["solver"], number(d["residual"]) if d["residual"] is not None else "–",
                     number(d["energyDrift"], 3), *(
            f"{1e3 * d[k]:.3g}" if d[k] is not None else "–" for k in ("penetration", "jointError"))])
    return table(["scene", "solver", "residual (m/s), median", "energy drift", "penetration (mm), largest",
                  "joint error (mm), largest"], rows)


def rows_of(data):
    """Rows of dictionaries as a table."""
    if not isinstance(data, list) or not data:
        return ""
    head = list(dict.fromkeys(k for row in data for k in row))
    return table(head, [[number(r[k]) if isinstance(r.get(k), float) else r.get(k, "–") for k in head] for r in data])


def losses():
    text = "The graph network, on validation systems:\n\n" + rows_of(load("graph-losses"))
    found = {(r["model"], r["loss"], r["split"]): r for r in load("losses")}
    rows = []
    for (model, loss, split), inside in found.items():
        if split == "inside":
            far = found[model, loss, "ratio-1e4"]
            rows.append([f"`{model}`", loss, number(inside["error, median"]), number(inside["residual, median"]),
                         number(inside["sweeps to 1e-2"], 1), number(far["error, median"])])
    start = next(iter(found.values()))
    text += ("\nThe mechanism networks: error in the norm of A and residual against ‖b‖ (medians), and sweeps of Gauss–Seidel "
             "from their answer to 1e-2, inside of the training range, and the error at a load of ten thousand link masses. "
             f"Sweeps from zero {number(start['from zero, to 1e-2'], 1)}, from the step before "
             f"{number(start['from the step before, to 1e-2'], 1)}, extrapolated {number(start['extrapolated, to 1e-2'], 1)}.\n\n")
    return text + table(["model", "loss", "error", "residual", "sweeps to 1e-2", "error at 1e4"], rows)


def mechanism():
    rows = []
    for path in sorted(MODELS.glob("mechanism-*.json")):
        metrics = json.loads(path.read_text())
        for split, found in metrics.get("splits", {}).items():
            row = [f"`{path.stem}`", split, found.get("systems", "–")]
            for key in ("relativeError", "relativeResidual"):
                value = found.get(key) or {}
                row += [number(value.get("median")), number(value.get("worst"))]
            rows.append(row)
    return table(["model", "systems", "number", "error in the norm of A, median", "worst", "residual against ‖b‖, median",
                  "worst"], rows) if rows else ""


def picture():
    """Accuracy and time of the graph network against size, by gnuplot."""
    data = load("networks")
    if not data:
        return
    lines = "\n".join(f"{n['blocks']} {n['network']} {n['fourSweeps']} {n['microseconds']} {n['learned']}" for n in data)
    script = f"""$data << END
{lines}
END
set terminal svg size 900,380 font "DejaVu Sans,12" background "white"
set output "{MEASUREMENTS}/network-size.svg"
set multiplot layout 1,2
set logscale x 2
set xlabel "constraints"
set key top right
set arrow 1 from 80, graph 0 to 80, graph 1 nohead dashtype 2 linecolor "gray"
set label 1 "most of the training" at graph 0.02, graph 0.95 left textcolor "gray"
set ylabel "residual / residual of zero (median)"
set yrange [0:*]
plot $data using 1:2 with linespoints title "network", "" using 1:3 with linespoints title "four sweeps of pgs", \\
  "" using 1:5 with linespoints title "guess learned"
set logscale y
set yrange [*:*]
set ylabel "inference (µs, median)"
set key bottom right
plot $data using 1:4 with linespoints title "network", x * 0.2 with lines dashtype 2 title "0.05 µs a constraint and layer"
"""
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def main():
    text = (pathlib.Path("Training") / "results.md.in").read_text()
    for name in ("models", "policyInShort", "policy", "increment", "online", "guess", "net", "networks", "methods", "losses", "mechanism", "drift"):
        text = text.replace("{{" + name + "}}", globals()[name]().rstrip())
    picture()
    TARGET.write_text(text)
    print(TARGET)


if __name__ == "__main__":
    main()
