"""Evolution strategies for networks that are judged by running the simulator (Salimans et al. 2017)."""
import numpy as np


def tensors(networks, weights):
    """The flat vector `weights` as the named tensors of a file."""
    named, start = {}, 0
    for name, widths in networks.items():
        for layer, (inputs, outputs) in enumerate(zip(widths[:-1], widths[1:])):
            for kind, shape in (("weight", (outputs, inputs)), ("bias", (outputs,))):
                size = int(np.prod(shape))
                named[f"{name}.{layer}.{kind}"] = weights[start:start + size].reshape(shape).astype(np.float32)
                start += size
    return named


def start(networks, rng):
    """Random first layers, last layers of zeros."""
    parts = []
    for widths in networks.values():
        for layer, (inputs, outputs) in enumerate(zip(widths[:-1], widths[1:])):
            scale = 1 / np.sqrt(inputs) if layer < len(widths) - 2 else 0
            parts += [rng.normal(size=inputs * outputs) * scale, np.zeros(outputs)]
    return np.concatenate(parts)


def evolve(center, score, check, generations, pairs, deviation, rng):
    """The best center by `check`, its value, and the value at the start."""
    best, best_value = center, check(center)
    first = best_value
    for generation in range(generations):
        noise = rng.normal(size=(pairs, center.size)) * deviation
        scores = score([center + n for n in noise] + [center - n for n in noise])
        ranks = np.argsort(np.argsort(scores)) / (len(scores) - 1) - 0.5
        center = center - 2.0 / pairs * (ranks[:pairs] - ranks[pairs:]) @ noise
        if generation % 5 == 4 or generation == generations - 1:
            value = check(center)
            print(f"generation {generation + 1}: training {np.exp(np.min(scores)):.3f} of the reference at best, "
                  f"validation {np.exp(value):.3f}", flush=True)
            if value < best_value:
                best, best_value = center, value
    return best, best_value, first
