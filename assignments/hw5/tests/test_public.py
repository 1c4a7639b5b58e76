"""Public tests of hw5: the examples of the handout, and one of each kind that is graded.

They see the student's module only through the `student` proxy. Functions such as `product_gradient`
are sent to run beside it.
"""

import torch

from grader.testing import assert_array, assert_between, assert_close, assert_equal, check


def product_gradient(student, z):
    """A probe: the gradient of z₀ z₁."""
    return student.gradient(lambda z: z[0] * z[1], z)


def sum_of_two_calls(student, z):
    """A probe: what is left after backward of z₀ z₁ and of z₀ + z₁."""
    return student.accumulated_gradient(lambda z: z[0] * z[1], lambda z: z[0] + z[1], z)


def kept_product(student, z):
    """A probe: value and gradient of z₀ z₁ + (z₀ + z₁), the sum under no_grad, as one tensor."""
    import torch

    value, gradient = student.kept_gradient(lambda z: z[0] * z[1], lambda z: z[0] + z[1], z)
    return torch.cat([value.reshape(1), gradient])


def parameter_shapes(student, generator):
    """A probe: the shapes of a MappingNet's parameters, in order."""
    return [list(theta.shape) for theta in student.MappingNet(generator).parameters()]


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def is_text(value, text):
    """Whether a value that came back is this text; an array would answer `==` with an array."""
    return type(value) is str and value == text


def new_dataset(student, A, B, n, noise, generator):
    """A probe: what a new dataset holds."""
    dataset = student.DiscreteMapping(A, B, n, noise, generator)
    return {
        "len": len(dataset),
        "inputs": dataset.inputs(),
        "targets": dataset.targets(),
        "classes": dataset.classes(),
        "dtype": str(dataset.classes().dtype),
    }


def stop_and_restore(student, losses, patience):
    """A probe: when the rule stops a model whose weight is the epoch's number, and its end."""
    import torch

    model = torch.nn.Linear(1, 1, bias=False)
    stopping = student.EarlyStopping(patience)
    result = {}
    for epoch, loss in enumerate(losses):
        with torch.no_grad():
            model.weight.fill_(epoch)
        result[f"answer {epoch}"] = bool(stopping.update(loss, model))
    stopping.restore(model)
    return {**result, "weight": model.weight.item()}


def test_gradient_of_a_product(student):
    """z₀ z₁ has the gradient (2, 1) at z = (1, 2); with that of z₀ + z₁ it adds up to (3, 2)."""
    gradient = student.run(product_gradient, torch.tensor([1.0, 2.0]))
    assert_close(gradient, torch.tensor([2.0, 1.0]), what="the gradient of z₀ z₁ at (1, 2)")
    assert_close(
        student.run(sum_of_two_calls, torch.tensor([1.0, 2.0])),
        torch.tensor([3.0, 2.0]),
        what="the gradient after backward of z₀ z₁ and then of z₀ + z₁",
        mistakes={"only the second backward counts": torch.tensor([1.0, 1.0])},
    )


def test_no_grad_leaves_a_term_out(student):
    """With z₀ + z₁ computed under no_grad, z₀ z₁ + (z₀ + z₁) is 5 and has the gradient (2, 1)."""
    assert_close(
        student.run(kept_product, torch.tensor([1.0, 2.0])),
        torch.tensor([5.0, 2.0, 1.0]),
        what="the triple of the value and the gradient at (1, 2)",
        mistakes={
            "the second term is differentiated too": torch.tensor([5.0, 3.0, 2.0]),
            "the second term is missing in the value": torch.tensor([2.0, 2.0, 1.0]),
        },
    )


def test_mapping_without_noise(student, torch_seed):
    """Without noise the inputs are rows of A, and targets and classes belong to them."""
    A = torch.tensor([[1.0, 0.0, 2.0, 0.5], [0.0, 3.0, 1.0, 0.0], [4.0, 1.0, 0.0, 2.0]])
    B = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    generator = torch.Generator().manual_seed(torch_seed)
    result = student.run(new_dataset, A, B, 20, 0.0, generator)
    assert_equal(entry(result, "len"), 20, what="len(dataset)")
    inputs = assert_array(entry(result, "inputs"), shape=(20, 4), kind="ft", what="inputs()")
    is_row = (inputs[:, None] == A.numpy()).all(axis=2)  # (20, 3)
    check(
        bool(is_row.any(axis=1).all()),
        what="inputs() without noise",
        expected="rows of A",
        got="other rows",
    )
    k = is_row.argmax(axis=1)
    classes = assert_array(entry(result, "classes"), shape=(20,), kind="it", what="classes()")
    assert_equal(classes, k, what="classes(), the array of numbers of the rows of A,")
    check(
        is_text(entry(result, "dtype"), "torch.int64"),
        what="the dtype of classes()",
        expected="torch.int64",
        got="another one",
    )
    assert_close(entry(result, "targets"), B[k], what="targets()")


def test_mapping_net_and_loss(student, torch_seed):
    """The parameters of MappingNet have the right shapes, and nll_loss is the mean of -ln p."""
    assert_equal(
        student.run(parameter_shapes, torch.Generator().manual_seed(torch_seed)),
        [[10, 6], [5, 10], [5], [3, 5], [3]],
        what="the list of the parameters' shapes",
    )
    p = torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]], dtype=torch.float64)
    assert_close(
        student.nll_loss(p.log(), torch.tensor([1, 2])),
        -(torch.tensor(0.25 * 0.8, dtype=torch.float64).log()) / 2,
        what="the loss of the probabilities 0.25 and 0.8",
        mistakes={"it is summed instead of averaged": -torch.tensor(0.2).double().log()},
    )


def test_disk_data(student, torch_seed):
    """The data have the right shapes and types, lie in [-1, 1)², and about half have label 1."""
    result = student.run(both_parts, 1000, torch.Generator().manual_seed(torch_seed))
    x = assert_array(entry(result, "X"), shape=(1000, 2), kind="ft", what="X")
    y = assert_array(entry(result, "y"), shape=(1000,), kind="it", what="y")
    check(
        bool((x >= -1).all() and (x < 1).all()),
        what="X",
        expected="points in [-1, 1)²",
        got=f"coordinates from {x.min():.3g} to {x.max():.3g}",
    )
    assert_between(float(y.mean()), 0.4, 0.6, what="the fraction of label 1")


def both_parts(student, n, generator):
    """A probe: X and y of generate_data."""
    X, y = student.generate_data(n, generator)
    return {"X": X, "y": y}


def test_early_stopping_rule(student):
    """Training stops after `patience` epochs without a new best, and the best comes back."""
    for losses, patience, best in (([3.0, 2.0, 2.5, 1.5, 1.5, 1.6, 1.7], 3, 3), ([1.0, 2.0], 1, 0)):
        result = student.run(stop_and_restore, losses, patience)
        for epoch, loss in enumerate(losses):
            last = epoch == len(losses) - 1
            check(
                entry(result, f"answer {epoch}") is last,
                what=f"update({loss}) as the loss number {epoch + 1} with patience {patience}",
                expected="True: stop now" if last else "False: go on",
                got="False" if last else "True",
            )
        assert_equal(
            entry(result, "weight"),
            float(best),
            what=f"the epoch (from 0) whose weight comes back, of losses {losses},",
            mistakes={
                "the last weights come back, not the best: state_dict() points to the live ones": (
                    len(losses) - 1.0
                )
            },
        )
