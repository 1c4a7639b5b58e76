"""Hidden tests of Problem 7.6: samples of a mixture, what train_gan and generate draw, the result.

Three steps of training are made again here from what went into them; trained samples are compared
with fresh ones of the mixture by an energy distance.
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
    check,
)


def tensor(array):
    return torch.tensor(array, dtype=torch.float64)


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def flat(parameters):
    return torch.cat([parameter.flatten() for parameter in parameters])


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
        what="a second call with an equal generator",
        expected="the same samples",
        got="other ones",
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
    others = [
        student.sample_mixture(
            n, tensor(centres), sigma, torch.Generator().manual_seed(torch_seed + k)
        )
        for k in (1, 2)
    ]
    others = [assert_array(x, shape=(n, 2), kind="tf", what=what) for x in others]
    nearest = [((x[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1) for x in others]
    exact = [bool((np.bincount(k, minlength=3) == n / 3).all()) for k in (which, *nearest)]
    check(
        not all(exact),  # one in 10,000 for one seed
        what="how often each centre was drawn, for three seeds,",
        expected="counts that vary: every sample draws its own centre",
        got="exactly a third each time",
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


def samples_through_an_identity(student, n, seed, device, global_seed):
    """A probe: what generate gives, twice in a row, for a generator that returns its noise."""
    import torch

    class Identity(torch.nn.Module):
        n_noise = 3

        def __init__(self):
            super().__init__()
            self.one = torch.nn.Parameter(torch.ones(1))

        def forward(self, noise):
            return self.one * noise

    torch.manual_seed(global_seed)
    rng = torch.Generator().manual_seed(seed)
    first, second = (student.generate(Identity(), n, rng, device=device) for _ in range(2))
    return {
        "first": first.detach().cpu(),
        "second": second.detach().cpu(),
        "graph": first.requires_grad,
    }


def test_generate_uses_normal_noise(student, torch_seed, device):
    """generate feeds the generator fresh standard normal noise from rng, without gradients."""
    n, what = 4000, "generate, for a generator that returns its noise,"

    def draw(global_seed):
        found = student.run(samples_through_an_identity, n, torch_seed, device, global_seed)
        check(
            entry(found, "graph") is False,
            what="what generate returns",
            expected="samples without a graph",
            got="samples that require gradients",
            hint="Call the generator inside `with torch.no_grad():`.",
        )
        return [
            assert_array(entry(found, name), shape=(n, 3), kind="tf", what=what)
            for name in ("first", "second")
        ]

    first, second = draw(0)
    check_normal(first, what)
    check(
        not np.array_equal(first, second),
        what=what,
        expected="fresh noise in every call",
        got="the same noise twice",
    )
    check(
        np.array_equal(draw(1)[0], first),
        what=what,
        expected="the same noise for an rng in the same state",
        got="other noise: it is drawn from torch's global state",
        hint="Pass rng on: torch.randn(..., generator=rng).",
    )


def check_normal(noise, what):
    """The columns of noise (n, k) are independent and standard normal, within five sigma."""
    n, k = noise.shape
    mean, deviation = np.abs(noise.mean(axis=0)).max(), noise.std()
    uniform = noise.min() >= 0 and noise.max() <= 1 and deviation > 0.2
    fourth = (noise**4).mean() / (noise**2).mean() ** 2 if noise.any() else 0.0
    correlation = np.abs(np.corrcoef(noise.T) - np.eye(k)).max() if noise.any() else 0.0
    check(
        bool(mean < 5 / np.sqrt(n) and abs(deviation - 1) < 5 / np.sqrt(2 * n * k)),
        what=what,
        expected="standard normal noise: mean 0, standard deviation 1",
        got=f"a mean of up to {mean:.2g}, a standard deviation of {deviation:.2g}",
        mistake="torch.rand draws uniform numbers, torch.randn normal ones" if uniform else None,
    )
    check(
        bool(abs(fourth - 3) < 5 * np.sqrt(96 / (n * k)) and correlation < 5 / np.sqrt(n)),
        what=what,
        expected="independent normal numbers",
        got="numbers of another distribution, or that hang together",
    )


def three_steps_of_train_gan(
    student, generator, discriminator, data, batch_size, step_sizes, seed, device, global_seed
):
    """A probe: train two linear nets for three steps; the noise and the rows that went in.

    discriminator_step and generator_step are right ones meanwhile, whatever the student's are.
    """
    import torch
    from torch.nn.functional import softplus

    noises, rows = [], []

    class Generator(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.n_noise = 3
            self.dense = torch.nn.Linear(3, 2)

        def forward(self, noise):
            noises.append(noise.detach().cpu().clone())
            return self.dense(noise)

    class Discriminator(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.dense = torch.nn.Linear(2, 1)

        def forward(self, x):
            is_row = (x.detach().cpu()[:, None] == data).all(dim=2)  # (N, n)
            if is_row.any():
                rows.append(is_row.long().argmax(dim=1)[is_row.any(dim=1)])
            return self.dense(x).squeeze(1)

    def discriminator_step(discriminator, generator, optimizer, real, noise):
        fake = generator(noise).detach()
        loss = softplus(-discriminator(real)).mean() + softplus(discriminator(fake)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    def generator_step(discriminator, generator, optimizer, noise):
        loss = softplus(-discriminator(generator(noise))).mean()
        optimizer.zero_grad()
        loss.backward(inputs=list(generator.parameters()))
        optimizer.step()
        return loss.item()

    G, D = Generator(), Discriminator()
    with torch.no_grad():
        for net, values in ((G, generator), (D, discriminator)):
            for parameter, value in zip(net.parameters(), values, strict=True):
                parameter.copy_(value)
    own = student.discriminator_step, student.generator_step
    student.discriminator_step, student.generator_step = discriminator_step, generator_step
    torch.manual_seed(global_seed)
    try:
        losses = student.train_gan(
            G,
            D,
            data,
            steps=3,
            batch_size=batch_size,
            step_size_generator=step_sizes[0],
            step_size_discriminator=step_sizes[1],
            rng=torch.Generator().manual_seed(seed),
            device=device,
        )
    finally:
        student.discriminator_step, student.generator_step = own
    parameters = [p.detach().cpu().flatten() for net in (G, D) for p in net.parameters()]
    return {
        "losses": losses,
        "noise sizes": [len(noise) for noise in noises],
        "noise": torch.cat(noises),
        "row sizes": [len(batch) for batch in rows],
        "rows": torch.cat(rows) if rows else torch.zeros(0, dtype=torch.int64),
        "parameters": torch.cat(parameters),
    }


def adam(gradients_of, theta, state, lr, betas):
    """One step of Adam (Kingma and Ba, 2015) in float64; `state` is [t, m, v] and moves on."""
    leaves = [p.clone().requires_grad_() for p in theta]
    loss = gradients_of(leaves)
    state[0] += 1
    for i, g in enumerate(torch.autograd.grad(loss, leaves)):
        state[1][i] = betas[0] * state[1][i] + (1 - betas[0]) * g
        state[2][i] = betas[1] * state[2][i] + (1 - betas[1]) * g**2
        m, v = state[1][i] / (1 - betas[0] ** state[0]), state[2][i] / (1 - betas[1] ** state[0])
        theta[i] = theta[i] - lr * m / (v.sqrt() + 1e-8)
    return loss.item()


def three_steps_by_hand(
    generator, discriminator, data, rows, noise, step_sizes, *, betas=(0.5, 0.9), falling=True
):
    """The parameters after three steps on these batches, and the losses (3, 2)."""
    theta_g, theta_d = [p.double() for p in generator], [p.double() for p in discriminator]
    states = [[0, [0.0, 0.0], [0.0, 0.0]] for _ in range(2)]
    losses = []

    def D(x, theta):
        return F.linear(x, *theta).squeeze(1)

    for step in range(3):
        lr_g, lr_d = (size * (1 - step / 3 if falling else 1) for size in step_sizes)
        real, noise_d, noise_g = data[rows[step]].double(), noise[2 * step], noise[2 * step + 1]
        fake = F.linear(noise_d, *theta_g)

        def of_d(theta, real=real, fake=fake):
            return F.softplus(-D(real, theta)).mean() + F.softplus(D(fake, theta)).mean()

        def of_g(theta, noise=noise_g):
            return F.softplus(-D(F.linear(noise, *theta), theta_d)).mean()

        loss_d = adam(of_d, theta_d, states[1], lr_d, betas)
        losses.append((loss_d, adam(of_g, theta_g, states[0], lr_g, betas)))
    return flat([*theta_g, *theta_d]), np.array(losses)


def pairs_of(losses, n):
    """The losses that train_gan returned as an array (n, 2), once they are n pairs of floats."""
    is_list = type(losses) is list and len(losses) == n
    check(
        is_list and all(type(pair) in (tuple, list) and len(pair) == 2 for pair in losses),
        what="what train_gan returns",
        expected=f"a list of a pair (loss_D, loss_G) for each of {n} steps",
        got="something else",
    )
    check(
        all(type(x) in (float, np.float64, np.float32) for pair in losses for x in pair),
        what="a pair of losses",
        expected="two floats",
        got="something else",
        hint="loss.item() makes a float of a tensor with one number.",
    )
    return np.array(losses, dtype=np.float64)


def test_train_gan_step_by_step(student, rng, torch_seed, device):
    """Three steps: batches drawn from rng, fresh noise for each network, falling steps of Adam."""
    N, step_sizes = 60, (0.03, 0.05)
    generator = [torch.tensor(rng.normal(size=shape)).float() for shape in ((2, 3), (2,))]
    discriminator = [torch.tensor(rng.normal(size=shape)).float() for shape in ((1, 2), (1,))]
    data = torch.tensor(rng.normal(size=(200, 2)) + 1).float()
    case = (generator, discriminator, data, N, step_sizes, torch_seed, device)

    def batches(global_seed):
        """What the probe found, the noise (6, N, 3) and the numbers of real samples (3, N)."""
        found = student.run(three_steps_of_train_gan, *case, global_seed)
        assert_equal(
            entry(found, "row sizes"),
            3 * [N],
            what="the list of sizes of the batches of real samples, in three steps,",
            mistakes={"the discriminator takes two steps for one of the generator": 6 * [N]},
        )
        assert_equal(
            entry(found, "noise sizes"),
            6 * [N],
            what="the list of sizes of the batches of noise, in three steps,",
            mistakes={"discriminator and generator share the noise of a step": 3 * [N]},
        )
        noise = assert_array(entry(found, "noise"), shape=(6 * N, 3), kind="tf", what="the noise")
        rows = assert_array(
            entry(found, "rows"), shape=(3 * N,), kind="ti", what="the list of rows"
        )
        return found, noise.reshape(6, N, 3).astype(float), rows.reshape(3, N)

    found, noise, rows = batches(0)
    for first, second, words in (
        (0, 2, "the same noise in all steps"),
        (1, 3, "the same noise in all steps"),
        (0, 1, "the same noise for the discriminator and the generator of a step"),
    ):
        check(
            not np.array_equal(noise[first], noise[second]),
            what="the noise in train_gan",
            expected="fresh noise for every step of each network",
            got=words,
        )
    check_normal(noise.reshape(-1, 3), "the noise in train_gan")
    check(
        not any(bool((np.diff(batch) % len(data) == 1).all()) for batch in rows),
        what="a batch of real samples in train_gan",
        expected="samples drawn at random",
        got="samples in the order of the data",
    )
    check(
        not np.array_equal(rows[0], rows[1]),
        what="the batch of real samples in train_gan",
        expected="another one in every step",
        got="the same one in all steps",
    )
    _, noise_again, rows_again = batches(1)
    check(
        np.array_equal(noise, noise_again) and np.array_equal(rows, rows_again),
        what="what is drawn for an rng in the same state",
        expected="the same noise and the same batches",
        got="other ones: they are drawn from torch's global state",
        hint="Pass rng on: torch.randn(..., generator=rng), torch.randint(..., generator=rng).",
    )
    inputs = (generator, discriminator, data, torch.tensor(rows), torch.tensor(noise))
    expected, losses = three_steps_by_hand(*inputs, step_sizes)
    assert_close(
        entry(found, "parameters"),
        expected,
        what="the vector of both networks' parameters after three steps",
        rtol=1e-3,
        atol=1e-5,
        mistakes={
            "Adam has torch's own betas, (0.9, 0.999)": (
                three_steps_by_hand(*inputs, step_sizes, betas=(0.9, 0.999))[0]
            ),
            "the step sizes do not fall": (
                three_steps_by_hand(*inputs, step_sizes, falling=False)[0]
            ),
            "each network has the step size of the other": (
                three_steps_by_hand(*inputs, step_sizes[::-1])[0]
            ),
        },
    )
    assert_close(
        pairs_of(entry(found, "losses"), 3),
        losses,
        what="the list of the pairs (loss_D, loss_G) of three steps",
        rtol=1e-3,
        mistakes={"the pairs are (loss_G, loss_D)": losses[:, ::-1]},
    )


def samples_of_a_trained_generator(student, X, n, seed, device):
    """A probe: n samples of a Generator before and after train_gan on X, from the same noise."""
    import torch

    torch.manual_seed(seed)
    generator, discriminator = student.Generator(), student.Discriminator()
    rng = torch.Generator().manual_seed(seed)
    noise = torch.randn(n, generator.n_noise, generator=torch.Generator().manual_seed(seed + 1))
    with torch.no_grad():
        before = generator.to(device)(noise.to(device)).cpu()
    student.train_gan(generator, discriminator, X, rng=rng, device=device)
    with torch.no_grad():
        return {"before": before, "after": generator.eval().to(device)(noise.to(device)).cpu()}


def energy_distance(A, B):
    """2 E|a - b| - E|a - a'| - E|b - b'|, unbiased, for samples A (n, d) and B (m, d)."""
    n, m = len(A), len(B)
    within_a = torch.cdist(A, A).sum() / (n * (n - 1))
    within_b = torch.cdist(B, B).sum() / (m * (m - 1))
    return (2 * torch.cdist(A, B).mean() - within_a - within_b).item()


def test_generated_samples_match_the_mixture(student, rng, torch_seed, device, points):
    """After training on four clusters, the samples match fresh ones: the better of two trainings.

    The second one is made only where the first falls short.
    """
    centres = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    X = tensor(centres[rng.integers(0, 4, size=7000)] + 0.2 * rng.normal(size=(7000, 2)))
    ladder, distances = [(0.03, 1.0), (0.1, 0.5)], []
    for attempt in (0, 1):
        found = student.run(
            samples_of_a_trained_generator, X[:5000].float(), 2000, torch_seed + attempt, device
        )
        before, samples = (
            assert_array(
                entry(found, when), shape=(2000, 2), kind="tf", what=f"2000 samples {when} training"
            )
            for when in ("before", "after")
        )
        check(
            not np.array_equal(before, samples),
            what="the samples after train_gan",
            expected="others than before it from the same noise",
            got="the same: nothing was learned",
        )
        distances.append(energy_distance(tensor(samples), X[5000:]))
        if distances[-1] <= ladder[0][0]:
            break
    assert_ladder(
        min(distances),
        ladder=ladder,
        points=points,
        higher_is_better=False,
        stated=True,
        what="the energy distance between generated and fresh samples",
    )
