"""MNIST files: torchvision really downloads them, here from a server on this machine."""

import gzip
import hashlib
import struct
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from click.testing import CliRunner
from torchvision.datasets import MNIST as torchvision_mnist

from grader import data
from grader.cli.data import data_group
from grader.data import mnist
from grader.errors import UsageError


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A folder with files of MNIST's names and sizes: image i is all i % 7, its label is i % 10."""
    folder = tmp_path_factory.mktemp("server")
    for split, prefix in (("train", "train"), ("test", "t10k")):
        n = mnist.SAMPLES[split]
        images = np.repeat(np.arange(n, dtype=np.uint8) % 7, 28 * 28)
        labels = (np.arange(n) % 10).astype(np.uint8)
        for name, header, values in (
            (f"{prefix}-images-idx3-ubyte", struct.pack(">4i", 0x803, n, 28, 28), images),
            (f"{prefix}-labels-idx1-ubyte", struct.pack(">2i", 0x801, n), labels),
        ):
            packed = gzip.compress(header + values.tobytes(), compresslevel=1)
            (folder / f"{name}.gz").write_bytes(packed)
    return folder


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder without writing a line for every request."""

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address(server):
    handler = partial(QuietHandler, directory=str(server))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/"
        http.shutdown()
        thread.join()


@pytest.fixture
def reachable(server, address, monkeypatch):
    """Point torchvision at the server's files and their MD5 sums."""
    sums = [
        (f"{name}.gz", hashlib.md5((server / f"{name}.gz").read_bytes()).hexdigest())
        for name in mnist.FILES
    ]
    monkeypatch.setattr(torchvision_mnist, "resources", sums)
    monkeypatch.setattr(torchvision_mnist, "mirrors", [address])


@pytest.fixture
def unreachable(reachable, monkeypatch):
    monkeypatch.setattr(torchvision_mnist, "mirrors", ["http://127.0.0.1:1/"])


def test_fetch_then_load(reachable, tmp_path):
    assert "mnist" not in data.available(tmp_path)
    folder = data.fetch("mnist", tmp_path)
    assert folder == tmp_path / "MNIST" / "raw"
    assert "mnist" in data.available(tmp_path)
    assert "fashion-mnist" not in data.available(tmp_path)
    for split, n in mnist.SAMPLES.items():
        loaded = data.load("mnist", split, tmp_path)
        assert loaded["X"].shape == (n, 28, 28)
        assert (loaded["X"].dtype, loaded["y"].dtype) == (np.uint8, np.int64)
        np.testing.assert_array_equal(loaded["X"][:, 3, 5], np.arange(n) % 256 % 7)
        np.testing.assert_array_equal(loaded["y"], np.arange(n) % 10)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["MNIST"]  # nothing temporary stays


def test_missing_files_say_how_to_get_them(tmp_path):
    with pytest.raises(UsageError) as raised:
        data.load("mnist", data_dir=tmp_path)
    assert "grader data fetch mnist" in raised.value.hint
    assert "t10k-labels-idx1-ubyte.gz" in raised.value.hint


def test_without_a_network_nothing_is_left_and_the_hint_helps(unreachable, tmp_path):
    with pytest.raises(UsageError, match="could not be downloaded") as raised:
        data.fetch("mnist", tmp_path)
    assert str(tmp_path / "MNIST" / "raw") in raised.value.hint
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_files_put_there_by_hand_are_checked_and_unpacked(server, unreachable, tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for path in server.iterdir():
        (raw / path.name).write_bytes(path.read_bytes())
    data.fetch("mnist", tmp_path)
    assert data.load("mnist", "test", tmp_path)["y"][13] == 3


def test_damaged_file_put_there_by_hand_is_refused(server, unreachable, tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for path in server.iterdir():
        (raw / path.name).write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UsageError):
        data.fetch("mnist", tmp_path)
    assert "mnist" not in data.available(tmp_path)


def test_right_size_but_impossible_labels_are_refused(tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, size in mnist.FILES.items():
        images = "images" in name
        n = (size - 16) // 784 if images else size - 8
        header = struct.pack(">4i", 0x803, n, 28, 28) if images else struct.pack(">2i", 0x801, n)
        (raw / name).write_bytes(header + bytes(size - len(header)))
    with pytest.raises(UsageError, match="damaged"):
        data.fetch("mnist", tmp_path)


def test_embedded_sets_need_no_fetching(tmp_path):
    assert data.fetch("digits", tmp_path) is None
    assert not any(tmp_path.iterdir())


def test_cli_lists_what_is_there(tmp_path):
    result = CliRunner().invoke(data_group, ["list", "--data", str(tmp_path)])
    assert result.exit_code == 0
    states = {line.split()[0]: line for line in result.output.splitlines()}
    assert "embedded" in states["digits28"]
    assert "not fetched" in states["mnist"]
    assert str(tmp_path) in result.output


def test_cli_fetches(reachable, tmp_path):
    result = CliRunner().invoke(data_group, ["fetch", "digits", "mnist", "--data", str(tmp_path)])
    assert result.exit_code == 0
    assert "digits: comes with the grader" in result.output
    assert "mnist: ready" in result.output
