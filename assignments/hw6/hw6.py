# %% [markdown]
# # Homework 6: Convolutional networks
#
# Read the handout first: it holds the mathematics, the shapes and the points. It is `handout.md` in
# the homework's own folder; `grader start` says where that lies. Replace every
# `raise NotImplementedError(...)` by your own code and keep names and arguments as they are.
#
# Conventions: images are tensors `x: (N, C, H, W)`; a result has the dtype and the device of its
# input; no function changes the tensors it is given. In Problems 6.1 to 6.3 you build the
# operations by hand: torch's own convolution and pooling, autograd and scipy earn nothing there.

# %%
from contextlib import suppress

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

# %% [markdown]
# ## Problem 6.1: Filters


# %%
def identity_kernel(size):
    """The kernel (size, size), size odd, that leaves every image as it is."""
    raise NotImplementedError("Problem 6.1: identity_kernel")


def blur_kernel(size):
    """The kernel (size, size), size odd, that takes the mean of the size² pixels under it."""
    raise NotImplementedError("Problem 6.1: blur_kernel")


def edge_kernel():
    """The kernel (3, 3) that takes 8 times a pixel less the sum of its 8 neighbours."""
    raise NotImplementedError("Problem 6.1: edge_kernel")


def filter2d(image, kernel):
    """Sum of products of the kernel, centred on each pixel, with the pixels under it.

    image (H, W), kernel (k_h, k_w) with k_h and k_w odd; pixels outside the image count as 0.
    Returns (H, W).
    """
    raise NotImplementedError("Problem 6.1: filter2d")


# %% [markdown]
# ## Problem 6.2: Feature maps


# %%
def feature_maps(x, weight, bias):
    """A convolutional layer without padding, stride 1.

    x (N, C_in, H, W), weight (C_out, C_in, k, k), bias (C_out,).
    Returns (N, C_out, H - k + 1, W - k + 1).
    """
    raise NotImplementedError("Problem 6.2: feature_maps")


def feature_maps_backward(x, weight, grad_out):
    """The gradients of a loss with respect to x, weight and bias of `feature_maps`.

    grad_out (N, C_out, H', W') is the loss's gradient with respect to the feature maps, summed
    over the batch nowhere. Returns (grad_x, grad_weight, grad_bias), shaped like x, weight, bias.
    """
    raise NotImplementedError("Problem 6.2: feature_maps_backward")


# %% [markdown]
# ## Problem 6.3: Max pooling


# %%
def max_pool(x, size):
    """The largest value in every size×size window, windows side by side.

    x (N, C, H, W). Rows and columns that fill no window are left out.
    Returns (N, C, H // size, W // size).
    """
    raise NotImplementedError("Problem 6.3: max_pool")


def max_pool_backward(x, size, grad_out):
    """The gradient of a loss with respect to x, the input of `max_pool`.

    grad_out (N, C, H // size, W // size). It goes to the largest pixel of a window, all of it to
    the first one in reading order where several are equal. Returns (N, C, H, W).
    """
    raise NotImplementedError("Problem 6.3: max_pool_backward")


# %% [markdown]
# ## Problem 6.4: Counting parameters


# %%
def count_dense(n_in, n_out):
    """The number of weights and biases of a dense layer from n_in to n_out nodes."""
    raise NotImplementedError("Problem 6.4: count_dense")


def count_convolution(channels_in, channels_out, size):
    """The number of weights and biases of a convolution with kernels of size×size."""
    raise NotImplementedError("Problem 6.4: count_convolution")


def count_parameters(model):
    """The number of numbers in all parameters of a torch module, as an int."""
    raise NotImplementedError("Problem 6.4: count_parameters")


# %% [markdown]
# ## Problem 6.5: A convolutional network


# %%
class MyNet(nn.Module):
    """conv1 1→32, 3×3, padding 1; relu; pool 2; conv2 32→64, 3×3; relu; pool 2; dense 2304→10.

    Use torch's own layers and call the three with parameters conv1, conv2 and dense.
    """

    def __init__(self):
        super().__init__()
        raise NotImplementedError("Problem 6.5: MyNet")

    def forward(self, x):
        """Logits (N, 10) of images x (N, 1, 28, 28)."""
        raise NotImplementedError("Problem 6.5: MyNet.forward")


# %% [markdown]
# ## Problem 6.6: Training
# The next cell is given: call `report` at the end of every epoch, so that you see the training.


# %%
def report(epoch, epochs, loss):
    """Print one line about an epoch."""
    print(f"epoch {epoch} of {epochs}: loss {loss:.4f}", flush=True)


# %%
def train(model, dataset, epochs=6, batch_size=32, step_size=2e-3, rng=None, device="cpu"):
    """Minimise the mean cross-entropy of the model's logits by Adam; return the epochs' losses.

    dataset yields (image (1, 28, 28), class number). Every epoch uses every sample once, in an
    order drawn from rng, a torch.Generator or None, the short last batch too. Works on any device:
    moves the model there, and every batch. Returns the mean loss over the samples of each epoch,
    `epochs` floats.
    """
    raise NotImplementedError("Problem 6.6: train")


def accuracy(model, dataset, batch_size=256, device="cpu"):
    """The fraction of the dataset's samples whose largest logit is that of their class, a float.

    The model is put into evaluation mode and no gradients are recorded.
    """
    raise NotImplementedError("Problem 6.6: accuracy")


# %% [markdown]
# ## Problem 6.7: Quiz
# The questions are in `quiz.toml`, beside the handout. Answer as `"q1": "a"` for one choice,
# `"q2": ["a", "c"]` for several and `"q3": 12` for a number.

# %%
quiz_answers = {
}

# %% [markdown]
# ## Train it
# Given: this runs when you run the file or the notebook, not while it is graded. It trains your
# network, once it is written, and draws what it has learned where matplotlib is installed. The
# digits come with the grader. After `grader data fetch mnist` you may set `DATA` to "mnist", after
# `grader data fetch fashion-mnist` to "fashion-mnist": pictures of clothes, ten classes as well.

# %%
DATA = "digits28"


def to_dataset(X, y):
    """(Given.) Grey images X (N, 28, 28) from 0 to 255 and classes y (N,) as a dataset."""
    images = torch.tensor(X, dtype=torch.float32)[:, None] / 255  # (N, 1, 28, 28)
    return TensorDataset(images, torch.tensor(y))


def watch_it_learn():
    """(Given.) Train a MyNet, count what it reads rightly, and look at it."""
    from grader.data import load

    device = "cuda" if torch.cuda.is_available() else "cpu"
    known, unseen = (to_dataset(**load(DATA, split)) for split in ("train", "test"))
    net = MyNet()
    before = net.conv1.weight.detach().clone()
    losses = train(net, known, device=device)
    print("accuracy on unseen images:", accuracy(net, unseen, device=device))
    losses += train(net, known, epochs=1, step_size=3e-4, device=device)  # to settle down
    print("accuracy on unseen images:", accuracy(net, unseen, device=device))
    images, classes = unseen[:24]
    with torch.no_grad():
        read = net(images.to(device)).argmax(dim=1).cpu()
    with suppress(ImportError):
        import matplotlib.pyplot as plt

        plt.semilogy(range(1, len(losses) + 1), losses, "o-")
        plt.gca().set(xlabel="epoch", ylabel="loss")
        plt.show()
        _, grid = plt.subplots(3, 8)
        for axes, image, k, true in zip(grid.flat, images, read, classes, strict=True):
            axes.imshow(image[0], cmap="gray")
            axes.set_title(f"read: {k}", color="black" if k == true else "red", fontsize=9)
            axes.axis("off")
        plt.show()
        after = net.conv1.weight.detach().cpu()
        rows = {"before": before, "after": after, "difference": after - before}
        most = (after - before).flatten(1).norm(dim=1).argsort(descending=True)[:8]
        _, grid = plt.subplots(3, 8)  # the kernels of the first layer that have changed most
        for axes, (name, kernels) in zip(grid, rows.items(), strict=True):
            axes[0].set_ylabel(name)
            for ax, k in zip(axes, most, strict=True):
                ax.imshow(kernels[k, 0], cmap="RdBu", vmin=-0.4, vmax=0.4)
                ax.set(xticks=[], yticks=[])
        plt.show()


# %%
if __name__ == "__main__":
    try:
        watch_it_learn()
    except NotImplementedError as missing:
        print(f"Not written yet: {missing}")
