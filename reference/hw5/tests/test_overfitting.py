"""Hidden tests of hw5, problem 5.5: overfitting, validation, weight decay and early stopping."""

import numpy as np
import torch

from grader.testing import (
    assert_array,
    assert_close,
    assert_equal,
    assert_ladder,
    check,
)


def half_square(y, t):
    return float(0.5 * np.mean((y - t) ** 2))


def overfitted(student, x, t, x_new, generator):
    """A probe: a RegressionNet's outputs on x and x_new after overfit(), and what that returned."""
    import torch

    model = student.RegressionNet(generator)
    error = student.overfit(model, x, t, 1e-6)
    with torch.no_grad():
        y = torch.cat([model(x), model(x_new)])[:, 0]
    return torch.cat([y.double(), torch.tensor([float(error)], dtype=torch.float64)])


def shapes(student, generator):
    """A probe: the shapes of a RegressionNet's parameters."""
    return [list(theta.shape) for theta in student.RegressionNet(generator).parameters()]


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
    generator = torch.Generator().manual_seed(torch_seed)
    assert_equal(
        student.run(shapes, generator),
        [[250, 1], [250], [250, 250], [250], [1, 250], [1]],
        what="the shapes of RegressionNet's parameters",
    )
    x = np.concatenate([np.linspace(-1, 1, 6) + rng.uniform(-0.1, 0.1, 6), rng.uniform(-1, 1, 50)])
    t = np.sin(3 * x) + rng.choice([-1.0, 1.0], size=56) * rng.uniform(0.2, 0.4, size=56)
    column = torch.tensor(x[:, None]).float()
    t_train = torch.tensor(t[:6, None]).float()
    y = student.run(overfitted, column[:6], t_train, column[6:], generator)
    y = assert_array(y, shape=(57,), kind="ft", what="the outputs after overfit()")
    error, error_new = half_square(y[:6], t_train.numpy()[:, 0]), half_square(y[6:56], t[6:])
    check(
        error_new > 1e-3,
        what="the error on new samples",
        expected="orders of magnitude above the error on the six",
    )
    check(
        bool(abs(y[56] - error) < 1e-6 + 0.05 * error),
        what="what overfit() returns",
        expected="the mean squared error of the trained network on the six samples",
        got=f"{y[56]:.2g}",
    )
    assert_ladder(
        error,
        ladder=[(1.01e-6, 1.0), (1e-5, 0.6), (1e-3, 0.3)],
        points=points,
        what="the error on the six samples",
        higher_is_better=False,
    )


def indices(student, n, n_validation, generator):
    """A probe: training then validation indices, in one tensor."""
    import torch

    return torch.cat(list(student.validation_split(n, n_validation, generator)))


def sizes(student, n, n_validation, generator):
    """A probe: the sizes of the two parts, and whether torch's global random state was used."""
    import torch

    state = torch.get_rng_state()
    training, validation = student.validation_split(n, n_validation, generator)
    return [list(training.shape), list(validation.shape), torch.equal(state, torch.get_rng_state())]


def test_validation_split(student, torch_seed):
    """The two parts are disjoint, complete, drawn at random and the same for the same generator."""
    n, n_validation = 60, 17

    def parts(seed):
        generator = torch.Generator().manual_seed(seed)
        result = student.run(indices, n, n_validation, generator)
        return assert_array(result, shape=(n,), kind="it", what="both parts' indices")

    assert_equal(
        student.run(sizes, n, n_validation, torch.Generator().manual_seed(torch_seed)),
        [[n - n_validation], [n_validation], True],
        what="the shapes of the parts, and whether torch's global random state is unchanged",
    )
    first = parts(torch_seed)
    assert_equal(np.sort(first), np.arange(n), what="the sorted indices of both parts together")
    assert_equal(parts(torch_seed), first, what="the split of a generator in the same state")
    others = [np.sort(parts(torch_seed + k)[-n_validation:]) for k in (1, 2, 3)]
    check(
        not any(np.array_equal(other, np.sort(first[-n_validation:])) for other in others),
        what="the validation set of another seed",
        expected="another set",
    )
    check(
        not np.array_equal(np.sort(first[-n_validation:]), np.arange(n - n_validation, n))
        and not np.array_equal(np.sort(first[-n_validation:]), np.arange(n_validation)),
        what="the validation set",
        expected="samples drawn at random",
    )


def decayed(student, theta, step_size, decay, times):
    """A probe: parameters after each weight_decay_step on Σ sin(θ) + Σ θ² / 2."""
    import torch

    model = torch.nn.ParameterList([torch.nn.Parameter(part.clone()) for part in theta.split(4)])
    rows = []
    for _ in range(times):
        model.zero_grad()
        sum(p.sin().sum() + 0.5 * p.square().sum() for p in model.parameters()).backward()
        student.weight_decay_step(model.parameters(), step_size, decay)
        rows.append(torch.cat([p.detach() for p in model.parameters()]))
    return torch.stack(rows)


def penalty_gradient(student, theta, strength):
    """A probe: value and gradient of the penalised loss Σ sin(θ)."""
    import torch

    model = torch.nn.ParameterList([torch.nn.Parameter(part.clone()) for part in theta.split(4)])
    loss = sum(p.sin().sum() for p in model.parameters())
    total = student.penalised(loss, model.parameters(), strength)
    total.backward()
    return torch.cat([total.detach().reshape(1), *[p.grad for p in model.parameters()]])


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

    expected = by_hand(lambda p, g: p - kappa * g - decay * p)
    assert_close(
        student.run(decayed, theta, kappa, decay, 4),
        expected,
        what="the parameters after each of four steps",
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
    value = theta.sin().sum() + 0.5 * strength * theta.square().sum()
    slope = theta.cos() + strength * theta
    assert_close(
        student.run(penalty_gradient, theta, strength),
        torch.cat([value.reshape(1), slope]),
        what="the value of penalised(Σ sin θ, θ, λ/κ) and its gradient",
        rtol=1e-9,
        mistakes={
            "the factor 1/2 is missing": torch.cat(
                [
                    (value + 0.5 * strength * theta.square().sum()).reshape(1),
                    slope + strength * theta,
                ]
            ),
        },
    )


def stopped_early(student, theta, training, validation, step_size, max_epochs, patience):
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
    return torch.cat([torch.tensor([*losses, *losses_val], dtype=torch.float64), end])


def stop_and_restore(student, losses, patience):
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


def by_hand(theta, training, validation, step_size, max_epochs, patience, *, best=True):
    """Gradient descent with the best parameters kept. -> losses, validation losses, parameters"""

    def error(p, data):
        w, b, v, c = p.split((12, 12, 12, 1))
        y = (data[0] * w + b).tanh() @ v + c
        return 0.5 * (y - data[1][:, 0]).square().mean()

    p, kept = theta.clone().requires_grad_(), theta
    losses, losses_val = [], []
    while len(losses) < max_epochs:
        loss = error(p, training)
        (slope,) = torch.autograd.grad(loss, p)
        p = (p.detach() - step_size * slope).requires_grad_()
        losses.append(loss.item())
        losses_val.append(error(p, validation).item())
        if losses_val[-1] == min(losses_val) and losses_val.count(losses_val[-1]) == 1:
            kept = p.detach()
        if len(losses_val) - 1 - losses_val.index(min(losses_val)) >= patience:
            break
    end = kept if best else p.detach()
    return torch.cat([torch.tensor([*losses, *losses_val], dtype=torch.float64), end])


def test_fit_early_stopping(student, rng):
    """The losses are those of gradient descent, it ends in time, and the best weights come back."""

    def sample(n):
        x = rng.uniform(-1, 1, size=(n, 1))
        return [torch.tensor(x), torch.tensor(np.sin(3 * x) + 0.5 * rng.normal(size=(n, 1)))]

    losses = rng.uniform(1, 2) * np.array([5, 4, 6, 4.5, 3, 7, 2, 2, 2.5, 2.1, 1.0])
    assert_equal(
        student.run(stop_and_restore, losses.tolist(), 3),
        [9, 6],
        what="the epoch (from 0) at which training stops, and the one whose weights come back",
        mistakes={
            "a new best does not start the count again": [5, 4],
            "it stops at the first rise": [2, 1],
            "it waits for one epoch too many, or takes an equal loss for a new best": [10, 10],
            "the last weights come back, not the best": [9, 9],
        },
        hint="Clone the parameters when you keep them: state_dict() points to the live ones.",
    )
    theta = torch.tensor(rng.normal(size=37) * np.r_[3 * np.ones(24), 0.5 * np.ones(13)])
    training, validation = sample(6), sample(15)
    for what, max_epochs, patience in (
        ("that is stopped by a patience of 4", 400, 4),
        ("that ends after three epochs", 3, 50),
    ):
        case = (theta, training, validation, 0.1, max_epochs, patience)
        assert_close(
            student.run(stopped_early, *case),
            by_hand(*case),
            what=f"training losses, validation losses and final parameters of a run {what}",
            rtol=1e-6,
            mistakes={"the last parameters are kept, not the best": by_hand(*case, best=False)},
            hint="Clone the parameters when you keep them: state_dict() points to the live ones.",
        )
