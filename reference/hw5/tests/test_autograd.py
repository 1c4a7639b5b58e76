"""Hidden tests of hw5, problems 5.1 and 5.2: autograd, memory, and a dataset."""

import numpy as np
import torch

from grader.testing import assert_array, assert_between, assert_close, assert_equal, check


def gradient_of_an_expression(student, z, w):
    """A probe: the gradient of Σ w sin(z) + (Σ z)² by z."""
    return student.gradient(lambda z: (w * z.sin()).sum() + z.sum() ** 2, z)


def traces_left(student, z):
    """A probe: whether z and the gradient hold anything that they should not, after gradient()."""
    import torch

    before = z.clone()
    result = student.gradient(lambda z: (z**3).sum(), z)
    leaf = z.clone().requires_grad_()
    leaf.grad = torch.ones_like(z)
    student.gradient(lambda z: (z**3).sum(), leaf)
    return {
        "z requires a gradient": z.requires_grad,
        "z.grad is set": z.grad is not None,
        "z is changed": not torch.equal(z, before),
        "the result has a graph": result.requires_grad,
        "an earlier z.grad is changed": not torch.equal(leaf.grad, torch.ones_like(z)),
    }


def test_gradient_leaves_z_alone(student, rng):
    """gradient() works for any shape of z, and neither z nor z.grad is touched."""
    z, w = torch.tensor(rng.normal(size=(3, 4))), torch.tensor(rng.normal(size=(3, 4)))
    assert_close(
        student.run(gradient_of_an_expression, z, w),
        w * z.cos() + 2 * z.sum(),
        what="the gradient of Σ w sin(z) + (Σ z)²",
    )
    keys = (
        "z requires a gradient",
        "z.grad is set",
        "z is changed",
        "the result has a graph",
        "an earlier z.grad is changed",
    )
    assert_equal(
        student.run(traces_left, z),
        dict.fromkeys(keys, False),
        what="whether gradient() leaves traces",
        hint="Work on z.detach().clone().requires_grad_().",
    )


def kept(student, z):
    """A probe: value and gradient of Σ z³ + Σ 5z with the second under no_grad, and its mode."""
    import torch

    enabled = []

    def g(z):
        enabled.append(torch.is_grad_enabled())
        return (5 * z).sum()

    value, gradient = student.kept_gradient(lambda z: (z**3).sum(), g, z)
    rest = torch.tensor([float(any(enabled)), float(value.requires_grad), float(z.requires_grad)])
    return torch.cat([value.reshape(1), gradient, rest.double()])


def accumulated(student, z):
    """A probe: what is left after backward of Σ z³ and of z₀ z₁, and whether z was touched."""
    import torch

    gradient = student.accumulated_gradient(lambda z: (z**3).sum(), lambda z: z[0] * z[1], z)
    return torch.cat([gradient, torch.tensor([float(z.requires_grad or z.grad is not None)])])


def test_no_grad_and_accumulation(student, rng):
    """What no_grad hides from the gradient, and what a second backward adds to it."""
    z = torch.tensor(rng.uniform(0.5, 2.0, size=4))
    value, slope = (z**3).sum() + (5 * z).sum(), 3 * z**2
    none = torch.zeros(3, dtype=torch.float64)
    assert_close(
        student.run(kept, z),
        torch.cat([value.reshape(1), slope, none]),
        what="kept_gradient's value, gradient, and three marks: gradients on inside g, graph left, "
        "z changed",
        mistakes={
            "the second term is differentiated too": torch.cat([value.reshape(1), slope + 5, none]),
        },
    )
    second = torch.tensor([z[1], z[0], 0.0, 0.0], dtype=torch.float64)
    end = torch.zeros(1, dtype=torch.float64)
    assert_close(
        student.run(accumulated, z).double(),
        torch.cat([slope + second, end]),
        what="accumulated_gradient, and a mark: z changed",
        mistakes={
            "only the second backward counts": torch.cat([second, end]),
            "only the first backward counts": torch.cat([slope, end]),
        },
    )


def conversions(student, a):
    """A probe: what each conversion gave, and whether a change of the original shows in it."""
    import torch

    t, plain = torch.tensor(a, requires_grad=True), torch.tensor(a)
    results = {
        "shared_tensor": student.shared_tensor(a),
        "copied_tensor": student.copied_tensor(a),
        "shared_array of a tensor with gradients": student.shared_array(t),
        "shared_array": student.shared_array(plain),
        "copied_array of a tensor with gradients": student.copied_array(t),
        "copied_array": student.copied_array(plain),
    }
    a[0, 1] += 100.0
    with torch.no_grad():
        t[0, 1] += 100.0
        plain[0, 1] += 100.0
    return {
        name: {
            "type": type(x).__name__,
            "dtype": str(x.dtype).split(".")[-1],
            "a change shows": float(x[0, 1]) > 50.0,
        }
        for name, x in results.items()
    }


def test_which_conversions_share_memory(student, rng):
    """A change of the original shows in what shares its memory, and in nothing else."""
    shared = {"shared_tensor": "Tensor", "shared_array": "ndarray"}
    copied = {"copied_tensor": "Tensor", "copied_array": "ndarray"}
    shared["shared_array of a tensor with gradients"] = "ndarray"
    copied["copied_array of a tensor with gradients"] = "ndarray"
    for dtype in ("float32", "float64"):
        assert_equal(
            student.run(conversions, rng.normal(size=(2, 3)).astype(dtype)),
            {
                name: {"type": kind, "dtype": dtype, "a change shows": name in shared}
                for name, kind in (shared | copied).items()
            },
            what=f"conversions of {dtype}",
        )


def new_dataset(student, A, B, n, noise, generator):
    """A probe: what a new dataset holds."""
    dataset = student.DiscreteMapping(A, B, n, noise, generator)
    return {
        "inputs": dataset.inputs(),
        "targets": dataset.targets(),
        "classes": dataset.classes(),
    }


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def draw(student, A, B, n, noise, generator):
    """A probe: the columns inputs, targets, classes of a new dataset, side by side."""
    import torch

    dataset = student.DiscreteMapping(A, B, n, noise, generator)
    classes = dataset.classes().double()[:, None]
    return torch.cat([dataset.inputs().double(), dataset.targets().double(), classes], dim=1)


def test_mapping_noise_and_classes(student, rng, torch_seed):
    """The noise is normal and independent, every row is as likely, targets have none."""
    n, noise = 3000, 0.3
    A, B = torch.tensor(rng.normal(size=(4, 5))).float(), torch.tensor(rng.normal(size=(4, 2)))
    B = B.float()
    generator = torch.Generator().manual_seed(torch_seed)
    result = student.run(new_dataset, A, B, n, noise, generator)
    x = assert_array(entry(result, "inputs"), shape=(n, 5), kind="ft", what="inputs()")
    k = assert_array(entry(result, "classes"), shape=(n,), kind="it", what="classes()")
    check(bool(((k >= 0) & (k < 4)).all()), what="classes()", expected="rows of A")
    assert_close(entry(result, "targets"), B[k], what="targets()")
    counts = np.bincount(k, minlength=4)
    check(
        bool((np.abs(counts - n / 4) < 5 * np.sqrt(n * 0.25 * 0.75)).all()),
        what="how often each row of A was drawn",
        expected="about equally often",
        got=f"counts {counts.tolist()}",
    )
    e = x - A.numpy()[k]  # (n, 5)
    assert_between(float(e.std() / noise), 0.95, 1.05, what="the noise's deviation over `noise`")
    assert_between(float(np.abs(e.mean(axis=0)).max()), 0.0, 0.03, what="the noise's mean")
    correlation = np.corrcoef(e.T) - np.eye(5)
    check(
        bool((np.abs(correlation) < 0.1).all()),
        what="the noise of different elements of an input",
        expected="independent numbers",
    )
    check(
        len(np.unique(e[:, 0])) > n // 2,
        what="the noise of different samples",
        expected="independent numbers",
    )


def items(student, A, B, generator):
    """A probe: how far items, read twice, are from the rows of inputs() and targets()."""
    import torch

    state = torch.get_rng_state()
    A_before = A.clone()
    dataset = student.DiscreteMapping(A, B, 12, 0.5, generator)
    worst = 0.0
    for i in (0, 5, 11, 5):
        x, t = dataset[i]
        worst = max(worst, float((x - dataset.inputs()[i]).abs().max()))
        worst = max(worst, float((t - dataset.targets()[i]).abs().max()))
    return [worst, torch.equal(A, A_before), torch.equal(state, torch.get_rng_state())]


def test_mapping_is_reproducible(student, rng, torch_seed):
    """The same generator gives the same data, items stay what they are, A is left alone."""
    A, B = torch.tensor(rng.normal(size=(3, 4))).float(), torch.eye(3)

    def table(seed):
        generator = torch.Generator().manual_seed(seed)
        result = student.run(draw, A, B, 30, 0.5, generator)
        return assert_array(result, shape=(30, 8), kind="ft", what="inputs, targets, classes")

    first = table(torch_seed)
    assert_close(table(torch_seed), first, what="the data of a generator in the same state")
    check(
        not np.array_equal(table(torch_seed + 1), first),
        what="the data of a generator with another seed",
        expected="other data",
    )
    assert_equal(
        student.run(items, A, B, torch.Generator().manual_seed(torch_seed)),
        [0.0, True, True],
        what="the largest difference of dataset[i] from inputs()[i] and targets()[i], whether A is "
        "unchanged, whether torch's global random state is unchanged",
    )
