"""Hidden tests of hw5, problems 5.1 and 5.2: autograd, memory, and a dataset."""

import numpy as np
import torch

from grader.testing import assert_array, assert_between, assert_close, check


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def is_text(value, text):
    """Whether a value that came back is this text; an array would answer `==` with an array."""
    return type(value) is str and value == text


def gradient_of_an_expression(student, z, w):
    """A probe: the gradient of Σ w sin(z) + (Σ z)² by z."""
    return student.gradient(lambda z: (w * z.sin()).sum() + z.sum() ** 2, z)


def z_and_the_result_after_gradient(student, z):
    """A probe: what gradient() has left in z, in a z with a gradient of its own, in the result."""
    import torch

    before = z.clone()
    result = student.gradient(lambda z: (z**3).sum(), z)
    leaf = z.clone().requires_grad_()
    leaf.grad = torch.ones_like(z)
    student.gradient(lambda z: (z**3).sum(), leaf)
    return {
        "requires": z.requires_grad,
        "has grad": z.grad is not None,
        "changed": not torch.equal(z, before),
        "graph": result.requires_grad,
        "old grad changed": leaf.grad is None or not torch.equal(leaf.grad, torch.ones_like(z)),
    }


def test_gradient_leaves_z_alone(student, rng):
    """gradient() works for any shape of z, and neither z nor z.grad is touched."""
    z, w = torch.tensor(rng.normal(size=(3, 4))), torch.tensor(rng.normal(size=(3, 4)))
    assert_close(
        student.run(gradient_of_an_expression, z, w),
        w * z.cos() + 2 * z.sum(),
        what="the gradient of Σ w sin(z) + (Σ z)²",
    )
    found = student.run(z_and_the_result_after_gradient, z)
    for mark, what, expected, got in (
        ("changed", "the caller's z", "the values it had", "changed values"),
        ("requires", "the caller's z", "no requires_grad, as before", "requires_grad switched on"),
        ("has grad", "the caller's z", "no gradient in z.grad, as before", "one"),
        ("old grad changed", "the z.grad that was there before", "its old values", "other ones"),
        ("graph", "the result", "a tensor without graph", "one that requires a gradient"),
    ):
        check(
            entry(found, mark) is False,
            what=f"{what}, after gradient()",
            expected=expected,
            got=got,
            hint="Work on z.detach().clone().requires_grad_().",
        )


def kept_gradient_of_two_functions(student, z):
    """A probe: value and gradient of Σ z³ + Σ 5z with the second under no_grad, and traces."""
    import torch

    enabled = []

    def g(z):
        enabled.append(torch.is_grad_enabled())
        return (5 * z).sum()

    value, gradient = student.kept_gradient(lambda z: (z**3).sum(), g, z)
    return {
        "value": value.detach(),
        "gradient": gradient,
        "recorded": any(enabled),
        "graph": value.requires_grad,
        "touched": z.requires_grad or z.grad is not None,
    }


def accumulated_gradient_of_two_functions(student, z):
    """A probe: what is left after backward of Σ z³ and of z₀ z₁, and whether z was touched."""
    gradient = student.accumulated_gradient(lambda z: (z**3).sum(), lambda z: z[0] * z[1], z)
    return {"gradient": gradient, "touched": z.requires_grad or z.grad is not None}


def test_no_grad_and_accumulation(student, rng):
    """What no_grad hides from the gradient, and what a second backward adds to it."""
    z = torch.tensor(rng.uniform(0.5, 2.0, size=4))
    slope = 3 * z**2
    result = student.run(kept_gradient_of_two_functions, z)
    assert_close(
        entry(result, "value"),
        (z**3).sum() + (5 * z).sum(),
        what="kept_gradient's value",
        mistakes={"the term under no_grad is left out": (z**3).sum()},
    )
    assert_close(
        entry(result, "gradient"),
        slope,
        what="kept_gradient's gradient",
        mistakes={"the second term is differentiated too": slope + 5},
    )
    for mark, what, expected, got in (
        ("recorded", "the call of g in kept_gradient", "one under no_grad", "a recorded one"),
        (
            "graph",
            "kept_gradient's value",
            "a tensor without graph",
            "one that still has its graph",
        ),
        ("touched", "the caller's z, after kept_gradient()", "a z as it was", "a changed one"),
    ):
        check(entry(result, mark) is False, what=what, expected=expected, got=got)
    second = torch.tensor([z[1], z[0], 0.0, 0.0], dtype=torch.float64)
    result = student.run(accumulated_gradient_of_two_functions, z)
    assert_close(
        entry(result, "gradient"),
        slope + second,
        what="accumulated_gradient's result",
        mistakes={
            "only the second backward counts": second,
            "only the first backward counts": slope,
        },
    )
    check(
        entry(result, "touched") is False,
        what="the caller's z, after accumulated_gradient()",
        expected="a z as it was",
        got="one with requires_grad switched on or a gradient in z.grad",
    )


def six_conversions(student, a):
    """A probe: what each conversion gave, and whether a change of the original shows in it."""
    import torch

    t, plain = torch.tensor(a, requires_grad=True), torch.tensor(a)
    results = {
        "shared_tensor(a)": student.shared_tensor(a),
        "copied_tensor(a)": student.copied_tensor(a),
        "shared_array(t) for t that requires gradients": student.shared_array(t),
        "shared_array(t)": student.shared_array(plain),
        "copied_array(t) for t that requires gradients": student.copied_array(t),
        "copied_array(t)": student.copied_array(plain),
    }
    a[0, 1] += 100.0
    with torch.no_grad():
        t[0, 1] += 100.0
        plain[0, 1] += 100.0
    return {
        name: {
            "type": type(x).__name__,
            "dtype": str(x.dtype).split(".")[-1],
            "shows": float(x[0, 1]) > 50.0,
        }
        for name, x in results.items()
    }


def test_which_conversions_share_memory(student, rng):
    """A change of the original shows in what shares its memory, and in nothing else."""
    with_gradients = " for t that requires gradients"
    for dtype in ("float32", "float64"):
        result = student.run(six_conversions, rng.normal(size=(2, 3)).astype(dtype))
        for name, kind in (
            ("shared_tensor(a)", "Tensor"),
            ("copied_tensor(a)", "Tensor"),
            ("shared_array(t)", "ndarray"),
            (f"shared_array(t){with_gradients}", "ndarray"),
            ("copied_array(t)", "ndarray"),
            (f"copied_array(t){with_gradients}", "ndarray"),
        ):
            found = entry(result, name)
            what = f"{name}, with numbers of {dtype},"
            noun = "a torch tensor" if kind == "Tensor" else "a numpy array"
            check(
                is_text(entry(found, "type"), kind), what=what, expected=noun, got="something else"
            )
            check(
                is_text(entry(found, "dtype"), dtype),
                what=what,
                expected=dtype,
                got="another dtype",
            )
            shared = name.startswith("shared")
            check(
                entry(found, "shows") is shared,
                what=what,
                expected="the memory of the original" if shared else "a copy of its own",
                got="a copy: a change of the original does not show"
                if shared
                else "the original's memory: a change of it shows",
            )


def a_new_dataset(student, A, B, n, noise, generator):
    """A probe: what a new dataset holds."""
    dataset = student.DiscreteMapping(A, B, n, noise, generator)
    classes = dataset.classes()
    return {
        "inputs": dataset.inputs(),
        "targets": dataset.targets(),
        "classes": classes,
        "dtype": str(classes.dtype),
    }


def test_mapping_noise_and_classes(student, rng, torch_seed):
    """The noise is normal and independent, every row is as likely, targets have none."""
    n, noise = 3000, 0.3
    A, B = torch.tensor(rng.normal(size=(4, 5))).float(), torch.tensor(rng.normal(size=(4, 2)))
    B = B.float()
    generator = torch.Generator().manual_seed(torch_seed)
    result = student.run(a_new_dataset, A, B, n, noise, generator)
    x = assert_array(entry(result, "inputs"), shape=(n, 5), kind="ft", what="inputs()")
    k = assert_array(entry(result, "classes"), shape=(n,), kind="it", what="classes()")
    check(
        is_text(entry(result, "dtype"), "torch.int64"),
        what="the dtype of classes()",
        expected="torch.int64, which torch's losses and indexing want",
        got="another one",
    )
    check(
        bool(((k >= 0) & (k < 4)).all()),
        what="classes()",
        expected="numbers of rows of A",
        got="a number that is none",
    )
    k = k.astype(np.int64)  # B[k] with uint8 would be taken for a mask
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
    excess = float((e**4).mean() / (e**2).mean() ** 2)
    check(
        abs(excess - 3) < 0.3,
        what="the noise's distribution",
        expected="a normal one",
        got="fourth moments of another one, such as a uniform one",
    )
    correlation = np.corrcoef(e.T) - np.eye(5)
    check(
        bool((np.abs(correlation) < 0.1).all()),
        what="the noise of different elements of an input",
        expected="independent numbers",
        got="correlated ones",
    )
    check(
        len(np.unique(e[:, 0])) > n // 2,
        what="the noise of different samples",
        expected="independent numbers",
        got="the same number many times",
    )


def the_items_of_a_dataset(student, A, B, generator):
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
    return {
        "same items": worst == 0.0,
        "A unchanged": torch.equal(A, A_before),
        "global state unused": torch.equal(state, torch.get_rng_state()),
    }


def test_mapping_is_reproducible(student, rng, torch_seed):
    """The same generator gives the same data, items stay what they are, A is left alone."""
    A, B = torch.tensor(rng.normal(size=(3, 4))).float(), torch.eye(3)

    def table(seed):
        """Inputs, targets and classes, side by side (30, 8)."""
        generator = torch.Generator().manual_seed(seed)
        result = student.run(a_new_dataset, A, B, 30, 0.5, generator)
        shapes = {"inputs": (30, 4), "targets": (30, 3), "classes": (30,)}
        return np.column_stack(
            [
                assert_array(entry(result, name), shape=shape, kind="fit", what=f"{name}()")
                for name, shape in shapes.items()
            ]
        )

    first = table(torch_seed)
    check(
        np.array_equal(table(torch_seed), first),
        what="the data of a generator in the same state",
        expected="the same data",
        got="other ones",
        hint="Pass generator=generator to every function of torch that draws.",
    )
    check(
        not np.array_equal(table(torch_seed + 1), first),
        what="the data of a generator with another seed",
        expected="other data",
        got="the same",
    )
    generator = torch.Generator().manual_seed(torch_seed)
    found = student.run(the_items_of_a_dataset, A, B, generator)
    for mark, what, expected, got in (
        (
            "same items",
            "dataset[i], looked at again and again",
            "row i of inputs() and of targets()",
            "something else",
        ),
        ("A unchanged", "the caller's A", "an A as it was", "changed values"),
        (
            "global state unused",
            "where the random numbers come from",
            "the generator that is given",
            "torch's global state",
        ),
    ):
        check(entry(found, mark) is True, what=what, expected=expected, got=got)
