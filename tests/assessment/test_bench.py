"""The benchmark compares like with like."""

from __future__ import annotations

import numpy as np

from targets.assessment import Method, assess
from tests.bench.assessment import TODAY, bare, levels, mixture


def test_the_bare_side_of_the_benchmark_comes_to_the_same_results() -> None:
    targets, values = levels(5_000)
    result = assess(targets, values, today=TODAY, method=Method("bench"))
    plain = bare(
        values.to_numpy(), targets["threshold"].to_numpy(), targets["document_year"].to_numpy()
    )
    assert (result["status"].cat.codes.to_numpy() == plain.pop("status")).all()
    has_pace = result["pace"].notna().to_numpy()
    assert has_pace.mean() > 0.9
    for name, numbers in plain.items():
        ours = result[name].to_numpy()
        # Where the baseline already meets the threshold, the bare side has a pace without meaning.
        rows = slice(None) if name.startswith("projected") else has_pace
        np.testing.assert_allclose(ours[rows], numbers[rows], err_msg=name)


def test_the_mixture_reaches_every_status() -> None:
    result = assess(*mixture(5_000), today=TODAY, method=Method("bench"))
    assert result["status"].nunique() >= 6
