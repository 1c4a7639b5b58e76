# %% [markdown]
# # Homework 4: Automatic differentiation
#
# You write a small automatic differentiation engine, first for numbers, then for matrices, and
# train a network with it. The maths is in `handout.md`. Only numpy is needed.
# What is yours to write raises `NotImplementedError` until you replace that line.

# %%
import numpy as np

# %% [markdown]
# ## Given: how a result remembers where it came from
#
# A **rule** is a function of the operands' values. It returns the result's value and a
# **pullback**, which turns `s`, the derivative of some final quantity by the result, into a tuple
# with the derivative by each operand. The rule of y = a³ is
#
#     def cube(a):
#         return a**3, lambda s: (s * 3 * a**2,)
#
# `record(rule, x)` runs a rule and returns a variable whose creator is the operation. You may
# change this machinery: tests look at `val`, `grad`, `creator` and `creator.args`, and no further.


# %%
class Operation:
    """What made a variable: a rule, and the variables `args` that it was applied to, in order."""

    def __init__(self, rule, args):
        self.rule, self.args = rule, args
        self.pullback = None  # set by run(): it belongs to the values of the latest run

    def run(self):
        """Apply the rule to the present values of args; return the result's value."""
        value, self.pullback = self.rule(*[arg.val for arg in self.args])
        return value


def record(rule, *operands):
    """A new variable, of the first operand's class, holding rule(values) and its creator."""
    kind = type(operands[0])
    args = [x if isinstance(x, kind) else kind(x) for x in operands]
    operation = Operation(rule, args)
    return kind(operation.run(), operation)


def method(rule):
    """The method that records a rule: with __mul__ = method(multiply), a * b is recorded."""
    return lambda *operands: record(rule, *operands)


def reflected(rule):
    """The method for a plain number on the left: Python evaluates 2 - x as x.__rsub__(2)."""
    return lambda self, other: record(rule, type(self)(other), self)


# %% [markdown]
# ## Problem 4.1: rules of scalar operations
#
# Write each rule with numpy's functions: the same rules serve arrays, elementwise, in Problem 4.3.


# %%
def add(a, b):
    """y = a + b."""
    # BEGIN SOLUTION Problem 4.1: add
    return a + b, lambda s: (s, s)
    # END SOLUTION


def subtract(a, b):
    """y = a - b."""
    # BEGIN SOLUTION Problem 4.1: subtract
    return a - b, lambda s: (s, -s)
    # END SOLUTION


def multiply(a, b):
    """y = a b."""
    # BEGIN SOLUTION Problem 4.1: multiply
    return a * b, lambda s: (s * b, s * a)
    # END SOLUTION


def divide(a, b):
    """y = a / b."""
    # BEGIN SOLUTION Problem 4.1: divide
    return a / b, lambda s: (s / b, -s * a / b**2)
    # END SOLUTION


def power(a, p):
    """y = a^p. p is a plain number, no variable: the pullback returns one gradient, (s dy/da,)."""
    # BEGIN SOLUTION Problem 4.1: power
    return a**p, lambda s: (s * p * a ** (p - 1),)
    # END SOLUTION


def sin(a):
    """y = sin a."""
    # BEGIN SOLUTION Problem 4.1: sin
    return np.sin(a), lambda s: (s * np.cos(a),)
    # END SOLUTION


def exp(a):
    """y = e^a."""
    # BEGIN SOLUTION Problem 4.1: exp
    y = np.exp(a)
    return y, lambda s: (s * y,)
    # END SOLUTION


def log(a):
    """y = ln a, for a > 0."""
    # BEGIN SOLUTION Problem 4.1: log
    return np.log(a), lambda s: (s / a,)
    # END SOLUTION


# %% [markdown]
# ## Problems 4.1 and 4.2: the engine
#
# These functions walk a graph of variables, of numbers or of matrices alike. Each takes time
# proportional to the number of nodes, however often a node is shared, and survives a chain of
# 10,000 nodes, which a recursive function does not.


# %%
def topological_order(root):
    """List root and all it depends on: each node once, operands before results, root last."""
    # BEGIN SOLUTION Problem 4.1: topological_order
    order, seen, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if node is None:  # the marker: all that the node below it depends on is in the order
            order.append(stack.pop())
        elif node not in seen:
            seen.add(node)
            stack += [node, None]
            if node.creator is not None:
                stack += node.creator.args
    return order
    # END SOLUTION


def evaluate(root):
    """Recompute every result, from the leaves' present values up to root; return root.val."""
    # BEGIN SOLUTION Problem 4.1: evaluate
    for node in topological_order(root):
        if node.creator is not None:
            node.val = node.creator.run()
    return root.val
    # END SOLUTION


def backward(root, s=1.0):
    """Add the gradient of sum(s * root.val) to the grad of root and of all it depends on.

    s: an array of root.val's shape, or a number, which stands for a constant array.
    """
    # BEGIN SOLUTION Problem 4.2: backward
    # node -> the sum over the node's users of their pullbacks, complete when its turn comes
    total = {root: np.full(np.shape(root.val), s, dtype=float)}
    for node in reversed(topological_order(root)):
        s = total.pop(node)
        node.grad = node.grad + s  # a new array, never +=: another node may hold s too
        if node.creator is not None:
            for arg, ds in zip(node.creator.args, node.creator.pullback(s), strict=True):
                total[arg] = total[arg] + ds if arg in total else ds
    # END SOLUTION


def zero_grad(root):
    """Set to zero, in the shape of the value, the grad of root and of all it depends on."""
    # BEGIN SOLUTION Problem 4.2: zero_grad
    for node in topological_order(root):
        node.grad = np.zeros(np.shape(node.val))[()]  # [()]: 0.0 for a number
    # END SOLUTION


# %%
class Var:
    """A number in a computation. val, grad: float. creator: Operation, or None for a leaf."""

    __array_ufunc__ = None  # numpy then leaves np.float64(2) * x to Var.__rmul__

    def __init__(self, val, creator=None):
        self.val, self.grad, self.creator = float(val), 0.0, creator

    __add__, __radd__ = method(add), reflected(add)
    __sub__, __rsub__ = method(subtract), reflected(subtract)
    __mul__, __rmul__ = method(multiply), reflected(multiply)
    __truediv__, __rtruediv__ = method(divide), reflected(divide)
    sin, exp, log = method(sin), method(exp), method(log)
    evaluate, backward, zero_grad = evaluate, backward, zero_grad

    def __pow__(self, p):
        return record(lambda a: power(a, p), self)

    def __neg__(self):
        return self * -1.0


# %% [markdown]
# ## Problem 4.3: matrices
#
# Operands are `Mat`s, arrays or plain numbers, and shapes broadcast as in numpy.


# %%
def sum_to_shape(s, shape):
    """Undo a broadcast: sum s over the axes that were added or stretched. -> array of the shape"""
    # BEGIN SOLUTION Problem 4.3: sum_to_shape
    if s.shape == shape:
        return s
    s = s.sum(axis=tuple(range(s.ndim - len(shape))))  # axes added in front, as for b (d,)
    stretched = tuple(i for i, n in enumerate(shape) if n == 1)
    return s.sum(axis=stretched, keepdims=True)
    # END SOLUTION


def broadcast(rule):
    """(Given.) The rule for operands of different shapes: gradients get the operands' shapes."""

    def broadcast_rule(a, b):
        y, pullback = rule(a, b)

        def broadcast_pullback(s):
            da, db = pullback(s)
            return sum_to_shape(da, a.shape), sum_to_shape(db, b.shape)

        return y, broadcast_pullback

    return broadcast_rule


def matmul(a, b):
    """Y = A @ B for A (n, k) and B (k, m)."""
    # BEGIN SOLUTION Problem 4.3: matmul
    return a @ b, lambda s: (s @ b.T, a.T @ s)  # (n, m) @ (m, k) and (k, n) @ (n, m)
    # END SOLUTION


def sum_over(a, axis):
    """The sum over one axis (0 or 1), which disappears, or of all elements (None; shape ())."""

    # BEGIN SOLUTION Problem 4.3: sum_over
    def pullback(s):
        s = s if axis is None else np.expand_dims(s, axis)
        return (np.broadcast_to(s, a.shape),)

    return a.sum(axis=axis), pullback
    # END SOLUTION


def mean_over(a, axis):
    """The mean over one axis (0 or 1), which disappears, or of all elements (None; shape ())."""
    # BEGIN SOLUTION Problem 4.3: mean_over
    n = a.size if axis is None else a.shape[axis]
    y, pullback = sum_over(a, axis)
    return y / n, lambda s: pullback(s / n)
    # END SOLUTION


# %% [markdown]
# ## Problem 4.4: elementwise functions


# %%
def sigmoid(a):
    """Y = 1 / (1 + e^-A)."""
    # BEGIN SOLUTION Problem 4.4: sigmoid
    y = 0.5 + 0.5 * np.tanh(0.5 * a)  # the same function, and nothing overflows
    return y, lambda s: (s * y * (1.0 - y),)
    # END SOLUTION


def tanh(a):
    """Y = tanh A."""
    # BEGIN SOLUTION Problem 4.4: tanh
    y = np.tanh(a)
    return y, lambda s: (s * (1.0 - y * y),)
    # END SOLUTION


def relu(a):
    """Y = max(A, 0); the derivative at 0 is taken as 0."""
    # BEGIN SOLUTION Problem 4.4: relu
    return np.maximum(a, 0.0), lambda s: (s * (a > 0.0),)
    # END SOLUTION


# %%
class Mat:
    """An array of at most two axes in a computation; a leaf copies what it is given.

    val, grad: float64 arrays of one shape. creator: Operation, or None for a leaf.
    """

    __array_ufunc__ = None  # numpy then leaves array * A to Mat.__rmul__

    def __init__(self, val, creator=None):
        self.val = np.array(val, dtype=float) if creator is None else val
        self.grad, self.creator = np.zeros(self.val.shape), creator

    __add__, __radd__ = method(broadcast(add)), reflected(broadcast(add))
    __sub__, __rsub__ = method(broadcast(subtract)), reflected(broadcast(subtract))
    __mul__, __rmul__ = method(broadcast(multiply)), reflected(broadcast(multiply))
    __matmul__, __rmatmul__ = method(matmul), reflected(matmul)
    exp, log, sigmoid = method(exp), method(log), method(sigmoid)
    tanh, relu = method(tanh), method(relu)
    evaluate, backward, zero_grad = evaluate, backward, zero_grad

    def __neg__(self):
        return self * -1.0

    def sum(self, axis=None):
        return record(lambda a: sum_over(a, axis), self)

    def mean(self, axis=None):
        return record(lambda a: mean_over(a, axis), self)


# %% [markdown]
# ## Problem 4.5: softmax cross-entropy


# %%
def softmax_cross_entropy(z, labels):
    """Mean over samples of -ln softmax(z)[label], finite for all finite scores. -> Mat ()

    z: Mat (N, C), scores. labels: integer array (N,), each in 0..C-1.
    """
    # BEGIN SOLUTION Problem 4.5: softmax_cross_entropy
    n = np.arange(len(labels))

    def rule(z):
        z = z - z.max(axis=1, keepdims=True)  # (N, C), the largest score is 0
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))  # (N, C)

        def pullback(s):
            dz = np.exp(log_p)  # (N, C), p
            dz[n, labels] -= 1.0  # (N, C), p - onehot(label)
            return (s * dz / len(n),)

        return -log_p[n, labels].mean(), pullback

    return record(rule, z)
    # END SOLUTION


# %% [markdown]
# ## Problem 4.6: networks and gradient descent
#
# A cost is a `Mat` of shape (), the mean over the N samples of a batch.


# %%
def mean_squared_error(y, t):
    """Mean over samples of 0.5 ||y - t||². y: Mat (N, d), t: array (N, d). -> Mat ()"""
    # BEGIN SOLUTION Problem 4.6: mean_squared_error
    d = y - t  # (N, d)
    return (d * d).sum() * (0.5 / len(t))
    # END SOLUTION


def cross_entropy(y, t):
    """Mean over samples of -Σ_k (t_k ln y_k + (1 - t_k) ln(1 - y_k)). -> Mat ()

    y: Mat (N, d), each in (0, 1). t: array (N, d), each in [0, 1].
    """
    # BEGIN SOLUTION Problem 4.6: cross_entropy
    log_p = t * y.log() + (1.0 - t) * (1.0 - y).log()  # (N, d)
    return log_p.sum() * (-1.0 / len(t))
    # END SOLUTION


class Linear:
    """A layer z = x @ W + b with parameters W: Mat (d_in, d_out) and b: Mat (d_out,)."""

    def __init__(self, d_in, d_out, rng):
        """Draw W from N(0, 1/d_in) with rng, a numpy Generator; b is zero."""
        # BEGIN SOLUTION Problem 4.6: Linear.__init__
        self.W = Mat(rng.normal(size=(d_in, d_out)) / np.sqrt(d_in))
        self.b = Mat(np.zeros(d_out))
        # END SOLUTION

    def __call__(self, x):
        """x: Mat or array (N, d_in). -> Mat (N, d_out)"""
        # BEGIN SOLUTION Problem 4.6: Linear.__call__
        return x @ self.W + self.b
        # END SOLUTION

    def parameters(self):
        """The list [W, b]."""
        # BEGIN SOLUTION Problem 4.6: Linear.parameters
        return [self.W, self.b]
        # END SOLUTION


class Logistic:
    """A layer that applies the sigmoid to each element; it has no parameters."""

    def __call__(self, z):
        """z: Mat (N, d). -> Mat (N, d)"""
        # BEGIN SOLUTION Problem 4.6: Logistic.__call__
        return z.sigmoid()
        # END SOLUTION

    def parameters(self):
        return []


class Net:
    """Layers applied one after the other. layers: list, the first one first."""

    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        """x: Mat or array (N, d_in of the first layer). -> Mat (N, d_out of the last)"""
        # BEGIN SOLUTION Problem 4.6: Net.__call__
        for layer in self.layers:
            x = layer(x)
        return x
        # END SOLUTION

    def parameters(self):
        """The list of all layers' parameters, in the order of the layers."""
        # BEGIN SOLUTION Problem 4.6: Net.parameters
        return [theta for layer in self.layers for theta in layer.parameters()]
        # END SOLUTION


def gradient_step(parameters, kappa):
    """One step of gradient descent, θ ← θ - κ θ.grad, for each Mat of the list. -> None"""
    # BEGIN SOLUTION Problem 4.6: gradient_step
    for theta in parameters:
        theta.val = theta.val - kappa * theta.grad
    # END SOLUTION


def train(net, cost, x, t, kappa, epochs):
    """Gradient descent on the whole batch. -> list of `epochs` floats: the cost before each step

    cost(y, t) -> Mat (). x: array (N, d_in). t: as the cost takes it. kappa: the step size.
    """
    # BEGIN SOLUTION Problem 4.6: train
    costs = []
    for _ in range(epochs):
        for theta in net.parameters():
            theta.zero_grad()
        E = cost(net(x), t)
        E.backward()
        gradient_step(net.parameters(), kappa)
        costs.append(float(E.val))
    return costs
    # END SOLUTION


# %% [markdown]
# ## Problem 4.7: quiz
#
# The questions are in `quiz.toml`. Answer a single choice with its letter, a multiple choice with a
# list of letters, a numeric question with a number: {"q1": "a", "q2": 3.5, "q3": ["a", "b"]}.

# %%
quiz_answers = {
    # BEGIN SOLUTION DROP
    "q1": "b",
    "q2": 16,
    "q3": ["b", "c", "e"],
    # END SOLUTION
}
