"""Nodes are numbered as they are made: that order is topological. Operations are small classes."""

import heapq
import itertools

import numpy as np

NUMBER = itertools.count()


class Operation:
    def __init__(self, *args):
        self.args = list(args)

    def derivatives(self, s, y):
        """For each operand its derivative, by the operands' values; see the subclasses."""
        return self.vjp(s, y, *[a.val for a in self.args])

    def value(self):
        return self.f(*[a.val for a in self.args])


class Add(Operation):
    def f(self, a, b):
        return a + b

    def vjp(self, s, y, a, b):
        return s, s


class Sub(Operation):
    def f(self, a, b):
        return a - b

    def vjp(self, s, y, a, b):
        return s, -s


class Mul(Operation):
    def f(self, a, b):
        return a * b

    def vjp(self, s, y, a, b):
        return s * b, s * a


class Div(Operation):
    def f(self, a, b):
        return a / b

    def vjp(self, s, y, a, b):
        return s / b, -s * y / b


class Pow(Operation):
    def __init__(self, a, p):
        super().__init__(a)
        self.p = p

    def f(self, a):
        return a**self.p

    def vjp(self, s, y, a):
        return (s * self.p * a ** (self.p - 1),)


class Matmul(Operation):
    def f(self, a, b):
        return np.matmul(a, b)

    def vjp(self, s, y, a, b):
        return (b @ s.T).T, (s.T @ a).T


class Reduce(Operation):
    def __init__(self, a, axis, mean):
        super().__init__(a)
        self.axis, self.mean = axis, mean

    def f(self, a):
        return a.mean(self.axis) if self.mean else a.sum(self.axis)

    def vjp(self, s, y, a):
        if self.axis == 0:
            out = np.tile(s, (a.shape[0],) + (1,) * (a.ndim - 1))
        elif self.axis == 1:
            out = np.repeat(np.reshape(s, (-1, 1)), a.shape[1], axis=1)
        else:
            out = np.full(a.shape, s)
        return (out * (np.size(y) / a.size) if self.mean else out,)


class Pointwise(Operation):
    def __init__(self, a, f, slope):
        super().__init__(a)
        self.f, self.slope = f, slope

    def vjp(self, s, y, a):
        return (s * self.slope(a, y),)


class SoftmaxCrossEntropy(Operation):
    def __init__(self, z, labels):
        super().__init__(z)
        self.rows, self.labels = np.arange(labels.size), labels

    def f(self, z):
        top = z.max(axis=1)
        log_sum = top + np.log(np.sum(np.exp(z - top[:, None]), axis=1))
        return np.mean(log_sum - z[self.rows, self.labels])

    def vjp(self, s, y, z):
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p[self.rows, self.labels] -= 1
        return (p * (s / self.rows.size),)


def unbroadcast(s, shape):
    """By a flat index: every element of s is added to the element it was copied from."""
    if np.shape(s) == shape:
        return s
    where = np.broadcast_to(np.arange(int(np.prod(shape))).reshape(shape), np.shape(s))
    total = np.zeros(int(np.prod(shape)))
    np.add.at(total, where.ravel(), np.ravel(s))
    return total.reshape(shape)


class Variable:
    __array_ufunc__ = None

    def __init__(self, value, creator=None):
        self.number = next(NUMBER)
        self.creator = creator
        self.val = self.clean(value)
        self.grad = self.clean(np.zeros(np.shape(self.val)))

    def of(self, x):
        return x if isinstance(x, Variable) else type(self)(x)

    def make(self, operation):
        return type(self)(operation.value(), operation)

    def graph(self):
        """All nodes, the latest made first."""
        seen, heap = {self.number}, [(-self.number, self)]
        while heap:
            _, node = heapq.heappop(heap)
            yield node
            for a in node.creator.args if node.creator else []:
                if a.number not in seen:
                    seen.add(a.number)
                    heapq.heappush(heap, (-a.number, a))

    def evaluate(self):
        for node in reversed(list(self.graph())):
            if node.creator:
                node.val = node.clean(node.creator.value())
        return self.val

    def zero_grad(self):
        for node in self.graph():
            node.grad = self.clean(np.zeros(np.shape(node.val)))

    def backward(self, s=1.0):
        s = s * np.ones(np.shape(self.val))
        flows = {self.number: s}
        for node in self.graph():
            s = flows[node.number]
            if node.creator is None or node is self:
                node.grad = node.clean(node.grad + s)
            else:
                node.grad = node.clean(s)  # of a result only the latest gradient is kept
            if node.creator:
                derivatives = node.creator.derivatives(s, node.val)
                for a, ds in zip(node.creator.args, derivatives, strict=True):
                    ds = unbroadcast(ds, np.shape(a.val))
                    flows[a.number] = flows.get(a.number, 0) + ds

    def __add__(self, other):
        return self.make(Add(self, self.of(other)))

    def __radd__(self, other):
        return self.make(Add(self.of(other), self))

    def __sub__(self, other):
        return self.make(Sub(self, self.of(other)))

    def __rsub__(self, other):
        return self.make(Sub(self.of(other), self))

    def __mul__(self, other):
        return self.make(Mul(self, self.of(other)))

    def __rmul__(self, other):
        return self.make(Mul(self.of(other), self))

    def __truediv__(self, other):
        return self.make(Div(self, self.of(other)))

    def __rtruediv__(self, other):
        return self.make(Div(self.of(other), self))

    def __pow__(self, p):
        return self.make(Pow(self, p))

    def __neg__(self):
        return self.make(Sub(self.of(0), self))

    def exp(self):
        return self.make(Pointwise(self, np.exp, lambda a, y: y))

    def log(self):
        return self.make(Pointwise(self, np.log, lambda a, y: 1 / a))

    def sin(self):
        return self.make(Pointwise(self, np.sin, lambda a, y: np.cos(a)))


class Var(Variable):
    def clean(self, value):
        return float(value)


class Mat(Variable):
    def clean(self, value):
        return np.array(value, dtype=float)

    def __matmul__(self, other):
        return self.make(Matmul(self, self.of(other)))

    def __rmatmul__(self, other):
        return self.make(Matmul(self.of(other), self))

    def sum(self, axis=None):
        return self.make(Reduce(self, axis, mean=False))

    def mean(self, axis=None):
        return self.make(Reduce(self, axis, mean=True))

    def sigmoid(self):
        return self.make(Pointwise(self, logistic, lambda a, y: y - y * y))

    def tanh(self):
        return self.make(
            Pointwise(self, np.tanh, lambda a, y: 1 / np.cosh(np.clip(a, -300, 300)) ** 2)
        )

    def relu(self):
        return self.make(
            Pointwise(self, lambda a: a * (a > 0), lambda a, y: (np.sign(a) + 1) // 2 * (a != 0))
        )


def logistic(a):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-a))


def softmax_cross_entropy(z, labels):
    return z.make(SoftmaxCrossEntropy(z, np.asarray(labels)))


def mean_squared_error(y, t):
    d = y - t
    return (d * d * 0.5).sum(axis=1).mean(axis=0)


def cross_entropy(y, t):
    total = (t * y.log() + (1 - t) * (1 - y).log()).sum()
    return -1.0 / t.shape[0] * total


class Linear:
    def __init__(self, d_in, d_out, rng):
        self.W = Mat(rng.standard_normal((d_in, d_out)) * np.sqrt(1 / d_in))
        self.b = Mat(np.zeros((d_out,)))

    def __call__(self, x):
        return self.W.of(x) @ self.W + self.b

    def parameters(self):
        return [self.W, self.b]


class Logistic:
    def __call__(self, z):
        return z.sigmoid()

    def parameters(self):
        return []


class Net:
    def __init__(self, layers):
        self.layers = tuple(layers)

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self):
        return [*itertools.chain.from_iterable(layer.parameters() for layer in self.layers)]


def gradient_step(parameters, kappa):
    for theta in parameters:
        theta.val = theta.val + (-kappa) * theta.grad


def train(net, cost, x, t, kappa, epochs):
    history = []
    theta = net.parameters()
    for _ in range(epochs):
        for p in theta:
            p.grad = np.zeros(p.val.shape)
        value = cost(net(Mat(x)), t)
        history.append(float(value.val))
        value.backward()
        gradient_step(theta, kappa)
    return history


quiz_answers = {"q1": "b", "q2": 16, "q3": ["b", "c", "e"]}
