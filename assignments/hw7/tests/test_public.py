"""Public tests of homework 7: examples of the handout, the networks' layers, short trainings."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from grader.testing import (
    assert_array,
    assert_close,
    assert_equal,
    assert_ladder,
    assert_scalar,
    assert_sequence,
    check,
)


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def test_pca_of_points_on_a_line(student):
    """Points on a line are reconstructed by one component: the line's direction."""
    X = torch.tensor([[1.0, 1], [4, 5], [-2, -3], [7, 9]], dtype=torch.float64)
    mean, components = assert_sequence(
        student.pca(X, 1), 2, what="pca(X, 1)", expected="a pair (mean, components)"
    )
    assert_close(mean, torch.tensor([2.5, 3.0]).double(), what="the mean", rtol=1e-5, atol=1e-6)
    direction = assert_array(components, shape=(1, 2), kind="tf", what="the matrix of components")
    assert_close(
        abs(direction),
        torch.tensor([[0.6, 0.8]]).double().numpy(),
        what="the component, but for its sign,",
        rtol=1e-5,
        atol=1e-6,
    )
    assert_close(
        student.pca_reconstruct(X, mean, components),
        X,
        what="pca_reconstruct(X, mean, components)",
        rtol=1e-5,
        atol=1e-6,
    )


def codes_and_outputs(student, x, sizes, seed, device):
    import torch

    torch.manual_seed(seed)
    model = student.Autoencoder(*sizes)
    parameters = [parameter.detach().clone() for parameter in model.parameters()]
    model.to(device)
    x = x.to(device)
    with torch.no_grad():
        z = model.encode(x)
        return {
            "encode(x)": z.cpu(),
            "decode(z)": model.decode(z).cpu(),
            "model(x)": model(x).cpu(),
            "encode(x[0])": model.encode(x[0]).cpu(),
            "decode(z[0])": model.decode(z[0]).cpu(),
            "parameters": parameters,
        }


def parameters_of_shapes(parameters, shapes, what):
    """The parameters as float32 tensors, once they are tensors of these shapes."""
    found = None
    if type(parameters) is list and all(map(torch.is_tensor, parameters)):
        found = [tuple(parameter.shape) for parameter in parameters]
    assert_equal(found, shapes, what=f"the list of shapes of the parameters of {what}, in order,")
    return [
        torch.tensor(
            assert_array(parameter, shape=shape, kind="tf", what=f"a parameter of {what}")
        ).float()
        for parameter, shape in zip(parameters, shapes, strict=True)
    ]


def test_autoencoder_computes_its_layers(student, torch_seed, device):
    """An Autoencoder 7 → 5 → 3 → 5 → 7 computes codes and outputs as its layers say."""
    x = torch.randn(4, 7, generator=torch.Generator().manual_seed(torch_seed))
    found = student.run(codes_and_outputs, x, (7, 5, 3), torch_seed, device)
    shapes = [(5, 7), (5,), (3, 5), (3,), (5, 3), (5,), (7, 5), (7,)]
    w1, b1, w2, b2, w3, b3, w4, b4 = parameters_of_shapes(
        entry(found, "parameters"), shapes, "Autoencoder(7, 5, 3)"
    )
    codes = F.linear(F.relu(F.linear(x, w1, b1)), w2, b2)
    logits = F.linear(F.relu(F.linear(codes, w3, b3)), w4, b4)
    assert_close(
        entry(found, "encode(x)"),
        codes,
        what="encode(x)",
        rtol=1e-3,
        atol=1e-5,
        mistakes={
            "relu is applied to the code": codes.relu(),
            "the relu is missing": F.linear(F.linear(x, w1, b1), w2, b2),
        },
    )
    for name in ("decode(z)", "model(x)"):
        assert_close(
            entry(found, name),
            logits.sigmoid(),
            what=name,
            rtol=1e-3,
            atol=1e-5,
            mistakes={
                "the sigmoid is missing": logits,
                "the relu is missing": F.linear(F.linear(codes, w3, b3), w4, b4).sigmoid(),
            },
        )
    for name, alone in (("encode(x[0])", codes[0]), ("decode(z[0])", logits.sigmoid()[0])):
        assert_close(
            entry(found, name), alone, what=f"{name}, of one sample,", rtol=1e-3, atol=1e-5
        )


def a_short_training(student, X, seed, device):
    """A probe: the losses that train_autoencoder returns, and the model's outputs after it."""
    import torch

    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    model = student.Autoencoder(64, 32, 8)
    losses = student.train_autoencoder(model, X, epochs=20, batch_size=25, rng=rng, device=device)
    with torch.no_grad():
        return {"losses": losses, "outputs": model.to(device).eval()(X.to(device)).cpu()}


def test_autoencoder_training_lowers_the_loss(student, data, torch_seed, device, points):
    """Twenty epochs with 200 digits bring the mean loss below 0.07 (it begins near 0.22)."""
    X = torch.tensor(data.load("digits", "train")["X"][:200], dtype=torch.float32)
    X = X.flatten(1) / 16  # (200, 64)
    found = student.run(a_short_training, X, torch_seed, device)
    losses = entry(found, "losses")
    check(
        type(losses) is list and len(losses) == 20,
        what="what train_autoencoder returns after twenty epochs",
        expected="a list of twenty floats",
        got=f"a list of {len(losses)} items" if type(losses) is list else "no list",
    )
    last = assert_scalar(losses[-1], what="the loss of the last epoch")
    outputs = assert_array(
        entry(found, "outputs"), shape=(200, 64), kind="tf", what="the outputs after training"
    )
    after = float(np.mean((outputs - X.numpy()) ** 2))
    assert_ladder(
        max(last, after),
        ladder=[(0.07, 1.0), (0.12, 0.5)],
        points=points,
        what="the larger of the last epoch's loss and the model's loss after it",
        higher_is_better=False,
        stated=True,
    )


def test_interpolation_of_the_handout(student):
    """Four codes from (0, 2) to (3, -1), both ends included."""
    assert_close(
        student.interpolate(torch.tensor([0.0, 2.0]), torch.tensor([3.0, -1.0]), 4),
        torch.tensor([[0.0, 2.0], [1, 1], [2, 0], [3, -1]]),
        what="interpolate(z_a, z_b, 4)",
        rtol=1e-5,
        atol=1e-6,
        mistakes={
            "it ends one step before z_b": torch.tensor(
                [[0.0, 2.0], [0.75, 1.25], [1.5, 0.5], [2.25, -0.25]]
            ),
            "it runs from z_b to z_a": torch.tensor([[3.0, -1.0], [2, 0], [1, 1], [0, 2]]),
        },
    )


def test_losses_of_an_undecided_discriminator(student):
    """For D = 1/2 everywhere the losses are 2 ln 2, -ln 2 and ln 2."""
    zeros = torch.zeros(3)
    for name, logits, value in (
        ("discriminator_loss", (zeros, torch.zeros(5)), 2 * math.log(2)),
        ("generator_loss_minimax", (zeros,), -math.log(2)),
        ("generator_loss_nonsaturating", (zeros,), math.log(2)),
    ):
        loss = getattr(student, name)(*logits)
        assert_close(loss, torch.tensor(value), what=f"{name} of zeros", rtol=1e-5, atol=1e-6)


def outputs_of_both(student, noise, x, sizes, seed, device):
    import torch

    torch.manual_seed(seed)
    _, n_hidden, d = sizes
    generator, discriminator = student.Generator(*sizes), student.Discriminator(d, n_hidden)
    outputs = []
    for net, inputs in ((generator, noise), (discriminator, x)):
        parameters = [parameter.detach().clone() for parameter in net.parameters()]
        with torch.no_grad():
            net, inputs = net.to(device), inputs.to(device)
            outputs.append(
                {
                    "batch": net(inputs).cpu(),
                    "one": net(inputs[:1]).cpu(),
                    "parameters": parameters,
                }
            )
    return {"Generator": outputs[0], "Discriminator": outputs[1]}


def test_both_networks_compute_their_layers(student, torch_seed, device):
    """Generator(3, 6, 2) and Discriminator(2, 6) compute what their layers say; logits are (N,)."""
    rng = torch.Generator().manual_seed(torch_seed)
    noise, x = torch.randn(5, 3, generator=rng), torch.randn(4, 2, generator=rng)
    found = student.run(outputs_of_both, noise, x, (3, 6, 2), torch_seed, device)
    for name, inputs, n_in, n_out in (("Generator", noise, 3, 2), ("Discriminator", x, 2, 1)):
        outputs = entry(found, name)
        shapes = [(6, n_in), (6,), (6, 6), (6,), (n_out, 6), (n_out,)]
        w1, b1, w2, b2, w3, b3 = parameters_of_shapes(entry(outputs, "parameters"), shapes, name)
        results = []
        for slope in (0.2, 0.01, 0.0):
            h = F.leaky_relu(F.linear(inputs, w1, b1), slope)
            h = F.leaky_relu(F.linear(h, w2, b2), slope)
            result = F.linear(h, w3, b3)
            results.append(result.squeeze(1) if name == "Discriminator" else result)
        assert_close(
            entry(outputs, "batch"),
            results[0],
            what=f"the output of {name}",
            rtol=1e-3,
            atol=1e-5,
            mistakes={
                "the slope of the leaky relu is 0.01, torch's default": results[1],
                "relu instead of leaky relu": results[2],
                "sigmoid is applied: logits are asked for": results[0].sigmoid(),
            },
        )
        assert_close(
            entry(outputs, "one"),
            results[0][:1],
            what=f"the output of {name} for a batch of one sample",
            rtol=1e-3,
            atol=1e-5,
        )


def a_short_gan_training(student, X, seed, device):
    import torch

    torch.manual_seed(seed)
    nets = [student.Generator(2, 8, 2), student.Discriminator(2, 8)]
    before = [[p.detach().clone() for p in net.parameters()] for net in nets]
    rng = torch.Generator().manual_seed(seed)
    losses = student.train_gan(*nets, X, steps=30, batch_size=16, rng=rng, device=device)
    changed = []
    for net, olds in zip(nets, before, strict=True):
        news = [p.detach().cpu() for p in net.parameters()]
        changed.append(not all(map(torch.equal, news, olds)))
    samples = student.generate(nets[0], 11, rng, device=device)
    return {
        "losses": losses,
        "generator": changed[0],
        "discriminator": changed[1],
        "graph": samples.requires_grad,
        "samples": samples.detach().cpu(),
    }


def test_short_training_changes_both_networks(student, torch_seed, device):
    """Thirty steps change both networks and return thirty pairs of losses; generate samples."""
    X = torch.randn(40, 2, generator=torch.Generator().manual_seed(torch_seed))
    found = student.run(a_short_gan_training, X, torch_seed, device)
    losses = entry(found, "losses")
    check(
        type(losses) is list and len(losses) == 30,
        what="what train_gan returns after 30 steps",
        expected="a list of 30 pairs",
        got=f"a list of {len(losses)} items" if type(losses) is list else "no list",
    )
    check(
        all(type(pair) in (tuple, list) and len(pair) == 2 for pair in losses),
        what="an item of the list that train_gan returns",
        expected="a pair (loss_D, loss_G)",
        got="something else",
    )
    for name in ("generator", "discriminator"):
        check(
            entry(found, name) is True,
            what=f"the {name} after 30 steps",
            expected="changed parameters",
            got="the parameters that it had before",
        )
    assert_array(
        entry(found, "samples"), shape=(11, 2), kind="tf", what="generate(generator, 11, rng)"
    )
    check(
        entry(found, "graph") is False,
        what="generate(generator, 11, rng)",
        expected="samples without a graph",
        got="samples that require gradients",
        hint="Call the generator inside `with torch.no_grad():`.",
    )
