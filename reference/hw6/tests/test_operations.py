"""Hidden tests of Problems 6.1 to 6.4: filters, feature maps, pooling, counts; torch is the oracle.

Inputs are float64; tolerances let float32 arithmetic pass (see notes.md).
"""

import numpy as np
import torch
import torch.nn.functional as F

from grader.testing import (
    assert_array,
    assert_close,
    assert_equal,
    assert_sequence,
    assert_unchanged,
    check,
)

TOLERANCE = {"rtol": 1e-5, "atol": 1e-6}


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


def normal(rng, *shape):
    return torch.tensor(rng.normal(size=shape))


def convolve(image, kernel, **padding):
    """torch's conv2d of one image (H, W) padded so that the size stays."""
    k_h, k_w = kernel.shape
    padded = F.pad(image[None, None], (k_w // 2, k_w // 2, k_h // 2, k_h // 2), **padding)
    return F.conv2d(padded, kernel[None, None])[0, 0]


def filter_mistakes(image, kernel):
    k_h, k_w = kernel.shape
    inner = F.conv2d(image[None, None], kernel[None, None])[0, 0]
    corner = F.pad(image, (0, k_w - 1, 0, k_h - 1))
    rim = (k_w // 2, k_w // 2, k_h // 2, k_h // 2)
    turned = kernel.flip(0, 1)
    return {
        "the kernel is flipped, as if upside down and left to right": convolve(image, turned),
        "the rim is left out: the result must have the image's size": inner,
        "the rim's pixels are left at 0": F.pad(inner, rim),
        "the kernel's first entry lies on the pixel, not its centre": F.conv2d(
            corner[None, None], kernel[None, None]
        )[0, 0],
        "pixels outside the image repeat the rim, but count as 0": convolve(
            image, kernel, mode="replicate"
        ),
    }


def numbers_of_a_kernel(kernel, size, what):
    """The entries of a kernel (size, size), whole numbers or floats."""
    return assert_array(kernel, shape=(size, size), kind="tfi", what=what).astype(float)


def test_blur_and_edge_kernels(student, rng):
    """Identity and blur kernels of any odd size and the edge kernel have the entries they must."""
    size = int(rng.choice([5, 7, 9]))
    centre = torch.zeros(size, size)
    centre[size // 2, size // 2] = 1
    identity = numbers_of_a_kernel(student.identity_kernel(size), size, "identity_kernel(size)")
    assert_close(identity, centre.double().numpy(), what="identity_kernel(size)", **TOLERANCE)
    edge = -torch.ones(3, 3)
    edge[1, 1] = 8
    assert_close(
        student.blur_kernel(size),
        torch.full((size, size), 1 / size**2),
        what="blur_kernel(size)",
        **TOLERANCE,
        mistakes={
            "every entry is 1, so that they do not add up to 1": torch.ones(size, size),
            "the entries are divided by the width alone": torch.ones(size, size) / size,
        },
    )
    four = torch.tensor([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])
    assert_close(
        numbers_of_a_kernel(student.edge_kernel(), 3, "edge_kernel()"),
        edge.double().numpy(),
        what="edge_kernel()",
        **TOLERANCE,
        mistakes={
            "it looks at four neighbours, not at eight": four,
            "the entries do not add up to 0": edge + torch.ones(3, 3),
        },
    )


def test_filter2d_is_conv2d(student, rng):
    """filter2d equals torch's conv2d with zeros around the image, for kernels of any odd size."""
    for k_h, k_w in ((3, 3), (1, 5), (7, 3)):
        image, kernel = normal(rng, 8, 9), normal(rng, k_h, k_w)
        mistakes = filter_mistakes(image, kernel)
        filtered = by_hand(student, "filter2d", image, kernel)
        what = f"filter2d with a kernel of shape ({k_h}, {k_w})"
        assert_close(filtered, convolve(image, kernel), what=what, **TOLERANCE, mistakes=mistakes)


def layer(rng):
    """A layer of 4 maps of 3x3 on a batch of 5 images of 2 channels: x, weight, bias, grad_out."""
    x, weight, bias = normal(rng, 5, 2, 9, 8), normal(rng, 4, 2, 3, 3), normal(rng, 4)
    return x, weight, bias, normal(rng, 5, 4, 7, 6)


def gradients(x, weight, bias, grad_out):
    """torch's gradients of feature maps with respect to x, weight and bias."""
    leaves = [tensor.clone().requires_grad_() for tensor in (x, weight, bias)]
    return torch.autograd.grad(F.conv2d(*leaves), leaves, grad_out)


def backward(student, x, weight, grad_out):
    """The three gradients that feature_maps_backward returns."""
    answer = by_hand(student, "feature_maps_backward", x, weight, grad_out)
    return assert_sequence(
        answer,
        3,
        what="what feature_maps_backward returns",
        expected="three tensors (grad_x, grad_weight, grad_bias)",
    )


def test_feature_maps_are_conv2d(student, rng):
    """feature_maps of a random batch equals torch's conv2d."""
    x, weight, bias, _ = layer(rng)
    expected = F.conv2d(x, weight, bias)
    assert_close(
        by_hand(student, "feature_maps", x, weight, bias),
        expected,
        what="feature_maps(x, weight, bias)",
        **TOLERANCE,
        mistakes={
            "the bias is missing": F.conv2d(x, weight),
            "the kernels are flipped": F.conv2d(x, weight.flip(2, 3), bias),
            "the bias is added once for every input channel": F.conv2d(x, weight, 2 * bias),
            "the input channels are averaged instead of summed": F.conv2d(x, weight / 2, bias),
            "only the first input channel is used": F.conv2d(x[:, :1], weight[:, :1], bias),
            "the image is padded": F.conv2d(x, weight, bias, padding=1),
        },
    )


def test_gradient_of_weight_and_bias(student, rng):
    """feature_maps_backward gives torch's gradients of the weight and of the bias."""
    x, weight, bias, grad_out = layer(rng)
    _, d_weight, d_bias = gradients(x, weight, bias, grad_out)
    answer = backward(student, x, weight, grad_out)
    one_image = gradients(x[:1], weight, bias, grad_out[:1])[1]
    assert_close(
        answer[1],
        d_weight,
        what="grad_weight",
        **TOLERANCE,
        batch_size=5,
        mistakes={"only the first image of the batch counts": one_image},
    )
    one_place = grad_out.sum(dim=0)[:, 0, 0]
    assert_close(
        answer[2],
        d_bias,
        what="grad_bias",
        **TOLERANCE,
        batch_size=5,
        mistakes={
            "only one place of each map counts": one_place,
            "it is averaged over the places of a map instead of summed": d_bias / 42,
        },
    )


def test_gradient_of_the_input(student, rng):
    """feature_maps_backward gives torch's gradient of the input."""
    x, weight, bias, grad_out = layer(rng)
    expected = gradients(x, weight, bias, grad_out)[0]
    flipped = gradients(x, weight.flip(2, 3), bias, grad_out)[0]
    answer = backward(student, x, weight, grad_out)
    assert_close(
        answer[0],
        expected,
        what="grad_x",
        **TOLERANCE,
        mistakes={
            "the kernels lie the wrong way round: pixel = place + entry of the kernel": flipped,
        },
    )


def test_max_pool_is_that_of_torch(student, rng):
    """max_pool equals torch's, rows and columns that fill no window left out."""
    for shape, size in (((2, 3, 6, 4), 2), ((3, 2, 7, 11), 3)):
        x = normal(rng, *shape) - 3  # mostly negative: a pool that starts at 0 shows
        expected = F.max_pool2d(x, size)
        assert_close(
            by_hand(student, "max_pool", x, size),
            expected,
            what=f"max_pool of {shape[2]}×{shape[3]} pixels in windows of {size}",
            **TOLERANCE,
            mistakes={
                "the maximum starts at 0, but all pixels may be negative": expected.clamp(min=0),
                "it is the mean of a window, not the maximum": F.avg_pool2d(x, size),
                "windows overlap: they must lie side by side": F.max_pool2d(x, size, stride=1),
                "the windows that stick out are kept": F.max_pool2d(x, size, ceil_mode=True),
            },
        )


def pooled_gradient(x, size, grad_out):
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad(F.max_pool2d(leaf, size), leaf, grad_out)[0]


def pooling_mistakes(x, size, grad_out):
    if x.shape[2] % size or x.shape[3] % size:
        return {}
    maps = (grad_out, F.max_pool2d(x, size))
    spread, largest = (F.interpolate(each, scale_factor=size) for each in maps)
    equal = x == largest
    count = F.interpolate(size**2 * F.avg_pool2d(equal.double(), size), scale_factor=size)
    last = pooled_gradient(x.flip(2, 3), size, grad_out.flip(2, 3)).flip(2, 3)
    return {
        "every one of the equal pixels gets the whole gradient": equal * spread,
        "the gradient is shared by the equal pixels": equal * spread / count,
        "the last of the equal pixels gets it, not the first": last,
        "every pixel of a window gets the gradient, not the largest alone": spread,
        "the gradient is shared by the window's pixels": spread / size**2,
    }


def test_gradient_of_max_pool(student, rng):
    """max_pool_backward: the first largest pixel of a window gets the gradient, others get 0."""
    for shape, size, ties in (
        ((2, 3, 6, 4), 2, False),
        ((3, 2, 7, 11), 3, False),
        ((2, 5, 6, 8), 2, True),
    ):
        x = normal(rng, *shape) - 1
        if ties:  # small whole numbers, as after a relu: most windows hold equal pixels
            x = torch.tensor(rng.integers(-3, 3, size=shape)).double().clamp(min=0)
        grad_out = normal(rng, *shape[:2], shape[2] // size, shape[3] // size)
        words = f"{shape[2]}×{shape[3]} pixels in windows of {size}"
        assert_close(
            by_hand(student, "max_pool_backward", x, size, grad_out),
            pooled_gradient(x, size, grad_out),
            what=f"max_pool_backward of {words}{', some of them equal' if ties else ''}",
            **TOLERANCE,
            mistakes=pooling_mistakes(x, size, grad_out),
        )


def count_parameters_of_a_module(student):
    import torch

    conv = torch.nn.Conv2d(2, 5, 3, bias=False)
    norm = torch.nn.BatchNorm2d(5)  # has buffers too, which are no parameters
    return student.count_parameters(torch.nn.Sequential(conv, norm, torch.nn.Linear(6, 4)))


def test_counts_of_other_layers(student, rng):
    """The counts are right for other layers and for all parameters of a module."""
    n_in, n_out = (int(n) for n in rng.permutation(np.arange(7, 20))[:2])
    assert_equal(
        student.count_dense(n_in, n_out),
        n_in * n_out + n_out,
        what="count_dense of another layer",
        mistakes={
            "the biases are missing": n_in * n_out,
            "there is a bias for each input, not for each node": n_in * n_out + n_in,
        },
    )
    channels, maps, size = (int(n) for n in rng.permutation(np.arange(4, 10))[:3])
    assert_equal(
        student.count_convolution(channels, maps, size),
        channels * maps * size**2 + maps,
        what="count_convolution of another layer",
        mistakes={
            "the biases are missing": channels * maps * size**2,
            "every map needs a kernel for each input channel": maps * size**2 + maps,
            "a map has one bias, not one for each of its kernels": (
                channels * maps * size**2 + channels * maps
            ),
            "the kernel has size times size entries": channels * maps * size + maps,
        },
    )
    assert_equal(
        student.run(count_parameters_of_a_module),
        128,
        what="count_parameters(module)",
        mistakes={
            "it counts the parameter tensors, not their numbers": 5,
            "buffers are counted too": 139,
        },
    )
