"""A correct homework 6 in plain loops: every pixel, window and batch by itself."""

import torch
from torch import nn


def identity_kernel(size):
    rows = []
    for i in range(size):
        rows.append([int(i == j == size // 2) for j in range(size)])
    return torch.tensor(rows)


def blur_kernel(size):
    return torch.full((size, size), 1.0 / (size * size))


def edge_kernel():
    return torch.tensor([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])


def filter2d(image, kernel):
    H, W = image.shape
    k_h, k_w = kernel.shape
    out = torch.empty_like(image)
    for r in range(H):
        for c in range(W):
            total = 0.0
            for i in range(k_h):
                for j in range(k_w):
                    row, column = r + i - k_h // 2, c + j - k_w // 2
                    if 0 <= row < H and 0 <= column < W:
                        total += kernel[i, j].item() * image[row, column].item()
            out[r, c] = total
    return out


def feature_maps(x, weight, bias):
    n_maps, _, k, _ = weight.shape
    N, _, H, W = x.shape
    z = torch.zeros(N, n_maps, H - k + 1, W - k + 1, dtype=x.dtype, device=x.device)
    for o in range(n_maps):
        for r in range(H - k + 1):
            for c in range(W - k + 1):
                patch = x[:, :, r : r + k, c : c + k]
                z[:, o, r, c] = (patch * weight[o]).sum(dim=(1, 2, 3)) + bias[o]
    return z


def feature_maps_backward(x, weight, grad_out):
    k = weight.shape[2]
    grad_x, grad_weight = torch.zeros_like(x), torch.zeros_like(weight)
    N, n_maps, rows, columns = grad_out.shape
    for n in range(N):
        for o in range(n_maps):
            for r in range(rows):
                for c in range(columns):
                    g = grad_out[n, o, r, c]
                    grad_x[n, :, r : r + k, c : c + k] += g * weight[o]
                    grad_weight[o] += g * x[n, :, r : r + k, c : c + k]
    return [grad_x, grad_weight, grad_out.sum(0).sum(1).sum(1)]


def max_pool(x, size):
    N, C, H, W = x.shape
    out = torch.zeros(N, C, H // size, W // size, dtype=x.dtype, device=x.device)
    for r in range(H // size):
        for c in range(W // size):
            window = x[:, :, r * size : (r + 1) * size, c * size : (c + 1) * size]
            out[:, :, r, c] = window.flatten(2).max(dim=2).values
    return out


def max_pool_backward(x, size, grad_out):
    grad_x = torch.zeros_like(x)
    N, C, rows, columns = grad_out.shape
    for n in range(N):
        for channel in range(C):
            for r in range(rows):
                for c in range(columns):
                    best = None
                    for i in range(r * size, (r + 1) * size):
                        for j in range(c * size, (c + 1) * size):
                            value = x[n, channel, i, j].item()
                            if best is None or value > best[0]:
                                best = (value, i, j)
                    grad_x[n, channel, best[1], best[2]] = grad_out[n, channel, r, c]
    return grad_x


def count_dense(n_in, n_out):
    return (n_in + 1) * n_out


def count_convolution(channels_in, channels_out, size):
    return (channels_in * size * size + 1) * channels_out


def count_parameters(model):
    total = 0
    for parameter in model.parameters():
        n = 1
        for length in parameter.shape:
            n *= length
        total += n
    return total


class MyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, padding="same")
        self.conv2 = nn.Conv2d(32, 64, (3, 3))
        self.pool = nn.MaxPool2d(2)
        self.relu = nn.ReLU()
        self.dense = nn.Linear(2304, 10)

    def forward(self, x):
        h = self.relu(self.pool(self.conv1(x)))
        h = self.relu(self.pool(self.conv2(h)))
        return self.dense(h.view(len(x), -1))


def train(model, dataset, epochs=6, batch_size=32, step_size=2e-3, rng=None, device="cpu"):
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), step_size)
    criterion = nn.CrossEntropyLoss()
    history = []
    for _ in range(epochs):
        model.train()
        order = torch.randperm(len(dataset), generator=rng).tolist()
        losses = []
        for start in range(0, len(order), batch_size):
            samples = [dataset[i] for i in order[start : start + batch_size]]
            x = torch.stack([image for image, _ in samples]).to(device)
            y = torch.tensor([int(label) for _, label in samples], device=device)
            model.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            losses += [loss.item()] * len(samples)
        history.append(sum(losses) / len(losses))
        print(history[-1])
    return history


def accuracy(model, dataset, batch_size=256, device="cpu"):
    model.eval()
    model.to(device)
    device = next(model.parameters()).device
    hits = []
    for start in range(0, len(dataset), batch_size):
        samples = [dataset[i] for i in range(start, min(start + batch_size, len(dataset)))]
        with torch.no_grad():
            logits = model(torch.stack([image for image, _ in samples]).to(device))
        for row, (_, label) in zip(logits, samples, strict=True):
            hits.append(int(row.argmax()) == int(label))
    return sum(hits) / len(hits)


quiz_answers = {"q1": 320.0, "q2": "C", "q3": "b", "q4": ("d", "a")}
