"""The decoys, which the tests of a file share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attacks.lab.decoys import Decoys


@pytest.fixture(scope="module")
def decoys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Decoys]:
    planted = Decoys(tmp_path_factory.mktemp("decoys"))
    yield planted
    planted.close()
