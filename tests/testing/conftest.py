"""What the tests of the tests' language share: the failure of a check, and garbage values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.testing import CheckFailed, Failure


@pytest.fixture
def failure_of() -> Callable[..., Failure]:
    """Calls a helper that must fail, and gives back its `Failure`."""

    def call(helper: Callable[..., Any], *args: Any, **kwargs: Any) -> Failure:
        with pytest.raises(CheckFailed) as caught:
            helper(*args, what="the result", **kwargs)
        assert caught.value.failure.what.startswith("the result")
        assert len(str(caught.value)) < 2000
        return caught.value.failure

    return call


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)
