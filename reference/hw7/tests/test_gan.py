"""Hidden tests of Problems 7.4 to 7.6: the losses, steps and training of an adversarial network.

Losses and steps are checked against numpy and autograd; samples by an energy distance computed
here, from fresh samples of the mixture.
"""

import numpy as np
import torch
import torch.nn.functional as F

from grader.testing import (
    assert_array,
    assert_between,
    assert_close,
    assert_equal,
    assert_ladder,
    assert_scalar,
    check,
)

TOLERANCE = {"rtol": 1e-5, "atol": 1e-6}


def tensor(array):
    return torch.tensor(array, dtype=torch.float64)


def softplus(a):
    return np.logaddexp(0, a)


def test_losses_of_small_and_large_logits(student, rng):
    """The three losses are right for random logits, and finite for logits of ±1000."""
    for scale, words in ((2, "random logits"), (1000, "logits of about ±1000")):
        real, fake = rng.normal(size=5) * scale, rng.normal(size=4) * scale
        swapped = softplus(-fake).mean() + softplus(real).mean()
        on_real, on_fake = softplus(-real), softplus(fake)
        assert_close(
            student.discriminator_loss(tensor(real), tensor(fake)),
            tensor(on_real.mean() + on_fake.mean()),
            what=f"discriminator_loss of {words}",
            **TOLERANCE,
            mistakes={
                "real and fake are swapped": tensor(swapped),
                "it is summed over the samples instead of averaged": tensor(
                    on_real.sum() + on_fake.sum()
                ),
                "it is the mean over real and fake samples together": tensor(
                    np.concatenate([on_real, on_fake]).mean()
                ),
                "the fake samples' part is missing": tensor(on_real.mean()),
            },
        )
        minimax, nonsaturating = -on_fake.mean(), softplus(-fake).mean()
        assert_close(
            student.generator_loss_minimax(tensor(fake)),
            tensor(minimax),
            what=f"generator_loss_minimax of {words}",
            **TOLERANCE,
            batch_size=4,
            mistakes={"this is the non-saturating loss": tensor(nonsaturating)},
        )
        assert_close(
            student.generator_loss_nonsaturating(tensor(fake)),
            tensor(nonsaturating),
            what=f"generator_loss_nonsaturating of {words}",
            **TOLERANCE,
            batch_size=4,
            mistakes={"this is the minimax loss": tensor(minimax)},
        )


def gradient_of_a_loss(student, name, logits):
    leaf = logits.clone().requires_grad_()
    getattr(student, name)(leaf).backward()
    return leaf.grad


def test_gradients_of_the_generator_losses(student, rng):
    """Where D is near 0, the minimax loss has hardly a gradient and the non-saturating one has."""
    logits = rng.normal(size=6) * 2 - 5
    D = 1 / (1 + np.exp(-logits))
    minimax = student.run(gradient_of_a_loss, "generator_loss_minimax", tensor(logits))
    nonsaturating = student.run(gradient_of_a_loss, "generator_loss_nonsaturating", tensor(logits))
    for name, gradient, expected in (
        ("minimax", minimax, -D / 6),
        ("non-saturating", nonsaturating, -(1 - D) / 6),
    ):
        assert_close(
            gradient,
            tensor(expected),
            what=f"the gradient of the {name} loss with respect to the logits",
            **TOLERANCE,
            batch_size=6,
        )


def one_step(student, name, generator, discriminator, real, noise, device):
    """One step on nets of our own, all gradients 7 before it; both nets' state after it."""
    import torch

    G = torch.nn.Linear(3, 2)
    D = torch.nn.Sequential(
        torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1), torch.nn.Flatten(0)
    )
    for net, values in ((G, generator), (D, discriminator)):
        net.double().to(device)
        with torch.no_grad():
            for parameter, value in zip(net.parameters(), values, strict=True):
                parameter.copy_(value)
                parameter.grad = torch.full_like(parameter, 7)
    stepped = G if name == "generator_step" else D
    optimizer = torch.optim.SGD(stepped.parameters(), lr=0.1)
    inputs = (real, noise) if real is not None else (noise,)
    loss = getattr(student, name)(D, G, optimizer, *(x.to(device) for x in inputs))
    state = {}
    for key, net in (("generator", G), ("discriminator", D)):
        parameters = list(net.parameters())
        grads = [None if p.grad is None else p.grad.detach().cpu() for p in parameters]
        state[key] = [p.detach().cpu() for p in parameters]
        state[f"{key} grad"] = grads
        state[f"{key} learns"] = all(p.requires_grad for p in parameters)
    return loss, state


def two_nets(rng):
    """Parameters of G, 3 → 2 and linear, and of D, 2 → 4 → 1 with tanh."""
    generator = [tensor(rng.normal(size=shape)) for shape in ((2, 3), (2,))]
    discriminator = [tensor(rng.normal(size=shape)) for shape in ((4, 2), (4,), (1, 4), (1,))]
    return generator, discriminator


def D_of(x, discriminator):
    w1, b1, w2, b2 = discriminator
    return F.linear(torch.tanh(F.linear(x, w1, b1)), w2, b2).squeeze(1)


def stepped(parameters, loss_of, stale=0.0):
    """The parameters after one step of size 0.1 down the loss's gradient, and the loss."""
    leaves = [parameter.clone().requires_grad_() for parameter in parameters]
    loss = loss_of(leaves)
    gradients = torch.autograd.grad(loss, leaves)
    moved = [p - 0.1 * (g + stale) for p, g in zip(parameters, gradients, strict=True)]
    return flat(moved), loss.item()


def flat(parameters):
    return torch.cat([parameter.flatten() for parameter in parameters])


def check_other_untouched(state, name, before):
    """The other network's parameters and gradients (7 everywhere) are as they were."""
    assert_close(flat(state[name]), flat(before), what=f"the {name}'s parameters, left alone")
    gradients = state[f"{name} grad"]
    what = f"the {name}'s gradients (.grad), left alone"
    check(
        all(gradient is not None for gradient in gradients),
        what=what,
        expected="gradients as they were before the step",
        got="none",
        mistake="the other network's gradients are cleared",
    )
    expected = torch.full_like(flat(before), 7)
    assert_close(
        flat(gradients),
        expected,
        what=what,
        mistakes={"the other network's gradients are set to zero": 0 * expected},
        hint="The loss must reach only the parameters of the network whose step it is.",
    )
    both = [state["generator learns"], state["discriminator learns"]]
    assert_equal(both, [True, True], what="requires_grad of [generator, discriminator]")


def test_discriminator_step(student, rng, device):
    """discriminator_step descends the discriminator's loss and leaves the generator alone."""
    generator, discriminator = two_nets(rng)
    real, noise = tensor(rng.normal(size=(6, 2))), tensor(rng.normal(size=(4, 3)))
    fake = F.linear(noise, *generator)

    def loss_of(parameters, sign=1):
        real_logits, fake_logits = D_of(real, parameters), D_of(fake, parameters)
        return F.softplus(-sign * real_logits).mean() + F.softplus(sign * fake_logits).mean()

    loss, state = student.run(
        one_step, "discriminator_step", generator, discriminator, real, noise, device
    )
    expected, true_loss = stepped(discriminator, loss_of)
    assert_close(
        flat(state["discriminator"]),
        expected,
        what="the discriminator's parameters after one step",
        **TOLERANCE,
        mistakes={
            "old gradients are still there: zero_grad is missing": stepped(
                discriminator, loss_of, 7
            )[0],
            "real and fake are swapped": stepped(discriminator, lambda p: loss_of(p, -1))[0],
            "the optimizer takes no step": flat(discriminator),
        },
    )
    check_other_untouched(state, "generator", generator)
    assert_close(loss, true_loss, what="the loss that discriminator_step returns", **TOLERANCE)


def test_generator_step(student, rng, device):
    """generator_step descends its loss through the discriminator and leaves that alone."""
    generator, discriminator = two_nets(rng)
    noise = tensor(rng.normal(size=(5, 3)))

    def loss_of(parameters):
        return F.softplus(-D_of(F.linear(noise, *parameters), discriminator)).mean()

    def minimax(parameters):
        return -F.softplus(D_of(F.linear(noise, *parameters), discriminator)).mean()

    loss, state = student.run(
        one_step, "generator_step", generator, discriminator, None, noise, device
    )
    expected, true_loss = stepped(generator, loss_of)
    assert_close(
        flat(state["generator"]),
        expected,
        what="the generator's parameters after one step",
        **TOLERANCE,
        mistakes={
            "old gradients are still there: zero_grad is missing": stepped(generator, loss_of, 7)[
                0
            ],
            "this is a step on the minimax loss": stepped(generator, minimax)[0],
            "the sign is wrong: it makes the fakes easier to tell": stepped(
                generator, lambda p: -loss_of(p)
            )[0],
            "the generator does not move": flat(generator),
        },
    )
    check_other_untouched(state, "discriminator", discriminator)
    assert_close(loss, true_loss, what="the loss that generator_step returns", **TOLERANCE)


def test_sample_mixture(student, rng, torch_seed):
    """sample_mixture: each centre is drawn equally often, its points are round with width sigma."""
    n, sigma = 6000, 0.4
    centres = np.array([[0.0, 6.0], [7.0, 0.0], [-5.0, -4.0]]) + rng.normal(size=2)
    calls = [
        student.sample_mixture(n, tensor(centres), sigma, torch.Generator().manual_seed(torch_seed))
        for _ in range(2)
    ]
    what = "sample_mixture(n, centres, sigma, rng)"
    first, second = (assert_array(x, shape=(n, 2), kind="tf", what=what) for x in calls)
    check(
        np.array_equal(first, second),
        what="two calls with equal generators",
        expected="equal samples",
        got="different ones",
        hint="Pass generator=rng to every function of torch that draws.",
    )
    which = ((first[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)  # (n,)
    counts = np.bincount(which, minlength=3)
    five_sigma = 5 * np.sqrt(n * (1 / 3) * (2 / 3))
    check(
        np.abs(counts - n / 3).max() <= five_sigma,
        what="the share of each of three centres",
        expected="about a third of the samples",
        got=f"{counts.tolist()} of {n}",
    )
    runs = int((np.diff(which) != 0).sum())  # changes of centre between neighbours, 2/3 expected
    check(
        abs(runs - n * 2 / 3) <= five_sigma,
        what="the order of the samples",
        expected="every sample draws its own centre",
        got="centres in blocks or in turn",
    )
    offsets = first - centres[which]
    covariance = assert_array(np.cov(offsets.T), shape=(2, 2), what="the covariance")
    relative = covariance / sigma**2
    assert_between(
        np.abs(relative - np.eye(2)).max(),
        0,
        5 * np.sqrt(2 / (n - 1)),
        what="how far the samples around a centre are from round with standard deviation sigma",
        hint="The noise has standard deviation sigma, independent in every coordinate.",
    )


def train_and_generate(student, X, n, seed, device):
    import torch

    torch.manual_seed(seed)
    generator, discriminator = student.Generator(), student.Discriminator()
    rng = torch.Generator().manual_seed(seed)
    student.train_gan(generator, discriminator, X, rng=rng, device=device)
    noise = torch.randn(n, generator.n_noise, generator=rng)
    with torch.no_grad():
        return generator.eval().to(device)(noise.to(device)).cpu()


def energy_distance(A, B):
    """2 E|a - b| - E|a - a'| - E|b - b'|, unbiased, for samples A (n, d) and B (m, d)."""
    n, m = len(A), len(B)
    within_a = torch.cdist(A, A).sum() / (n * (n - 1))
    within_b = torch.cdist(B, B).sum() / (m * (m - 1))
    return (2 * torch.cdist(A, B).mean() - within_a - within_b).item()


def test_generated_samples_match_the_mixture(student, rng, torch_seed, device, points):
    """After training on four clusters, the samples match fresh ones of the mixture."""
    centres = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    X = centres[rng.integers(0, 4, size=7000)] + 0.2 * rng.normal(size=(7000, 2))
    samples = student.run(train_and_generate, tensor(X[:5000]).float(), 2000, torch_seed, device)
    generated = assert_array(samples, shape=(2000, 2), kind="tf", what="2000 generated samples")
    distance = assert_scalar(energy_distance(tensor(generated), tensor(X[5000:])), what="distance")
    assert_ladder(
        distance,
        ladder=[(0.03, 1.0), (0.1, 0.5)],
        points=points,
        higher_is_better=False,
        what="the energy distance between generated and fresh samples",
    )
