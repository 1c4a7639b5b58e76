"""Public tests of homework 7: examples of the handout, the networks' layers, short trainings."""

import math

import torch
import torch.nn.functional as F

from grader.testing import assert_array, assert_close, assert_equal, assert_ladder, check


def test_pca_of_points_on_a_line(student):
    """Points on a line are reconstructed by one component: the line's direction."""
    X = torch.tensor([[1.0, 1], [4, 5], [-2, -3], [7, 9]], dtype=torch.float64)
    answer = student.pca(X, 1)
    is_pair = type(answer) in (tuple, list) and len(answer) == 2
    check(is_pair, what="pca(X, 1)", expected="a pair (mean, components)")
    mean, components = answer
    assert_close(mean, torch.tensor([2.5, 3.0]).double(), what="the mean", rtol=1e-5, atol=1e-6)
    direction = assert_array(components, shape=(1, 2), what="the components")
    assert_close(
        abs(direction),
        torch.tensor([[0.6, 0.8]]).double().numpy(),
        what="the component, but for its sign",
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
    with torch.no_grad():
        z = model.encode(x.to(device))
        return z.cpu(), model.decode(z).cpu(), model(x.to(device)).cpu(), parameters


def check_shapes(parameters, shapes, what):
    found = [tuple(parameter.shape) for parameter in parameters]
    assert_equal(found, shapes, what=f"the shapes of the parameters of {what}, in order")


def test_autoencoder_computes_its_layers(student, torch_seed, device):
    """An Autoencoder 7 → 5 → 3 → 5 → 7 computes codes and outputs as its layers say."""
    x = torch.randn(4, 7, generator=torch.Generator().manual_seed(torch_seed))
    z, x_hat, forward, parameters = student.run(codes_and_outputs, x, (7, 5, 3), torch_seed, device)
    shapes = [(5, 7), (5,), (3, 5), (3,), (5, 3), (5,), (7, 5), (7,)]
    check_shapes(parameters, shapes, "Autoencoder(7, 5, 3)")
    w1, b1, w2, b2, w3, b3, w4, b4 = parameters
    codes = F.linear(F.relu(F.linear(x, w1, b1)), w2, b2)
    logits = F.linear(F.relu(F.linear(codes, w3, b3)), w4, b4)
    assert_close(
        z,
        codes,
        what="encode(x)",
        rtol=1e-3,
        atol=1e-5,
        mistakes={
            "relu is applied to the code": codes.relu(),
            "the relu is missing": F.linear(F.linear(x, w1, b1), w2, b2),
        },
    )
    for name, output in (("decode(z)", x_hat), ("the model's output", forward)):
        assert_close(
            output,
            logits.sigmoid(),
            what=name,
            rtol=1e-3,
            atol=1e-5,
            mistakes={
                "the sigmoid is missing": logits,
                "the relu is missing": F.linear(F.linear(codes, w3, b3), w4, b4).sigmoid(),
            },
        )


def losses_of_a_short_training(student, X, seed, device):
    import torch

    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    losses = student.train_autoencoder(
        student.Autoencoder(64, 32, 8), X, epochs=20, batch_size=25, rng=rng, device=device
    )
    return list(losses)[-1]


def test_autoencoder_training_lowers_the_loss(student, data, torch_seed, device, points):
    """Twenty epochs with 200 digits bring the mean loss below 0.07 (it begins near 0.22)."""
    X = torch.tensor(data.load("digits", "train")["X"][:200], dtype=torch.float32)
    loss = student.run(losses_of_a_short_training, X.flatten(1) / 16, torch_seed, device)
    assert_ladder(
        loss,
        ladder=[(0.07, 1.0), (0.12, 0.5)],
        points=points,
        what="the loss of the last epoch",
        higher_is_better=False,
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
    expected = {
        "discriminator_loss": (student.discriminator_loss(zeros, torch.zeros(5)), 2 * math.log(2)),
        "generator_loss_minimax": (student.generator_loss_minimax(zeros), -math.log(2)),
        "generator_loss_nonsaturating": (student.generator_loss_nonsaturating(zeros), math.log(2)),
    }
    for name, (loss, value) in expected.items():
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
            outputs.append((net.to(device)(inputs.to(device)).cpu(), parameters))
    return outputs


def test_both_networks_compute_their_layers(student, torch_seed, device):
    """Generator(3, 6, 2) and Discriminator(2, 6) compute what their layers say; logits are (N,)."""
    rng = torch.Generator().manual_seed(torch_seed)
    noise, x = torch.randn(5, 3, generator=rng), torch.randn(4, 2, generator=rng)
    outputs = student.run(outputs_of_both, noise, x, (3, 6, 2), torch_seed, device)
    for (output, parameters), inputs, (name, n_in, n_out) in zip(
        outputs, (noise, x), (("Generator", 3, 2), ("Discriminator", 2, 1)), strict=True
    ):
        shapes = [(6, n_in), (6,), (6, 6), (6,), (n_out, 6), (n_out,)]
        check_shapes(parameters, shapes, name)
        w1, b1, w2, b2, w3, b3 = parameters
        results = []
        for slope in (0.2, 0.01, 0.0):
            h = F.leaky_relu(F.linear(inputs, w1, b1), slope)
            h = F.leaky_relu(F.linear(h, w2, b2), slope)
            result = F.linear(h, w3, b3)
            results.append(result.squeeze(1) if name == "Discriminator" else result)
        assert_close(
            output,
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
    return len(losses), changed, samples.requires_grad, samples.cpu()


def test_short_training_changes_both_networks(student, torch_seed, device):
    """Thirty steps change both networks and return thirty pairs of losses; generate samples."""
    X = torch.randn(40, 2, generator=torch.Generator().manual_seed(torch_seed))
    n, changed, recorded, samples = student.run(a_short_gan_training, X, torch_seed, device)
    assert_equal(n, 30, what="the number of pairs of losses after 30 steps")
    assert_equal(changed, [True, True], what="whether [generator, discriminator] have changed")
    assert_array(samples, shape=(11, 2), kind="tf", what="generate(generator, 11, rng)")
    assert_equal(recorded, False, what="recording of gradients in generate")
