# %% [markdown]
# # Homework 5: Networks in PyTorch
#
# You meet autograd, write datasets, networks and training loops in PyTorch, and watch a network
# overfit. The maths is in the homework's handout, `handout.md`; `grader start` says where it lies.
# What is yours to write raises `NotImplementedError` until you replace that line. Randomness comes
# from the `torch.Generator` that a function is given.

# %%
import math
from contextlib import suppress

import torch
from torch import nn
from torch.utils.data import Dataset

# %% [markdown]
# ## Problem 5.1: autograd and memory
#
# f and g are functions of a tensor, made of torch operations, that return a tensor of shape ().


# %%
def gradient(f, z):
    """The gradient of f at z, by autograd. z is left as it was. -> tensor of z's shape, no graph"""
    raise NotImplementedError("Problem 5.1: gradient")


def kept_gradient(f, g, z):
    """f(z) + g(z), with g(z) computed under no_grad, and what autograd takes for its gradient.

    -> (value, gradient): tensors of shape () and of z's shape, no graph. z is left as it was.
    """
    raise NotImplementedError("Problem 5.1: kept_gradient")


def accumulated_gradient(f, g, z):
    """What z.grad holds after f(z).backward(), then g(z).backward(). z is left as it was."""
    raise NotImplementedError("Problem 5.1: accumulated_gradient")


def shared_tensor(a):
    """A tensor that uses the memory of the array a: a change of one is a change of the other."""
    raise NotImplementedError("Problem 5.1: shared_tensor")


def copied_tensor(a):
    """A tensor with a copy of the array a, of the same dtype."""
    raise NotImplementedError("Problem 5.1: copied_tensor")


def shared_array(t):
    """An array that uses the memory of the tensor t (on the CPU), which may require gradients."""
    raise NotImplementedError("Problem 5.1: shared_array")


def copied_array(t):
    """An array with a copy of the tensor t, which may require gradients and be on a GPU."""
    raise NotImplementedError("Problem 5.1: copied_array")


# %% [markdown]
# ## Problem 5.2: a dataset


# %%
class DiscreteMapping(Dataset):
    """n noisy copies of the rows of A, each row drawn with the same probability.

    A: (K, d_in), B: (K, d_out), float tensors; the target of a copy of A[k] is B[k], its class k.
    noise: the standard deviation of the normal noise. generator: torch.Generator on the CPU.
    """

    def __init__(self, A, B, n, noise, generator):
        raise NotImplementedError("Problem 5.2: DiscreteMapping.__init__")

    def __len__(self):
        """The number of samples n."""
        raise NotImplementedError("Problem 5.2: DiscreteMapping.__len__")

    def __getitem__(self, i):
        """Sample i. -> (input (d_in,), target (d_out,)), the same each time"""
        raise NotImplementedError("Problem 5.2: DiscreteMapping.__getitem__")

    def inputs(self):
        """All inputs. -> float tensor (n, d_in)"""
        raise NotImplementedError("Problem 5.2: DiscreteMapping.inputs")

    def targets(self):
        """All targets. -> float tensor (n, d_out)"""
        raise NotImplementedError("Problem 5.2: DiscreteMapping.targets")

    def classes(self):
        """For each sample the row of A that it is a copy of. -> int64 tensor (n,)"""
        raise NotImplementedError("Problem 5.2: DiscreteMapping.classes")


# %% [markdown]
# ## Problem 5.3: a network, and gradient descent by hand
#
# The next cell is given. Call `report` at the end of every epoch, so that you see the training.


# %%
def report(what, number, total, **values):
    """(Given.) Print ten lines in all, such as `epoch 60 of 600: loss 0.0312`."""
    if number % max(1, total // 10) == 0:
        shown = ", ".join(f"{name} {value:.3g}" for name, value in values.items())
        print(f"{what} {number} of {total}: {shown}", flush=True)


def linear(d_in, d_out, generator, bias=True):
    """(Given.) nn.Linear with parameters drawn uniformly from ±1/√d_in by the generator."""
    layer = nn.Linear(d_in, d_out, bias=bias)
    for theta in layer.parameters():
        nn.init.uniform_(theta, -1 / math.sqrt(d_in), 1 / math.sqrt(d_in), generator=generator)
    return layer


class MappingNet(nn.Module):
    """6 → 10 without bias, sigmoid, → 5, sigmoid, → 3, log-softmax."""

    def __init__(self, generator):
        super().__init__()
        raise NotImplementedError("Problem 5.3: MappingNet.__init__")

    def forward(self, x):
        """x: (N, 6). -> logarithms of the class probabilities (N, 3)"""
        raise NotImplementedError("Problem 5.3: MappingNet.forward")


def nll_loss(log_p, classes):
    """Mean over samples of -log_p[i, classes[i]]. log_p: (N, C), classes: int64 (N,). -> ()"""
    raise NotImplementedError("Problem 5.3: nll_loss")


def gradient_step(parameters, step_size):
    """θ ← θ - κ θ.grad, in place, for each parameter that has a gradient. -> None"""
    raise NotImplementedError("Problem 5.3: gradient_step")


def train_mapping(model, dataset, step_size, epochs):
    """Gradient descent with your gradient_step on the NLL loss of the whole DiscreteMapping.

    -> list of `epochs` floats, the loss before each step
    """
    raise NotImplementedError("Problem 5.3: train_mapping")


# %% [markdown]
# ## Problem 5.4: a disk
#
# The model may be on a GPU while the data are on the CPU: move each batch to the model's device.


# %%
def generate_data(n, generator):
    """n points uniform on [-1, 1)², label 1 inside the circle of radius √(2/π) round the origin.

    -> (X float32 (n, 2), y int64 (n,))
    """
    raise NotImplementedError("Problem 5.4: generate_data")


class DiskNet(nn.Module):
    """2 → 64, relu, → 64, relu, → 2, log-softmax."""

    def __init__(self, generator):
        super().__init__()
        raise NotImplementedError("Problem 5.4: DiskNet.__init__")

    def forward(self, x):
        """x: (N, 2). -> logarithms of the class probabilities (N, 2)"""
        raise NotImplementedError("Problem 5.4: DiskNet.forward")


def device_of(model):
    """(Given.) The device that a model's parameters are on."""
    return next(model.parameters()).device


def evaluate(model, X, y):
    """The fraction of samples whose most probable class is y, as a float.

    The model is in evaluation mode meanwhile, and afterwards in the mode it was in; no graph is
    built, and no parameter or gradient changes.
    """
    raise NotImplementedError("Problem 5.4: evaluate")


def train_disk(model, X, y, generator):
    """Train in shuffled mini-batches until new points are told apart well. -> mean loss per epoch

    You choose the optimiser, the batch size and the number of epochs. generator: shuffles the
    samples, anew in every epoch. The loss of a batch is its NLL loss.
    """
    raise NotImplementedError("Problem 5.4: train_disk")


# %% [markdown]
# ## Problem 5.5: overfitting, and three remedies


# %%
class RegressionNet(nn.Module):
    """1 → 250, relu, → 250, relu, → 1."""

    def __init__(self, generator):
        super().__init__()
        raise NotImplementedError("Problem 5.5: RegressionNet.__init__")

    def forward(self, x):
        """x: (N, 1). -> (N, 1)"""
        raise NotImplementedError("Problem 5.5: RegressionNet.forward")


def mean_squared_error(y, t):
    """Mean over samples of 0.5 ||y - t||². y, t: (N, d). -> ()"""
    raise NotImplementedError("Problem 5.5: mean_squared_error")


def overfit(model, x, t, target):
    """Train on x, t, both (N, 1), until the mean squared error is below target. -> that error

    A network whose error is below the target already is left as it is. You choose the optimiser.
    Give up after a number of steps rather than run for ever.
    """
    raise NotImplementedError("Problem 5.5: overfit")


def validation_split(n, n_validation, generator):
    """Part the numbers 0..n-1 at random. -> (training, validation), int64 (n - n_val,), (n_val,)"""
    raise NotImplementedError("Problem 5.5: validation_split")


def weight_decay_step(parameters, step_size, decay):
    """θ ← θ - κ ∇E - λ θ, in place, for each parameter; ∇E is θ.grad, λ the decay. -> None"""
    raise NotImplementedError("Problem 5.5: weight_decay_step")


def penalised(loss, parameters, strength):
    """loss + strength/2 times the sum of squares of all parameters. -> () with its graph"""
    raise NotImplementedError("Problem 5.5: penalised")


class EarlyStopping:
    """Remembers a model's best parameters, and tells when nothing has improved for a while."""

    def __init__(self, patience):
        """patience: the number of epochs in a row without a new best loss that ends training."""
        raise NotImplementedError("Problem 5.5: EarlyStopping.__init__")

    def update(self, loss, model):
        """Take note of an epoch's validation loss (float). -> True if training is to stop now"""
        raise NotImplementedError("Problem 5.5: EarlyStopping.update")

    def restore(self, model):
        """Give the model the parameters it had at the lowest loss so far. -> None"""
        raise NotImplementedError("Problem 5.5: EarlyStopping.restore")


def fit_early_stopping(model, training, validation, step_size, max_epochs, patience):
    """Gradient descent on the mean squared error of the whole training set, stopped early.

    training, validation: pairs (x, t). An epoch is one gradient step, then the validation loss. In
    the end the model has its parameters of the lowest validation loss.
    -> (training losses, each before the step; validation losses, each after it), lists of floats
    """
    raise NotImplementedError("Problem 5.5: fit_early_stopping")


# %% [markdown]
# ## Problem 5.6: quiz
#
# The questions are in `quiz.toml`, beside the handout. Answer a single choice with its letter, a
# multiple choice with a list of letters, a numeric question with a number:
# {"q1": "a", "q2": 3.5, "q3": ["a", "b"]}.

# %%
quiz_answers = {
}

# %% [markdown]
# ## Train them
#
# Given: this runs when you run the file or the notebook, not while it is graded. It trains your
# networks as far as they are written, and draws what they learn where matplotlib is installed.


# %%
def watch_patterns():
    """(Given.) Problem 5.3: three noisy patterns of six bits."""
    generator = torch.Generator().manual_seed(0)
    A = torch.tensor([[1, 0, 0, 1, 0, 1], [0, 1, 0, 0, 1, 1], [0, 0, 1, 1, 1, 0]]).float()
    known, unseen = (DiscreteMapping(A, torch.eye(3), n, 0.2, generator) for n in (300, 500))
    net = MappingNet(generator)
    curve = train_mapping(net, known, 3.0, 600)
    with torch.no_grad():
        right = net(unseen.inputs()).argmax(dim=1) == unseen.classes()
    print(f"patterns: accuracy {right.double().mean():.3f} on new samples")
    with suppress(ImportError):
        import matplotlib.pyplot as plt

        plt.semilogy(curve)
        plt.gca().set(title="three patterns", xlabel="epoch", ylabel="NLL loss")
        plt.show()


def watch_disk():
    """(Given.) Problem 5.4: the disk, and where the network draws its border."""
    generator = torch.Generator().manual_seed(0)
    known, unseen = generate_data(4000, generator), generate_data(4000, generator)
    net = DiskNet(generator)
    print(f"disk: accuracy {evaluate(net, *unseen):.3f} on new points before training")
    train_disk(net, *known, generator)
    print(f"disk: accuracy {evaluate(net, *unseen):.3f} on new points")
    line = torch.linspace(-1, 1, 201)
    with torch.no_grad():
        p = net(torch.cartesian_prod(line, line))[:, 1].exp().reshape(201, 201).T  # of label 1
    with suppress(ImportError):
        import matplotlib.pyplot as plt

        plt.contourf(line, line, p, levels=[0, 0.5, 1], alpha=0.3)
        plt.scatter(*known[0][:600].T, c=known[1][:600], s=4)
        plt.gca().set(title="disk: points, and the network's regions", aspect="equal")
        plt.show()


def watch_overfitting():
    """(Given.) Problem 5.5: six samples learned by heart, and the same network stopped early."""
    generator = torch.Generator().manual_seed(2)
    x = torch.linspace(-0.95, 0.9, 6)[:, None]
    x_val = 2 * torch.rand(40, 1, generator=generator) - 1
    training, validation = (
        (x, torch.sin(3 * x) + 0.3 * torch.randn(x.shape, generator=generator)) for x in (x, x_val)
    )
    by_heart = RegressionNet(torch.Generator().manual_seed(2))
    print(f"by heart: error {overfit(by_heart, *training, 1e-6):.2g} on the six samples")
    stopped = RegressionNet(torch.Generator().manual_seed(2))
    curves = fit_early_stopping(stopped, training, validation, 0.02, 2000, 1000)
    with torch.no_grad():
        for name, net in (("by heart", by_heart), ("stopped early", stopped)):
            error = mean_squared_error(net(x_val), validation[1])
            print(f"{name}: error {error:.3f} on the 40 samples that were kept aside")
    with suppress(ImportError):
        import matplotlib.pyplot as plt

        for name, curve in zip(("training", "validation"), curves, strict=True):
            plt.loglog(curve, label=name)
        plt.gca().set(title="gradient descent on six samples", xlabel="epoch", ylabel="error")
        plt.legend()
        plt.show()
        line = torch.linspace(-1, 1, 300)[:, None]
        with torch.no_grad():
            plt.plot(line, by_heart(line), label="by heart")
            plt.plot(line, stopped(line), label="stopped early")
        plt.plot(line, torch.sin(3 * line), ":", label="without noise")
        plt.plot(*training, "o", label="training samples")
        plt.legend()
        plt.show()


# %%
if __name__ == "__main__":
    for watch in (watch_patterns, watch_disk, watch_overfitting):
        try:
            watch()
        except NotImplementedError as missing:
            print(f"Not written yet: {missing}")
