"""What the tests of submissions share: writing zips and notebooks by hand."""

import io
import json
import zipfile

import pytest


@pytest.fixture
def make_zip(tmp_path):
    """make_zip({name or ZipInfo: content}, name="alice.zip") writes a zip and returns its path."""

    def make(files, name="alice.zip"):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in dict(files).items():
                archive.writestr(member, content)
        path = tmp_path / name
        path.write_bytes(data.getvalue())
        return path

    return make


@pytest.fixture
def notebook():
    """notebook("x = 1", "y = 2") is the JSON of a notebook with these code cells."""

    def make(*sources, **changes):
        cells = [
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(sources)
        ]
        table = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        return json.dumps(table | changes).encode()

    return make
