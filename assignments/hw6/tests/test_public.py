"""Public tests of homework 6: the handout's examples, the network's shapes, a short training."""

import torch
import torch.nn.functional as F

from grader.testing import (
    assert_array,
    assert_close,
    assert_equal,
    assert_ladder,
    assert_scalar,
    assert_unchanged,
    check,
)


def your_function_with_autograd_off(student, name, *args):
    """A probe: the student's function, its arguments after the call, and what it used.

    Autograd is off; calls of torch's own convolution and pooling and of scipy are noticed.
    """
    import sys

    import torch
    from torch.overrides import TorchFunctionMode

    used = {}

    class Watch(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            name = getattr(func, "__name__", "")
            used["convolution"] = used.get("convolution", False) or "conv" in name
            used["pooling"] = used.get("pooling", False) or "max_pool" in name
            used["autograd"] = used.get("autograd", False) or name in ("requires_grad_", "backward")
            return func(*args, **(kwargs or {}))

    def watch(frame, event, argument):
        module = frame.f_globals.get("__name__") or ""
        if event == "call" and module.split(".")[0] == "scipy":
            used["scipy"] = True

    copies = [arg.clone() if isinstance(arg, torch.Tensor) else arg for arg in args]
    before = sys.getprofile()
    with torch.inference_mode(), Watch():
        sys.setprofile(watch)
        try:
            result = getattr(student, name)(*copies)
        finally:
            sys.setprofile(before)
    return {"result": result, "arguments": copies, "used": used}


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def by_hand(student, name, *args):
    """What the student's function gives, written by hand and without changing an argument."""
    found = student.run(your_function_with_autograd_off, name, *args)
    for key, words in (
        ("convolution", "a call of torch's own convolution"),
        ("pooling", "a call of torch's own pooling"),
        ("autograd", "a call of autograd"),
        ("scipy", "a call of scipy"),
    ):
        check(
            entry(entry(found, "used"), key) is not True,
            what=f"how {name} is written",
            expected="indexing, sums and products by hand",
            got=words,
        )
    assert_unchanged(list(args), entry(found, "arguments"), what=f"an argument of {name}")
    return entry(found, "result")


def test_filter2d_of_the_handout(student):
    """filter2d gives the handout's example: the pixel above plus twice the one to the right."""
    image = torch.tensor([[1.0, 2, 0, 1], [0, 1, 3, 0], [2, 0, 1, 1]])
    kernel = torch.tensor([[0.0, 1, 0], [0, 0, 2], [0, 0, 0]])
    expected = torch.tensor([[4.0, 0, 2, 0], [3, 8, 0, 1], [0, 3, 5, 0]])
    flipped = torch.tensor([[0.0, 3, 7, 0], [2, 0, 3, 7], [0, 4, 0, 2]])
    mistakes = {"the kernel is flipped, as if upside down and left to right": flipped}
    assert_close(
        by_hand(student, "filter2d", image, kernel),
        expected,
        what="filter2d(image, kernel)",
        rtol=1e-5,
        atol=1e-6,
        mistakes=mistakes,
    )


def test_identity_kernel_changes_nothing(student, torch_seed):
    """Filtering with identity_kernel(3) gives the image back."""
    image = torch.rand(4, 6, generator=torch.Generator().manual_seed(torch_seed))
    kernel = assert_array(
        student.identity_kernel(3), shape=(3, 3), kind="tfi", what="identity_kernel(3)"
    )
    assert_close(
        by_hand(student, "filter2d", image, torch.tensor(kernel).float()),
        image,
        what="filter2d(image, identity_kernel(3))",
        rtol=1e-5,
        atol=1e-6,
    )


def test_feature_maps_of_the_handout(student):
    """feature_maps gives the handout's example: two channels, one map, bias 0.5."""
    x = torch.tensor([[[[1.0, 0, 2], [3, 1, 0], [0, 2, 1]], [[0, 1, 0], [1, 0, 1], [0, 1, 0]]]])
    weight = torch.tensor([[[[1.0, 0], [0, -1]], [[2, 0], [0, 0]]]])  # (1, 2, 2, 2)
    assert_close(
        by_hand(student, "feature_maps", x, weight, torch.tensor([0.5])),
        torch.tensor([[[[0.5, 2.5], [3.5, 0.5]]]]),
        what="feature_maps(x, weight, bias)",
        rtol=1e-5,
        atol=1e-6,
    )


def test_max_pool_of_the_handout(student):
    """max_pool gives the handout's example, negative numbers among it."""
    x = torch.tensor([[1.0, 3, 2, 0], [0, 2, 5, 1], [-1, -2, 0, 0], [-3, -4, 0, 0]])
    expected = torch.tensor([[3.0, 5], [-1, 0]])
    assert_close(
        by_hand(student, "max_pool", x[None, None], 2),
        expected[None, None],
        what="max_pool(x, 2)",
        rtol=1e-5,
        atol=1e-6,
    )


def test_counts_of_the_handout(student):
    """A dense layer from 100 to 10 nodes and a 3×3 convolution with 10 maps: 1,010 and 100."""
    assert_equal(student.count_dense(100, 10), 1010, what="count_dense(100, 10)")
    assert_equal(student.count_convolution(1, 10, 3), 100, what="count_convolution(1, 10, 3)")


def shapes_of_parameters(student):
    net = student.MyNet()
    return {name: tuple(parameter.shape) for name, parameter in net.named_parameters()}


def test_mynet_parameters(student):
    """MyNet has the layers conv1, conv2 and dense with parameters of the right shapes."""
    expected = {
        "conv1.weight": (32, 1, 3, 3),
        "conv1.bias": (32,),
        "conv2.weight": (64, 32, 3, 3),
        "conv2.bias": (64,),
        "dense.weight": (10, 2304),
        "dense.bias": (10,),
    }
    assert_equal(
        student.run(shapes_of_parameters), expected, what="the dict of the parameters' shapes"
    )


def a_short_training(student, X, y, seed, device):
    """A probe: the losses that train returns, and the network's logits of the images after it."""
    import torch

    torch.manual_seed(seed)
    images = torch.tensor(X, dtype=torch.float32)[:, None] / 255
    dataset = torch.utils.data.TensorDataset(images, torch.tensor(y))
    rng = torch.Generator().manual_seed(seed)
    net = student.MyNet()
    losses = student.train(
        net, dataset, epochs=6, batch_size=20, step_size=2e-3, rng=rng, device=device
    )
    with torch.no_grad():
        return {"losses": losses, "logits": net.to(device).eval()(images.to(device)).cpu()}


def test_training_lowers_the_loss(student, data, torch_seed, device, points):
    """Six epochs with 100 digits bring the mean loss below 1 (chance is ln 10 = 2.3)."""
    digits = data.load("digits28", "train")
    X, y = digits["X"][:100], digits["y"][:100]
    found = student.run(a_short_training, X, y, torch_seed, device)
    losses = entry(found, "losses")
    check(
        type(losses) is list and len(losses) == 6,
        what="what train returns after six epochs",
        expected="a list of six floats",
        got=f"a list of {len(losses)} items" if type(losses) is list else "no list",
    )
    last = assert_scalar(losses[-1], what="the loss of the last epoch")
    logits = assert_array(
        entry(found, "logits"), shape=(100, 10), kind="tf", what="the logits after training"
    )
    after = F.cross_entropy(torch.tensor(logits).double(), torch.tensor(y)).item()
    assert_ladder(
        max(last, after),
        ladder=[(1.0, 1.0), (2.0, 0.3)],
        points=points,
        what="the larger of the last epoch's loss and the network's loss after it",
        higher_is_better=False,
        stated=True,
    )
