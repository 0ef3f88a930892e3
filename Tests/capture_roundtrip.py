#!/usr/bin/python3
"""Reads captured problems with h5py and scipy and compares them: python3-h5py and python3-scipy.

    capture_roundtrip.py FILE.hdf5 FILE.mtx

The files are the same step, captured in both forms. The FCLIB file is read as fclib's read_matrix does (compressed rows),
its rows are put back into one matrix [W V; V' R], and A, b and x must be the same numbers as in the MatrixMarket files up
to the order of rows: contacts first, then joints, as the sets file of the matrix says. Prints the largest differences;
exit status 1 where one is not 0.
"""
import json
import sys

import h5py
import numpy as np
import scipy.io
import scipy.sparse as sparse


def matrix(group):
    """A matrix of fclib: nz = -2 are compressed rows."""
    rows, columns = int(group["m"][0]), int(group["n"][0])
    assert int(group["nz"][0]) == -2, "expected compressed rows"
    parts = (group["x"][:], group["i"][:], group["p"][:])
    return sparse.csr_matrix(parts, shape=(rows, columns)).toarray()


def main():
    captured, market = sys.argv[1:3]
    base = market[: -len(".mtx")]
    with h5py.File(captured) as file:
        local = file["fclib_local"]
        assert int(local["spacedim"][0]) == 3
        a = matrix(local["W"])
        b = -local["vectors/q"][:]
        x = file["solution/r"][:]
        assert len(local["vectors/mu"]) * 3 == len(b)
        if "V" in local:
            v = matrix(local["V"])
            a = np.block([[a, v], [v.T, matrix(local["R"])]])
            b = np.concatenate([b, -local["vectors/s"][:]])
            x = np.concatenate([x, file["solution/l"][:]])
        u = file["solution/u"][:]
        print(local["info/title"][()].decode(), "|", local["info/description"][()].decode())
    with open(base + "_sets.json") as sets:
        blocks = json.load(sets)["blocks"]
    order = [
        block["firstRow"] + row
        for kind in ("cone", "free")
        for block in blocks
        if block["set"] == kind
        for row in range(block["rows"])
    ]
    other = scipy.io.mmread(market).toarray()[np.ix_(order, order)]
    other_b = scipy.io.mmread(base + "_b.mtx").ravel()[order]
    other_x = scipy.io.mmread(base + "_x.mtx").ravel()[order]
    differences = {
        "A": np.abs(a - other).max(),
        "b": np.abs(b - other_b).max(),
        "x": np.abs(x - other_x).max(),
    }
    print(f"{a.shape[0]} rows, rank {np.linalg.matrix_rank(a)}, differences", differences)
    print("u against W r + V l + q:", np.abs((a @ x - b)[: len(u)] - u).max())
    return 0 if all(value == 0 for value in differences.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
