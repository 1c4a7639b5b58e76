"""Hidden tests of hw5, problem 5.5: overfitting, validation, weight decay and early stopping."""

import numpy as np
import torch

from grader.testing import (
    assert_array,
    assert_close,
    assert_equal,
    assert_ladder,
    assert_scalar,
    check,
)


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def half_square(y, t):
    return float(0.5 * np.mean((y - t) ** 2))


def a_regression_net_after_overfit(student, x, t, x_new, target, seed):
    """A probe: what overfit() returned, and a RegressionNet's outputs before and after it."""
    import torch

    torch.manual_seed(seed)
    model = student.RegressionNet(torch.Generator().manual_seed(seed))
    with torch.no_grad():
        before = model(x)[:, 0]
    error = student.overfit(model, x, t, target)
    with torch.no_grad():
        return {
            "error": error,
            "before": before,
            "on x": model(x)[:, 0],
            "on new x": model(x_new)[:, 0],
        }


def the_parameters_of_two_regression_nets(student, seed):
    """A probe: the parameters' shapes, and whether equal generators give equal parameters."""
    import torch

    both = []
    for k in (1, 2):
        torch.manual_seed(seed + k)  # the global state differs, the generator does not
        net = student.RegressionNet(torch.Generator().manual_seed(seed))
        both.append([theta.detach().clone() for theta in net.parameters()])
    shapes = [list(theta.shape) for theta in both[0]]
    return {"shapes": shapes, "equal": all(map(torch.equal, *both))}


def is_returned(result, error):
    """Whether the number that overfit() returned is the error that the network has."""
    returned = assert_scalar(entry(result, "error"), what="the number that overfit() returns")
    return bool(abs(returned - error) <= 0.05 * error + 1e-9)


def test_overfit(student, rng, torch_seed, points):
    """A 1-250-250-1 network fits six noisy samples exactly, and new samples not at all so well."""
    y, t = torch.tensor(rng.normal(size=(5, 3))), torch.tensor(rng.normal(size=(5, 3)))
    assert_close(
        student.mean_squared_error(y, t),
        0.5 * (y - t).square().sum() / 5,
        what="mean_squared_error for a batch of (5, 3)",
        batch_size=5,
        mistakes={"the mean is over all elements": 0.5 * (y - t).square().mean()},
    )
    found = student.run(the_parameters_of_two_regression_nets, torch_seed)
    assert_equal(
        entry(found, "shapes"),
        [[250, 1], [250], [250, 250], [250], [1, 250], [1]],
        what="the list of the shapes of RegressionNet's parameters",
    )
    equal = entry(found, "equal") is True
    points.award(
        0.2 if equal else 0.0,
        "a second RegressionNet from a generator in the same state has "
        + ("the same parameters" if equal else "other parameters: they come from global state"),
    )
    x = np.concatenate([np.linspace(-1, 1, 6) + rng.uniform(-0.1, 0.1, 6), rng.uniform(-1, 1, 50)])
    t = np.sin(3 * x) + rng.choice([-1.0, 1.0], size=56) * rng.uniform(0.2, 0.4, size=56)
    column, t_six = torch.tensor(x[:, None]).float(), torch.tensor(t[:6, None]).float()
    samples = (column[:6], t_six, column[6:])

    def outputs(result, name, n=6):
        return assert_array(entry(result, name), shape=(n,), kind="ft", what=f"the output {name}")

    def error_on_six(result):
        return half_square(outputs(result, "on x"), t_six.numpy()[:, 0])

    result = student.run(a_regression_net_after_overfit, *samples, 1e12, torch_seed)
    returned = is_returned(result, error_on_six(result))
    untouched = np.array_equal(outputs(result, "before"), outputs(result, "on x"))
    points.award(
        0.15 if untouched else 0.0,
        "a network whose error is below the target from the start is "
        + ("left as it was" if untouched else "trained, where it should be left as it was"),
    )
    for attempt in (0, 1):  # a second network where the first one gets stuck
        result = student.run(a_regression_net_after_overfit, *samples, 1e-6, torch_seed + attempt)
        error = error_on_six(result)
        if error <= 1.01e-6:
            break
    returned &= is_returned(result, error) or error > 1.01e-6
    points.award(
        0.15 if returned else 0.0,
        f"the number that overfit() returns is {'' if returned else 'not '}the error that the "
        "network has in the end",
    )
    check(
        half_square(outputs(result, "on new x", 50), t[6:]) > 1e-3,
        what="the error on new samples",
        expected="one that is orders of magnitude above the error on the six",
        got="one as small",
    )
    assert_ladder(
        error,
        ladder=[(1.01e-6, 0.5), (1e-5, 0.35), (1e-3, 0.2)],
        points=points,
        stated=True,
        what="the error on the six samples",
        higher_is_better=False,
    )


def both_parts_of_the_split(student, n, n_validation, generator):
    """A probe: both parts, and whether torch's global random state was left alone."""
    import torch

    state = torch.get_rng_state()
    training, validation = student.validation_split(n, n_validation, generator)
    return {
        "training": training,
        "validation": validation,
        "global state unused": torch.equal(state, torch.get_rng_state()),
    }


def test_validation_split(student, torch_seed):
    """The two parts are disjoint, complete, drawn at random and the same for the same generator."""
    n, n_validation = 60, 17

    def parts(seed):
        generator = torch.Generator().manual_seed(seed)
        result = student.run(both_parts_of_the_split, n, n_validation, generator)
        check(
            entry(result, "global state unused") is True,
            what="where the split's random numbers come from",
            expected="the generator that is given",
            got="torch's global state",
        )
        return [
            assert_array(
                entry(result, name), shape=(size,), kind="it", what=f"the tensor of {name} indices"
            )
            for name, size in (("training", n - n_validation), ("validation", n_validation))
        ]

    training, validation = parts(torch_seed)
    check(
        not np.isin(training, validation).any(),
        what="the training part",
        expected="no sample of the validation part",
        got="samples that are in both",
    )
    assert_equal(
        np.sort(np.concatenate([training, validation])),
        np.arange(n),
        what="the sorted array of both parts' indices",
    )
    check(
        all(map(np.array_equal, parts(torch_seed), (training, validation))),
        what="the split of a generator in the same state",
        expected="the same split",
        got="another one",
    )
    others = [np.sort(parts(torch_seed + k)[1]) for k in (1, 2, 3)]
    check(
        not any(np.array_equal(other, np.sort(validation)) for other in others),
        what="the validation part of another seed",
        expected="other samples",
        got="the same samples",
    )
    ends = (np.arange(n - n_validation, n), np.arange(n_validation))
    check(
        not any(np.array_equal(np.sort(validation), end) for end in ends),
        what="the validation part",
        expected="samples drawn at random",
        got="the first or the last samples",
    )


def parameters_after_each_weight_decay_step(student, theta, step_size, decay, times):
    """A probe: parameters after each weight_decay_step on Σ sin(θ) + Σ θ² / 2.

    No optimiser of torch can be made meanwhile.
    """
    import torch

    made = []
    start = torch.optim.Optimizer.__init__

    def refuse(self, *args, **kwargs):
        made.append(type(self).__name__)
        raise RuntimeError("torch.optim is switched off here: the step is yours to write")

    model = torch.nn.ParameterList([torch.nn.Parameter(part.clone()) for part in theta.split(4)])
    rows = []
    torch.optim.Optimizer.__init__ = refuse
    try:
        for _ in range(times):
            model.zero_grad()
            sum(p.sin().sum() + 0.5 * p.square().sum() for p in model.parameters()).backward()
            student.weight_decay_step(model.parameters(), step_size, decay)
            rows.append(torch.cat([p.detach() for p in model.parameters()]))
    except RuntimeError:
        if not made:
            raise
        return {"optimiser": True}
    finally:
        torch.optim.Optimizer.__init__ = start
    return {"optimiser": bool(made), "rows": torch.stack(rows)}


def value_and_gradient_of_penalised(student, theta, strength):
    """A probe: value and gradient of the penalised loss Σ sin(θ)."""
    import torch

    model = torch.nn.ParameterList([torch.nn.Parameter(part.clone()) for part in theta.split(4)])
    loss = sum(p.sin().sum() for p in model.parameters())
    total = student.penalised(loss, model.parameters(), strength)
    total.backward()
    return {
        "value": total.detach(),
        "gradient": torch.cat([p.grad for p in model.parameters()]),
    }


def test_weight_decay(student, rng):
    """θ ← θ - κ ∇E - λ θ, step by step, and the penalty in the loss that does the same."""
    theta = torch.tensor(rng.normal(size=11))
    kappa, decay = 0.2, 0.05

    def by_hand(update):
        rows, p = [], theta
        for _ in range(4):
            p = update(p, p.cos() + p)
            rows.append(p)
        return torch.stack(rows)

    result = student.run(parameters_after_each_weight_decay_step, theta, kappa, decay, 4)
    check(
        entry(result, "optimiser") is not True,
        what="weight_decay_step",
        expected="a step by hand, without torch.optim",
        got="a step by an optimiser of torch.optim",
    )
    assert_close(
        entry(result, "rows"),
        by_hand(lambda p, g: p - kappa * g - decay * p),
        what="the table of parameters, one row after each of four steps",
        rtol=1e-9,
        mistakes={
            "the decay is multiplied by the step size": by_hand(
                lambda p, g: p - kappa * (g + decay * p)
            ),
            "the decay acts after the step, on the new parameters": by_hand(
                lambda p, g: (1 - decay) * (p - kappa * g)
            ),
            "the parameters grow": by_hand(lambda p, g: p - kappa * g + decay * p),
            "there is no decay": by_hand(lambda p, g: p - kappa * g),
        },
    )
    strength = decay / kappa
    half = 0.5 * strength * theta.square().sum()
    found = student.run(value_and_gradient_of_penalised, theta, strength)
    twice = "the factor 1/2 is missing"
    assert_close(
        entry(found, "value"),
        theta.sin().sum() + half,
        what="the value of penalised(Σ sin θ, θ, λ/κ)",
        rtol=1e-9,
        mistakes={twice: theta.sin().sum() + 2 * half},
    )
    assert_close(
        entry(found, "gradient"),
        theta.cos() + strength * theta,
        what="the gradient of penalised(Σ sin θ, θ, λ/κ)",
        rtol=1e-9,
        mistakes={
            twice: theta.cos() + 2 * strength * theta,
            "the penalty is missing": theta.cos(),
        },
    )


def losses_and_parameters_of_fit_early_stopping(
    student, theta, training, validation, step_size, max_epochs, patience
):
    """A probe: losses of fit_early_stopping and the parameters after it, on torch's own network."""
    import torch

    model = torch.nn.Sequential(
        torch.nn.Linear(1, 12), torch.nn.Tanh(), torch.nn.Linear(12, 1)
    ).double()
    torch.nn.utils.vector_to_parameters(theta.clone(), model.parameters())
    losses, losses_val = student.fit_early_stopping(
        model, tuple(training), tuple(validation), step_size, max_epochs, patience
    )
    end = torch.cat([p.detach().reshape(-1) for p in model.parameters()])
    return {"training": losses, "validation": losses_val, "end": end}


def when_early_stopping_stops(student, losses, patience):
    """A probe: the epoch at which the rule stops, and the epoch whose weight comes back."""
    import torch

    model = torch.nn.Linear(1, 1, bias=False)
    stopping = student.EarlyStopping(patience)
    for epoch, loss in enumerate(losses):
        with torch.no_grad():
            model.weight.fill_(epoch)
        if stopping.update(loss, model):
            break
    stopping.restore(model)
    return [epoch, int(model.weight)]


def by_hand(theta, training, validation, step_size, max_epochs, patience):
    """Gradient descent, with every epoch's parameters.

    -> losses, validation losses (epochs,), the parameters after each epoch (epochs, 37), the best
    """

    def error(p, data):
        return 0.5 * (network(p, data[0]) - data[1][:, 0]).square().mean()

    p = theta
    losses, losses_val, rows = [], [], []
    while len(losses) < max_epochs:
        p = p.detach().requires_grad_()
        loss = error(p, training)
        (slope,) = torch.autograd.grad(loss, p)
        p = p.detach() - step_size * slope
        losses.append(loss.item())
        losses_val.append(error(p, validation).item())
        rows.append(p)
        if len(losses_val) - 1 - losses_val.index(min(losses_val)) >= patience:
            break
    best = losses_val.index(min(losses_val))
    return np.array(losses), np.array(losses_val), torch.stack(rows), best


def network(p, x):
    """The network of the probe, 1 → 12 → 1 with tanh, for parameters p (37,): (N, 1) → (N,)."""
    w, b, v, c = p.split((12, 12, 12, 1))
    return (x * w + b).tanh() @ v + c


def as_errors(errors, n, what):
    """The numbers that training returned, (n,), once they are a list of n floats."""
    plain = type(errors) is list and all(
        type(error) in (float, np.float64, np.float32) for error in errors
    )
    check(
        plain,
        what=what,
        expected="one float for each epoch",
        got="something else",
        hint="loss.item() makes a float of a tensor with one number.",
    )
    check(
        len(errors) == n,
        what=f"the length of {what}",
        expected="one entry for each epoch until training has to stop",
        got=f"{len(errors)} entries: training goes on for too long"
        if len(errors) > n
        else f"{len(errors)} entries: training ends too early",
    )
    return np.array(errors, dtype=np.float64)


def test_fit_early_stopping(student, rng):
    """The losses are those of gradient descent, it ends in time, and the best weights come back."""
    losses = rng.uniform(1, 2) * np.array([5, 4, 6, 4.5, 3, 7, 2, 2, 2.5, 2.1, 1.0])
    assert_equal(
        student.run(when_early_stopping_stops, losses.tolist(), 3),
        [9, 6],
        what="the pair (epoch at which training stops, epoch whose weights come back), from 0,",
        mistakes={
            "a new best does not start the count again": [5, 4],
            "it stops at the first rise": [2, 1],
            "it waits for one epoch too many, or takes an equal loss for a new best": [10, 10],
            "the last weights come back, not the best: state_dict() points to the live ones": [
                9,
                9,
            ],
        },
    )
    theta = torch.tensor(rng.normal(size=37) * np.r_[3 * np.ones(24), 0.5 * np.ones(13)])
    x = torch.tensor(rng.uniform(-1, 1, size=(6, 1)))
    training = [x, torch.tensor(np.sin(3 * x.numpy()) + 0.5 * rng.normal(size=(6, 1)))]
    # validation targets are what the network says after six steps: the sixth epoch is the best
    x = torch.tensor(rng.uniform(-1, 1, size=(15, 1)))
    sixth = by_hand(theta, training, training, 0.1, 6, 6)[2][-1]
    noise = torch.tensor(1e-3 * rng.normal(size=15))
    validation = [x, (network(sixth, x) + noise)[:, None]]
    for what, max_epochs, patience in (
        ("a run that a patience of 4 stops", 400, 4),
        ("a run that max_epochs ends, after its best epoch and before its patience does", 9, 50),
        ("a run that max_epochs ends at three epochs", 3, 50),
    ):
        case = (theta, training, validation, 0.1, max_epochs, patience)
        losses, losses_val, rows, best = by_hand(*case)
        result = student.run(losses_and_parameters_of_fit_early_stopping, *case)
        for name, expected in (("training", losses), ("validation", losses_val)):
            words = f"the list of {name} errors of {what}"
            assert_close(
                as_errors(entry(result, name), len(expected), words),
                expected,
                what=words,
                rtol=1e-6,
            )
        kept = rows[best]
        assert_close(
            entry(result, "end"),
            kept,
            what=f"the vector of all parameters after {what}",
            rtol=1e-6,
            mistakes={
                "the last parameters are kept, not the best": rows[-1],
                "the parameters are those of the epoch before the best": rows[best - 1],
                "the model has its first parameters": theta,
            },
        )
