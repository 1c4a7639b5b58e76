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
    # BEGIN SOLUTION Problem 6.1: identity_kernel
    kernel = torch.zeros(size, size)
    kernel[size // 2, size // 2] = 1
    return kernel
    # END SOLUTION


def blur_kernel(size):
    """The kernel (size, size), size odd, that takes the mean of the size² pixels under it."""
    # BEGIN SOLUTION Problem 6.1: blur_kernel
    return torch.ones(size, size) / size**2
    # END SOLUTION


def edge_kernel():
    """The kernel (3, 3) that takes 8 times a pixel less the sum of its 8 neighbours."""
    # BEGIN SOLUTION Problem 6.1: edge_kernel
    return 9 * identity_kernel(3) - 9 * blur_kernel(3)
    # END SOLUTION


def filter2d(image, kernel):
    """Sum of products of the kernel, centred on each pixel, with the pixels under it.

    image (H, W), kernel (k_h, k_w) with k_h and k_w odd; pixels outside the image count as 0.
    Returns (H, W).
    """
    # BEGIN SOLUTION Problem 6.1: filter2d
    H, W = image.shape
    k_h, k_w = kernel.shape
    top, left = k_h // 2, k_w // 2
    padded = image.new_zeros(H + k_h - 1, W + k_w - 1)
    padded[top : top + H, left : left + W] = image
    out = torch.zeros_like(image)
    for i in range(k_h):
        for j in range(k_w):
            out += kernel[i, j] * padded[i : i + H, j : j + W]  # (H, W), the image shifted
    return out
    # END SOLUTION


# %% [markdown]
# ## Problem 6.2: Feature maps


# %%
def feature_maps(x, weight, bias):
    """A convolutional layer without padding, stride 1.

    x (N, C_in, H, W), weight (C_out, C_in, k, k), bias (C_out,).
    Returns (N, C_out, H - k + 1, W - k + 1).
    """
    # BEGIN SOLUTION Problem 6.2: feature_maps
    k = weight.shape[-1]
    patches = x.unfold(2, k, 1).unfold(3, k, 1)  # (N, C_in, H', W', k, k)
    z = torch.einsum("nchwij,ocij->nohw", patches, weight)  # (N, C_out, H', W')
    return z + bias[:, None, None]
    # END SOLUTION


def feature_maps_backward(x, weight, grad_out):
    """The gradients of a loss with respect to x, weight and bias of `feature_maps`.

    grad_out (N, C_out, H', W') is the loss's gradient with respect to the feature maps, summed
    over the batch nowhere. Returns (grad_x, grad_weight, grad_bias), shaped like x, weight, bias.
    """
    # BEGIN SOLUTION Problem 6.2: feature_maps_backward
    k = weight.shape[-1]
    _, _, rows, columns = grad_out.shape
    patches = x.unfold(2, k, 1).unfold(3, k, 1)  # (N, C_in, H', W', k, k)
    grad_weight = torch.einsum("nohw,nchwij->ocij", grad_out, patches)  # (C_out, C_in, k, k)
    grad_bias = grad_out.sum(dim=(0, 2, 3))  # (C_out,)
    grad_x = torch.zeros_like(x)
    for i in range(k):
        for j in range(k):
            under_ij = torch.einsum("nohw,oc->nchw", grad_out, weight[:, :, i, j])
            grad_x[:, :, i : i + rows, j : j + columns] += under_ij  # pixels under entry (i, j)
    return grad_x, grad_weight, grad_bias
    # END SOLUTION


# %% [markdown]
# ## Problem 6.3: Max pooling


# %%
def max_pool(x, size):
    """The largest value in every size×size window, windows side by side.

    x (N, C, H, W). Rows and columns that fill no window are left out.
    Returns (N, C, H // size, W // size).
    """
    # BEGIN SOLUTION Problem 6.3: max_pool
    windows = x.unfold(2, size, size).unfold(3, size, size)  # (N, C, H', W', size, size)
    return windows.amax(dim=(-2, -1))
    # END SOLUTION


def max_pool_backward(x, size, grad_out):
    """The gradient of a loss with respect to x, the input of `max_pool`.

    grad_out (N, C, H // size, W // size). It goes to the largest pixel of a window, all of it to
    the first one in reading order where several are equal. Returns (N, C, H, W).
    """
    # BEGIN SOLUTION Problem 6.3: max_pool_backward
    windows = x.unfold(2, size, size).unfold(3, size, size)  # (N, C, H', W', size, size)
    largest = windows.flatten(-2).argmax(dim=-1)  # (N, C, H', W'), the first one of equals
    _, _, rows, columns = grad_out.shape
    grad_x = torch.zeros_like(x)
    for i in range(size):
        for j in range(size):
            chosen = (largest == i * size + j) * grad_out  # (N, C, H', W')
            grad_x[:, :, i : i + rows * size : size, j : j + columns * size : size] = chosen
    return grad_x
    # END SOLUTION


# %% [markdown]
# ## Problem 6.4: Counting parameters


# %%
def count_dense(n_in, n_out):
    """The number of weights and biases of a dense layer from n_in to n_out nodes."""
    # BEGIN SOLUTION Problem 6.4: count_dense
    return n_in * n_out + n_out
    # END SOLUTION


def count_convolution(channels_in, channels_out, size):
    """The number of weights and biases of a convolution with kernels of size×size."""
    # BEGIN SOLUTION Problem 6.4: count_convolution
    return channels_in * channels_out * size**2 + channels_out
    # END SOLUTION


def count_parameters(model):
    """The number of numbers in all parameters of a torch module, as an int."""
    # BEGIN SOLUTION Problem 6.4: count_parameters
    return sum(parameter.numel() for parameter in model.parameters())
    # END SOLUTION


# %% [markdown]
# ## Problem 6.5: A convolutional network


# %%
class MyNet(nn.Module):
    """conv1 1→32, 3×3, padding 1; relu; pool 2; conv2 32→64, 3×3; relu; pool 2; dense 2304→10.

    Use torch's own layers and call the three with parameters conv1, conv2 and dense.
    """

    def __init__(self):
        super().__init__()
        # BEGIN SOLUTION Problem 6.5: MyNet
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3)
        self.dense = nn.Linear(64 * 6 * 6, 10)
        # END SOLUTION

    def forward(self, x):
        """Logits (N, 10) of images x (N, 1, 28, 28)."""
        # BEGIN SOLUTION Problem 6.5: MyNet.forward
        h = F.max_pool2d(F.relu(self.conv1(x)), 2)  # (N, 32, 14, 14)
        h = F.max_pool2d(F.relu(self.conv2(h)), 2)  # (N, 64, 6, 6)
        return self.dense(h.flatten(1))  # (N, 10)
        # END SOLUTION


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
    # BEGIN SOLUTION Problem 6.6: train
    model.to(device)
    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=step_size)
    loader = DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=rng)
    losses = []
    for epoch in range(1, epochs + 1):
        total = 0.0
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)  # the last batch is shorter than the others
        losses.append(total / len(dataset))
        report(epoch, epochs, losses[-1])
    return losses
    # END SOLUTION


def accuracy(model, dataset, batch_size=256, device="cpu"):
    """The fraction of the dataset's samples whose largest logit is that of their class, a float.

    The model is put into evaluation mode and no gradients are recorded.
    """
    # BEGIN SOLUTION Problem 6.6: accuracy
    model.to(device)
    model.eval()
    right = 0
    with torch.no_grad():
        for x, y in DataLoader(dataset, batch_size=batch_size):
            classes = model(x.to(device)).argmax(dim=1)  # (N,)
            right += (classes == y.to(device)).sum().item()
    return right / len(dataset)
    # END SOLUTION


# %% [markdown]
# ## Problem 6.7: Quiz
# The questions are in `quiz.toml`, beside the handout. Answer as `"q1": "a"` for one choice,
# `"q2": ["a", "c"]` for several and `"q3": 12` for a number.

# %%
quiz_answers = {
    # BEGIN SOLUTION DROP
    "q1": 320,
    "q2": "c",
    "q3": "b",
    "q4": ["a", "d"],
    # END SOLUTION
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
