"""Every node holds a closure that passes its own gradient on; one base class for Var and Mat."""

import math

import numpy as np


class Creator:
    def __init__(self, args):
        self.args = tuple(args)


class Node:
    __array_ufunc__ = None

    def __init__(self, val):
        self.val = self.convert(val)
        self.grad = self.nothing()
        self.creator = None
        self.forward = lambda: None
        self.push = lambda s, give: None

    def result(self, args, forward, push):
        out = type(self)(forward())
        out.creator = Creator(args)
        out.forward = forward
        out.push = push
        return out

    def wrap(self, x):
        return x if isinstance(x, type(self)) else type(self)(x)

    def below(self):
        """Operands before results: a node is expanded first, and listed when met again."""
        done, order, stack = set(), [], [(self, False)]
        while stack:
            node, expanded = stack.pop()
            if expanded:
                order.append(node)
            elif id(node) not in done:
                done.add(id(node))
                stack.append((node, True))
                if node.creator:
                    stack.extend((a, False) for a in node.creator.args)
        return order

    def evaluate(self):
        for node in self.below():
            if node.creator:
                node.val = self.convert(node.forward())
        return self.val

    def backward(self, s=1.0):
        order = self.below()
        pending = {id(node): node.nothing() for node in order}
        pending[id(self)] = self.nothing() + s

        def give(node, ds):
            pending[id(node)] = pending[id(node)] + node.fit(ds)

        for node in order[::-1]:
            s = pending[id(node)]
            node.grad = node.grad + s
            node.push(s, give)

    def zero_grad(self):
        for node in self.below():
            node.grad = node.nothing()

    def __add__(self, other):
        a, b = self, self.wrap(other)

        def push(s, give):
            give(a, s)
            give(b, s)

        return self.result((a, b), lambda: a.val + b.val, push)

    def __sub__(self, other):
        a, b = self, self.wrap(other)

        def push(s, give):
            give(a, s)
            give(b, -s)

        return self.result((a, b), lambda: a.val - b.val, push)

    def __mul__(self, other):
        a, b = self, self.wrap(other)

        def push(s, give):
            give(a, s * b.val)
            give(b, s * a.val)

        return self.result((a, b), lambda: a.val * b.val, push)

    def __neg__(self):
        return 0.0 - self

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other):
        return self.wrap(other) - self

    def unary(self, f, df):
        """df(a, y) is the derivative."""

        def push(s, give):
            give(self, s * df(self.val, f(self.val)))

        return self.result((self,), lambda: f(self.val), push)


class Var(Node):
    convert = float

    def nothing(self):
        return 0

    def fit(self, ds):
        return float(ds)

    def __truediv__(self, other):
        return self * self.wrap(other) ** -1

    def __rtruediv__(self, other):
        return other * self**-1

    def __pow__(self, p):
        return self.unary(lambda a: a**p, lambda a, y: p * a ** (p - 1))

    def sin(self):
        return self.unary(math.sin, lambda a, y: math.cos(a))

    def exp(self):
        return self.unary(math.exp, lambda a, y: y)

    def log(self):
        return self.unary(math.log, lambda a, y: 1 / a)


class Mat(Node):
    @staticmethod
    def convert(val):
        return np.array(val, dtype=np.float64)

    def nothing(self):
        return np.zeros_like(self.val)

    def fit(self, ds):
        ds = np.asarray(ds)
        while ds.ndim > self.val.ndim:
            ds = ds.sum(0)
        for axis, n in enumerate(self.val.shape):
            if n == 1:
                ds = ds.sum(axis, keepdims=True)
        return ds

    def __matmul__(self, other):
        a, b = self, self.wrap(other)

        def push(s, give):
            give(a, np.einsum("im,km->ik", s, b.val))
            give(b, np.einsum("ik,im->km", a.val, s))

        return self.result((a, b), lambda: a.val @ b.val, push)

    def __rmatmul__(self, other):
        return self.wrap(other) @ self

    def sum(self, axis=None):
        def push(s, give):
            s = s if axis is None else np.expand_dims(s, axis)
            give(self, np.ones_like(self.val) * s)

        return self.result((self,), lambda: np.sum(self.val, axis=axis), push)

    def mean(self, axis=None):
        count = self.val.size if axis is None else self.val.shape[axis]
        return self.sum(axis) * (1 / count)

    def exp(self):
        return self.unary(np.exp, lambda a, y: y)

    def log(self):
        return self.unary(np.log, lambda a, y: 1 / a)

    def sigmoid(self):
        def f(a):
            e = np.exp(-np.abs(a))
            return np.where(a >= 0, 1 / (1 + e), e / (1 + e))

        return self.unary(f, lambda a, y: y * (1 - y))

    def tanh(self):
        return self.unary(np.tanh, lambda a, y: 1 - y**2)

    def relu(self):
        return self.unary(lambda a: np.where(a > 0, a, 0), lambda a, y: np.where(a > 0, 1.0, 0.0))


def softmax_cross_entropy(z, labels):
    onehot = np.eye(z.val.shape[1])[labels]

    def shifted():
        return z.val - z.val.max(axis=1, keepdims=True)

    def forward():
        a = shifted()
        return (np.log(np.exp(a).sum(axis=1)) - (a * onehot).sum(axis=1)).mean()

    def push(s, give):
        e = np.exp(shifted())
        give(z, s * (e / e.sum(axis=1, keepdims=True) - onehot) / len(labels))

    return z.result((z,), forward, push)


def mean_squared_error(y, t):
    return ((y - t) * (y - t)).sum(1).mean() * 0.5


def cross_entropy(y, t):
    t = Mat(t)
    return -(t * y.log() + (1 - t) * (1 - y).log()).sum(axis=1).mean()


class Linear:
    def __init__(self, d_in, d_out, rng):
        self.W = Mat(rng.normal(0, d_in**-0.5, (d_in, d_out)))
        self.b = Mat([0.0] * d_out)

    def __call__(self, x):
        return x @ self.W + self.b

    def parameters(self):
        return [self.W, self.b]


class Logistic:
    def __call__(self, z):
        return z.sigmoid()

    def parameters(self):
        return []


class Net:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self):
        parameters = []
        for layer in self.layers:
            parameters += layer.parameters()
        return parameters


def gradient_step(parameters, kappa):
    for p in parameters:
        p.val -= kappa * p.grad


def train(net, cost, x, t, kappa, epochs):
    costs = []
    for _ in range(epochs):
        loss = cost(net(Mat(x)), t)
        loss.zero_grad()
        loss.backward()
        gradient_step(net.parameters(), kappa)
        costs.append(loss.val.item())
    return costs


quiz_answers = {"q1": "b", "q2": 16.0, "q3": ["e", "c", "b"]}
