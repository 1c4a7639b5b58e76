"""Hidden tests of Problems 7.4 and 7.5: losses and steps of an adversarial pair of networks.

They are checked against numpy and autograd.
"""

import numpy as np
import torch
import torch.nn.functional as F

from grader.testing import assert_close, check

TOLERANCE = {"rtol": 1e-5, "atol": 1e-6}


def tensor(array):
    return torch.tensor(array, dtype=torch.float64)


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def softplus(a):
    return np.logaddexp(0, a)


def test_losses_of_small_and_large_logits(student, rng):
    """The three losses are right for random logits, and finite for logits of ±1000."""
    two_steps = "log(sigmoid(a)) is taken in two steps, which is log(0) for a large logit"
    for words in ("random logits", "logits of about ±1000"):
        real, fake = 2 * rng.normal(size=5), 2 * rng.normal(size=4)
        if words != "random logits":  # both signs in both, whatever the seed
            real += rng.permutation([1000, 900, 0, -900, -1000])
            fake += rng.permutation([1000, 900, -900, -1000])
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
                two_steps: tensor(np.inf),
            },
        )
        minimax, nonsaturating = -on_fake.mean(), softplus(-fake).mean()
        assert_close(
            student.generator_loss_minimax(tensor(fake)),
            tensor(minimax),
            what=f"generator_loss_minimax of {words}",
            **TOLERANCE,
            batch_size=4,
            mistakes={
                "this is the non-saturating loss": tensor(nonsaturating),
                two_steps: tensor(-np.inf),
            },
        )
        assert_close(
            student.generator_loss_nonsaturating(tensor(fake)),
            tensor(nonsaturating),
            what=f"generator_loss_nonsaturating of {words}",
            **TOLERANCE,
            batch_size=4,
            mistakes={"this is the minimax loss": tensor(minimax), two_steps: tensor(np.inf)},
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


def your_step_on_small_nets(student, name, generator, discriminator, real, noise, device):
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
    return {"loss": loss, **state}


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


def flat_answer(state, name):
    """The tensors of one entry of the probe's answer in one, or None where one is missing."""
    tensors = entry(state, name)
    if type(tensors) is not list or not tensors or not all(map(torch.is_tensor, tensors)):
        return None
    return flat(tensors)


def check_other_untouched(state, name, before):
    """The other network's parameters and gradients (7 everywhere) are as they were."""
    step = "discriminator_step" if name == "generator" else "generator_step"
    assert_close(
        flat_answer(state, name),
        flat(before),
        what=f"the vector of the {name}'s parameters after {step}",
    )
    what = f"the {name}'s gradient (.grad) after {step}"
    gradients = flat_answer(state, f"{name} grad")
    words = "the gradient as it was before the step"
    check(gradients is not None, what=what, expected=words, got="none: it was cleared")
    check(
        bool(gradients.any()),
        what=what,
        expected=words,
        got="zeros: it was cleared",
    )
    assert_close(
        gradients,
        torch.full_like(flat(before), 7),
        what=what,
        hint="The loss must reach only the parameters of the network whose step it is.",
    )
    for network in ("generator", "discriminator"):
        check(
            entry(state, f"{network} learns") is True,
            what=f"requires_grad of the {network}'s parameters after {step}",
            expected="True, as before",
            got="False",
        )


def test_discriminator_step(student, rng, device):
    """discriminator_step descends the discriminator's loss and leaves the generator alone."""
    generator, discriminator = two_nets(rng)
    real, noise = tensor(rng.normal(size=(6, 2))), tensor(rng.normal(size=(4, 3)))
    fake = F.linear(noise, *generator)

    def loss_of(parameters, sign=1):
        real_logits, fake_logits = D_of(real, parameters), D_of(fake, parameters)
        return F.softplus(-sign * real_logits).mean() + F.softplus(sign * fake_logits).mean()

    state = student.run(
        your_step_on_small_nets, "discriminator_step", generator, discriminator, real, noise, device
    )
    expected, true_loss = stepped(discriminator, loss_of)
    assert_close(
        flat_answer(state, "discriminator"),
        expected,
        what="the vector of the discriminator's parameters after one step",
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
    assert_close(
        entry(state, "loss"),
        true_loss,
        what="the loss that discriminator_step returns",
        **TOLERANCE,
    )


def test_generator_step(student, rng, device):
    """generator_step descends its loss through the discriminator and leaves that alone."""
    generator, discriminator = two_nets(rng)
    noise = tensor(rng.normal(size=(5, 3)))

    def loss_of(parameters):
        return F.softplus(-D_of(F.linear(noise, *parameters), discriminator)).mean()

    def minimax(parameters):
        return -F.softplus(D_of(F.linear(noise, *parameters), discriminator)).mean()

    state = student.run(
        your_step_on_small_nets, "generator_step", generator, discriminator, None, noise, device
    )
    expected, true_loss = stepped(generator, loss_of)
    assert_close(
        flat_answer(state, "generator"),
        expected,
        what="the vector of the generator's parameters after one step",
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
    assert_close(
        entry(state, "loss"), true_loss, what="the loss that generator_step returns", **TOLERANCE
    )
