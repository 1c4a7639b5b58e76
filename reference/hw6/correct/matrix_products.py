"""A correct homework 6 with convolutions as matrix products of unfolded patches."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler


def identity_kernel(size):
    return F.one_hot(torch.tensor(size * size // 2), size * size).float().reshape(size, size)


def blur_kernel(size):
    return torch.ones(size, size).div(size * size)


def edge_kernel():
    kernel = -torch.ones(3, 3)
    kernel[1, 1] = 8
    return kernel


def filter2d(image, kernel):
    padding = (kernel.shape[0] // 2, kernel.shape[1] // 2)
    patches = F.unfold(image[None, None], tuple(kernel.shape), padding=padding)[0]  # (k_h k_w, HW)
    return (kernel.flatten() @ patches).reshape(image.shape)


def feature_maps(x, weight, bias):
    k = weight.shape[-1]
    patches = F.unfold(x, k)  # (N, C_in k k, H' W')
    z = weight.flatten(1) @ patches + bias[:, None]
    return z.reshape(len(x), len(weight), x.shape[2] - k + 1, x.shape[3] - k + 1)


def feature_maps_backward(x, weight, grad_out):
    k = weight.shape[-1]
    patches, g = F.unfold(x, k), grad_out.flatten(2)
    grad_weight = (g @ patches.transpose(1, 2)).sum(dim=0).reshape(weight.shape)
    grad_x = F.fold(weight.flatten(1).T @ g, x.shape[2:], k)
    return grad_x, grad_weight, g.sum(dim=2).sum(dim=0)


def _windows(x, size):
    """(N, C, H', W', size * size)"""
    N, C, H, W = x.shape
    rows, columns = H // size, W // size
    cut = x[:, :, : rows * size, : columns * size]
    return (
        cut.reshape(N, C, rows, size, columns, size).permute(0, 1, 2, 4, 3, 5).flatten(start_dim=4)
    )


def max_pool(x, size):
    return torch.max(_windows(x, size), dim=-1)[0]


def max_pool_backward(x, size, grad_out):
    windows = _windows(x, size)
    is_largest = windows == windows.amax(dim=-1, keepdim=True)
    is_first = is_largest & (is_largest.cumsum(dim=-1) == 1)
    spread = is_first * grad_out[..., None]
    N, C, rows, columns = grad_out.shape
    spread = spread.reshape(N, C, rows, columns, size, size).permute(0, 1, 2, 4, 3, 5)
    grad_x = torch.zeros_like(x)
    grad_x[:, :, : rows * size, : columns * size] = spread.reshape(
        N, C, rows * size, columns * size
    )
    return grad_x


def count_dense(n_in, n_out):
    return count_parameters(nn.Linear(n_in, n_out))


def count_convolution(channels_in, channels_out, size):
    return count_parameters(nn.Conv2d(channels_in, channels_out, size))


def count_parameters(model):
    return sum(torch.tensor(p.shape).prod().item() for p in model.parameters())


class MyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels=1, out_channels=32, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(in_channels=32, out_channels=64, kernel_size=3)
        self.dense = nn.Linear(in_features=2304, out_features=10)

    def forward(self, x):
        for layer in (self.conv1, self.conv2):
            x = F.max_pool2d(layer(x).relu(), kernel_size=2, stride=2)
        return self.dense(torch.flatten(x, start_dim=1))


def train(model, dataset, epochs=6, batch_size=32, step_size=2e-3, rng=None, device="cpu"):
    sampler = BatchSampler(RandomSampler(dataset, generator=rng), batch_size, drop_last=False)
    loader = DataLoader(dataset, batch_sampler=sampler)
    model.to(device).train()
    optimizer = torch.optim.Adam([{"params": list(model.parameters())}], lr=step_size)
    means = []
    for _ in range(epochs):
        total = torch.zeros((), device=device)
        for images, labels in loader:
            log_p = model(images.to(device)).log_softmax(dim=1)
            losses = F.nll_loss(log_p, labels.to(device), reduction="none")
            losses.mean().backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=False)
            total += losses.detach().sum()
        means.append(total.item() / len(dataset))
        print(f"loss {means[-1]:.3f}")
    return means


@torch.inference_mode()
def accuracy(model, dataset, batch_size=256, device="cpu"):
    model = model.to(device).train(False)
    answers = [
        (model(x.to(device)).max(dim=1).indices == y.to(device)).cpu()
        for x, y in DataLoader(dataset, batch_size)
    ]
    return torch.cat(answers).double().mean().item()


quiz_answers = {"q1": "320", "q2": "c", "q3": "b", "q4": ["a", "d"]}
