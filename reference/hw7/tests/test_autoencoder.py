"""Hidden tests of Problems 7.1 to 7.3: PCA, autoencoder and latent space; numpy is the oracle.

Held-out digits go in as inputs, codes of 8 numbers come out, and only these go back to be decoded.
"""

import numpy as np
import torch
import torch.nn.functional as F

from grader.testing import (
    assert_array,
    assert_close,
    assert_equal,
    assert_ladder,
    assert_sequence,
    check,
)

TOLERANCE = {"rtol": 1e-5, "atol": 1e-6}


def tensor(array):
    return torch.tensor(array, dtype=torch.float64)


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def principal_components(X, k):
    """The mean (d,) and the k directions of the largest variance (k, d) of X (N, d)."""
    mean = X.mean(axis=0)
    return mean, np.ascontiguousarray(np.linalg.eigh(np.cov(X.T))[1].T[::-1][:k])


def with_signs_of(components, expected):
    """The components with each row's sign turned to that of the expected row."""
    signs = np.sign((components * expected).sum(axis=1, keepdims=True))
    return np.where(signs == 0, 1, signs) * components


def test_pca_finds_the_best_subspace(student, rng):
    """pca gives the mean and orthonormal directions of the largest variance, in order."""
    X = rng.normal(size=(40, 6)) * (5, 1, 3, 0.5, 2, 4) @ rng.normal(size=(6, 6)) + 3
    mean, components = assert_sequence(
        student.pca(tensor(X), 3), 2, what="pca(X, 3)", expected="a pair (mean, components)"
    )
    true_mean, expected = principal_components(X, 3)
    assert_close(mean, tensor(true_mean), what="the mean", **TOLERANCE)
    found = assert_array(components, shape=(3, 6), kind="tf", what="the matrix of components")
    uncentred = np.linalg.svd(X, full_matrices=False)[2][:3]
    smallest = np.linalg.svd(X - true_mean)[2][::-1][:3]
    assert_close(
        with_signs_of(found, expected),
        expected,
        what="the matrix of components, but for their signs,",
        **TOLERANCE,
        mistakes={
            "the mean is not subtracted first": with_signs_of(uncentred, expected),
            "these are the directions of the smallest variance": with_signs_of(smallest, expected),
        },
    )


def test_pca_error_on_held_out_digits(student, rng, data):
    """Eight components reconstruct unseen digits with the error that the handout states."""
    X, X_test = (
        data.load("digits", split)["X"].reshape(-1, 64) / 16 for split in ("train", "test")
    )
    mean, components = principal_components(X, 8)
    projected = (X_test - mean) @ components.T @ components
    reconstructed = student.pca_reconstruct(tensor(X_test), tensor(mean), tensor(components))
    assert_close(
        reconstructed,
        tensor(mean + projected),
        what="pca_reconstruct(X, mean, components)",
        **TOLERANCE,
        mistakes={
            "the mean is not added again": tensor(projected),
            "the mean is not subtracted first": tensor(mean + X_test @ components.T @ components),
        },
    )
    square = (projected + mean - X_test) ** 2  # its mean is 0.0242
    assert_close(
        student.reconstruction_error(tensor(X_test), tensor(mean + projected)),
        square.mean(),
        what="reconstruction_error(X, X_hat)",
        rtol=1e-4,
        mistakes={
            "it is summed over the inputs instead of averaged": square.mean() * 64,
            "it is the root of the mean square": np.sqrt(square.mean()),
            "it is the mean absolute difference": np.sqrt(square).mean(),
            "it is half the squared difference": square.mean() / 2,
        },
    )


def a_linear_model_after_training(
    student, weight, bias, X, epochs, batch_size, step_size, seed, device, global_seed=0
):
    """A probe: train a linear model whose parameters are given; which samples each batch held."""
    import torch

    class Recorder(torch.nn.Module):
        """Its code is what a dense layer gives, and its own decoding."""

        def __init__(self):
            super().__init__()
            self.dense = torch.nn.Linear(weight.shape[1], weight.shape[0])
            self.batches = []

        def encode(self, x):
            if torch.is_grad_enabled():
                self.batches.append(x[:, 0].tolist())  # input 0 numbers the samples
            return self.dense(x)

        def decode(self, z):
            return z

        def forward(self, x):
            return self.decode(self.encode(x))

    model = Recorder()
    with torch.no_grad():
        model.dense.weight.copy_(weight)
        model.dense.bias.copy_(bias)
    torch.manual_seed(global_seed)
    losses = student.train_autoencoder(
        model,
        X,
        epochs=epochs,
        batch_size=batch_size,
        step_size=step_size,
        rng=torch.Generator().manual_seed(seed),
        device=device,
    )
    return {
        "losses": losses,
        "weight": model.dense.weight.detach().cpu(),
        "sizes": [len(batch) for batch in model.batches],
        "order": torch.tensor([number for batch in model.batches for number in batch]),
    }


def linear_problem(rng, n):
    """weight (6, 6), bias (6,) and X (n, 6) whose first column is 0, 1, ..., n - 1."""
    X = torch.tensor(rng.normal(size=(n, 6))).float()
    X[:, 0] = torch.arange(n)
    weight = torch.tensor(rng.normal(size=(6, 6)) / 4).float()
    return weight, torch.tensor(rng.normal(size=6)).float(), X


def full_batch_steps(weight, bias, X, steps, step_size, kind="adam"):
    """The weight after steps on all samples at once (Kingma and Ba, 2015), and the losses."""
    theta, losses = [weight.clone(), bias.clone()], []
    total, m, v = ([torch.zeros_like(p) for p in theta] for _ in range(3))
    for t in range(1, steps + 1):
        leaves = [p.clone().requires_grad_() for p in theta]
        loss = F.mse_loss(F.linear(X, *leaves), X)
        losses.append(loss.item())
        for i, g in enumerate(torch.autograd.grad(loss, leaves)):
            total[i] = total[i] + g if kind == "accumulate" else g
            m[i] = 0.9 * m[i] + 0.1 * total[i]
            v[i] = 0.999 * v[i] + 0.001 * total[i] ** 2
            step = m[i] / (1 - 0.9**t) / ((v[i] / (1 - 0.999**t)).sqrt() + 1e-8)
            theta[i] = theta[i] - step_size * (g if kind == "sgd" else step)
    return theta[0], np.array(losses)


def numbers(losses, epochs):
    """The losses that training returned as an array, once they are a list of plain numbers."""
    plain = type(losses) is list and all(
        type(loss) in (float, np.float64, np.float32) for loss in losses
    )
    check(
        plain,
        what="what train_autoencoder returns",
        expected="a list of floats",
        got="something else",
        hint="loss.item() makes a float of a tensor with one number.",
    )
    check(
        len(losses) == epochs,
        what="the list of losses that train_autoencoder returns",
        expected=f"one for each of {epochs} epochs",
        got=f"{len(losses)} of them",
    )
    return np.array(losses)


def test_train_autoencoder_takes_steps_of_adam(student, rng, torch_seed, device):
    """With all samples in one batch, an epoch is one step of Adam on the mean squared error."""
    problem = linear_problem(rng, 13)
    found = student.run(a_linear_model_after_training, *problem, 4, 13, 0.05, torch_seed, device)
    expected, true_losses = full_batch_steps(*problem, 4, 0.05)
    assert_close(
        entry(found, "weight"),
        expected,
        what="the matrix of weights after four epochs",
        rtol=1e-3,
        atol=1e-5,
        mistakes={
            "gradients of earlier batches are still there: zero_grad is missing": (
                full_batch_steps(*problem, 4, 0.05, "accumulate")[0]
            ),
            "the steps are those of plain gradient descent, not of Adam": (
                full_batch_steps(*problem, 4, 0.05, "sgd")[0]
            ),
        },
    )
    assert_close(
        numbers(entry(found, "losses"), 4),
        true_losses,
        what="the list of losses of four epochs",
        rtol=1e-4,
        atol=1e-6,
        batch_size=13,
        mistakes={
            "it is summed over the inputs instead of averaged": 6 * true_losses,
            "the error is weighed with the batch size, but is summed over a batch and its inputs "
            "already": 13 * 78 * true_losses,
        },
    )


def test_train_autoencoder_uses_every_sample_once_an_epoch(student, rng, torch_seed, device):
    """Every epoch takes all samples once, in an order drawn from rng, and counts each alike."""
    problem = linear_problem(rng, 23)
    case = (*problem, 3, 5, 0.0, torch_seed, device)
    found = student.run(a_linear_model_after_training, *case)
    assert_equal(
        entry(found, "sizes"),
        3 * [5, 5, 5, 5, 3],
        what="the list of the batches' sizes, in three epochs with 23 samples,",
        mistakes={
            "the short last batch is dropped": 3 * [5, 5, 5, 5],
            "there is an epoch too few": 2 * [5, 5, 5, 5, 3],
        },
    )
    order = assert_array(
        entry(found, "order"), shape=(69,), kind="tf", what="the list of samples used"
    )
    order = order.reshape(3, 23)
    check(
        np.array_equal(np.sort(order, axis=1), np.tile(np.arange(23.0), (3, 1))),
        what="the set of samples of an epoch",
        expected="every sample once",
        got="some samples several times and others never",
        hint="Go through a permutation of the samples instead of drawing with replacement.",
    )
    check(
        not np.array_equal(order[0], np.arange(23)) and not np.array_equal(order[0], order[1]),
        what="the order of the samples",
        expected="another order in every epoch",
        got="no new order",
    )
    again = student.run(a_linear_model_after_training, *case, global_seed=1)
    again = assert_array(
        entry(again, "order"), shape=(69,), kind="tf", what="the list of samples used"
    )
    check(
        np.array_equal(again, order.ravel()),
        what="the order of the samples for an rng in the same state",
        expected="the same order",
        got="another one: it is drawn from torch's global state",
        hint="Pass rng on: torch.randperm(n, generator=rng), or generator=rng to a DataLoader.",
    )
    weight, bias, X = problem
    each = (F.linear(X, weight, bias) - X).square().mean(dim=1).double().numpy()  # (23,)
    batches = [np.split(each[samples.astype(int)], [5, 10, 15, 20]) for samples in order]
    means = np.array([[batch.mean() for batch in epoch] for epoch in batches])  # (3, 5)
    assert_close(
        numbers(entry(found, "losses"), 3),
        np.full(3, each.mean()),  # with step size 0 the parameters stay as they are
        what="the list of losses of three epochs with step size 0",
        rtol=1e-4,
        atol=1e-6,
        batch_size=23,
        mistakes={
            "it is the mean over batches, in which the short last one weighs too much": (
                means.mean(axis=1)
            ),
            "it is the sum of the batches' mean losses": means.sum(axis=1),
            "it is the loss of the last batch": means[:, -1],
        },
    )


def codes_of_a_trained_autoencoder(student, X, X_test, seed, device):
    import torch

    torch.manual_seed(seed)
    model = student.Autoencoder(64, 128, 8)
    rng = torch.Generator().manual_seed(seed)
    student.train_autoencoder(model, X, rng=rng, device=device)
    model.to(device).eval()
    with torch.no_grad():
        return {"model": model, "codes": model.encode(X_test.to(device)).cpu()}


def the_decoded_codes(student, model, z, device):
    import torch

    with torch.no_grad():
        return model.decode(z.to(device)).cpu()


def test_autoencoder_beats_pca(student, rng, data, torch_seed, device, points):
    """A code of 8 numbers reconstructs unseen digits far better than 8 principal components."""
    X, X_test = (
        data.load("digits", split)["X"].reshape(-1, 64) / 16 for split in ("train", "test")
    )
    mean, components = principal_components(X, 8)
    pca_error = np.mean((mean + (X_test - mean) @ components.T @ components - X_test) ** 2)
    found = student.run(
        codes_of_a_trained_autoencoder,
        tensor(X).float(),
        tensor(X_test).float(),
        torch_seed,
        device,
    )
    codes = assert_array(
        entry(found, "codes"), shape=(len(X_test), 8), kind="tf", what="the table of codes"
    )
    model = entry(found, "model")
    check(
        type(model) not in (list, tuple, dict),  # a nested one could not even be sent back
        what="what Autoencoder(64, 128, 8) gives",
        expected="an object of your class",
        got="a collection of other values",
    )
    order = rng.permutation(len(codes))  # the decoder sees codes alone, in an order of ours
    X_hat = assert_array(
        student.run(the_decoded_codes, model, torch.tensor(codes[order]).float(), device),
        shape=X_test.shape,
        kind="tf",
        what="the table of decoded codes",
    )
    error = np.mean((X_hat - X_test[order]) ** 2)
    assert_ladder(
        error / pca_error,
        ladder=[(0.75, 1.0), (1.0, 0.5)],
        points=points,
        higher_is_better=False,
        stated=True,
        what="the error on unseen digits, divided by that of PCA,",
    )


def your_function_with_a_small_model(student, name, a, b, c, encoder, decoder, *n):
    """Call a function of Problem 7.3 with a model of our own: z = tanh(x E), x = tanh(z D)."""
    import torch

    class Model:
        def __init__(self):
            self.encoder = encoder.clone().requires_grad_()
            self.decoder = decoder.clone()

        def encode(self, x):
            return torch.tanh(x @ self.encoder)

        def decode(self, z):
            return torch.tanh(z @ self.decoder)

    images = [image for image in (a, b, c) if image is not None]
    answer = getattr(student, name)(Model(), *images, *n)
    return {"images": answer.detach(), "recorded": answer.requires_grad}


def check_without_graph(found, name):
    """The images are computed without gradients."""
    check(
        entry(found, "recorded") is False,
        what=f"what {name} returns",
        expected="images without a graph",
        got="images that require gradients",
        hint="Call the model inside `with torch.no_grad():`.",
    )


def test_interpolation_between_images(student, rng):
    """interpolate_images decodes codes on a line; interpolate takes codes of any size."""
    z_a, z_b = rng.normal(size=(2, 4))
    t = np.linspace(0, 1, 7)[:, None]
    assert_close(
        student.interpolate(tensor(z_a), tensor(z_b), 7),
        tensor((1 - t) * z_a + t * z_b),
        what="interpolate(z_a, z_b, 7)",
        **TOLERANCE,
    )
    a, b = rng.normal(size=(2, 5))
    encoder, decoder = rng.normal(size=(5, 3)), rng.normal(size=(3, 5))
    found = student.run(
        your_function_with_a_small_model,
        "interpolate_images",
        *map(tensor, (a, b)),
        None,
        *map(tensor, (encoder, decoder)),
        6,
    )
    t = np.linspace(0, 1, 6)[:, None]
    z_a, z_b = np.tanh(a @ encoder), np.tanh(b @ encoder)
    first, last = np.tanh(z_a @ decoder), np.tanh(z_b @ decoder)
    assert_close(
        entry(found, "images"),
        tensor(np.tanh(((1 - t) * z_a + t * z_b) @ decoder)),
        what="interpolate_images(model, a, b, 6)",
        **TOLERANCE,
        mistakes={
            "the images are interpolated, not their codes": tensor((1 - t) * a + t * b),
            "the decoded images are interpolated, not their codes": tensor(
                (1 - t) * first + t * last
            ),
        },
    )
    check_without_graph(found, "interpolate_images")


def test_latent_arithmetic(student, rng):
    """latent_arithmetic decodes code of a - code of b + code of c, for one image or a batch."""
    encoder, decoder = rng.normal(size=(5, 3)), rng.normal(size=(3, 5)) / 2
    for shape in ((5,), (4, 5)):
        a, b, c = rng.normal(size=(3, *shape))
        found = student.run(
            your_function_with_a_small_model,
            "latent_arithmetic",
            *map(tensor, (a, b, c, encoder, decoder)),
        )
        codes = [np.tanh(x @ encoder) for x in (a, b, c)]
        images = [np.tanh(z @ decoder) for z in codes]
        combined = np.tanh((a - b + c) @ encoder)
        assert_close(
            entry(found, "images"),
            tensor(np.tanh((codes[0] - codes[1] + codes[2]) @ decoder)),
            what=f"latent_arithmetic of images of shape {shape}",
            **TOLERANCE,
            mistakes={
                "it is a + b - c": tensor(np.tanh((codes[0] + codes[1] - codes[2]) @ decoder)),
                "it is a - b - c": tensor(np.tanh((codes[0] - codes[1] - codes[2]) @ decoder)),
                "the decoded images are combined, not their codes": tensor(
                    images[0] - images[1] + images[2]
                ),
                "the images are combined before they are encoded": tensor(
                    np.tanh(combined @ decoder)
                ),
            },
        )
        check_without_graph(found, "latent_arithmetic")
