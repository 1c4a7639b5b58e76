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
    raise NotImplementedError("Problem 4.1: add")


def subtract(a, b):
    """y = a - b."""
    raise NotImplementedError("Problem 4.1: subtract")


def multiply(a, b):
    """y = a b."""
    raise NotImplementedError("Problem 4.1: multiply")


def divide(a, b):
    """y = a / b."""
    raise NotImplementedError("Problem 4.1: divide")


def power(a, p):
    """y = a^p. p is a plain number, no variable: the pullback returns one gradient, (s dy/da,)."""
    raise NotImplementedError("Problem 4.1: power")


def sin(a):
    """y = sin a."""
    raise NotImplementedError("Problem 4.1: sin")


def exp(a):
    """y = e^a."""
    raise NotImplementedError("Problem 4.1: exp")


def log(a):
    """y = ln a, for a > 0."""
    raise NotImplementedError("Problem 4.1: log")


# %% [markdown]
# ## Problems 4.1 and 4.2: the engine
#
# These functions walk a graph of variables, of numbers or of matrices alike. Each takes time
# proportional to the number of nodes, however often a node is shared, and survives a chain of
# 10,000 nodes, which a recursive function does not.


# %%
def topological_order(root):
    """List root and all it depends on: each node once, operands before results, root last."""
    raise NotImplementedError("Problem 4.1: topological_order")


def evaluate(root):
    """Recompute every result, from the leaves' present values up to root; return root.val."""
    raise NotImplementedError("Problem 4.1: evaluate")


def backward(root, s=1.0):
    """Add the gradient of sum(s * root.val) to the grad of root and of all it depends on.

    s: an array of root.val's shape, or a number, which stands for a constant array.
    """
    raise NotImplementedError("Problem 4.2: backward")


def zero_grad(root):
    """Set to zero, in the shape of the value, the grad of root and of all it depends on."""
    raise NotImplementedError("Problem 4.2: zero_grad")


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
    raise NotImplementedError("Problem 4.3: sum_to_shape")


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
    raise NotImplementedError("Problem 4.3: matmul")


def sum_over(a, axis):
    """The sum over one axis (0 or 1), which disappears, or of all elements (None; shape ())."""

    raise NotImplementedError("Problem 4.3: sum_over")


def mean_over(a, axis):
    """The mean over one axis (0 or 1), which disappears, or of all elements (None; shape ())."""
    raise NotImplementedError("Problem 4.3: mean_over")


# %% [markdown]
# ## Problem 4.4: elementwise functions


# %%
def sigmoid(a):
    """Y = 1 / (1 + e^-A)."""
    raise NotImplementedError("Problem 4.4: sigmoid")


def tanh(a):
    """Y = tanh A."""
    raise NotImplementedError("Problem 4.4: tanh")


def relu(a):
    """Y = max(A, 0); the derivative at 0 is taken as 0."""
    raise NotImplementedError("Problem 4.4: relu")


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
    raise NotImplementedError("Problem 4.5: softmax_cross_entropy")


# %% [markdown]
# ## Problem 4.6: networks and gradient descent
#
# A cost is a `Mat` of shape (), the mean over the N samples of a batch.


# %%
def mean_squared_error(y, t):
    """Mean over samples of 0.5 ||y - t||². y: Mat (N, d), t: array (N, d). -> Mat ()"""
    raise NotImplementedError("Problem 4.6: mean_squared_error")


def cross_entropy(y, t):
    """Mean over samples of -Σ_k (t_k ln y_k + (1 - t_k) ln(1 - y_k)). -> Mat ()

    y: Mat (N, d), each in (0, 1). t: array (N, d), each in [0, 1].
    """
    raise NotImplementedError("Problem 4.6: cross_entropy")


class Linear:
    """A layer z = x @ W + b with parameters W: Mat (d_in, d_out) and b: Mat (d_out,)."""

    def __init__(self, d_in, d_out, rng):
        """Draw W from N(0, 1/d_in) with rng, a numpy Generator; b is zero."""
        raise NotImplementedError("Problem 4.6: Linear.__init__")

    def __call__(self, x):
        """x: Mat or array (N, d_in). -> Mat (N, d_out)"""
        raise NotImplementedError("Problem 4.6: Linear.__call__")

    def parameters(self):
        """The list [W, b]."""
        raise NotImplementedError("Problem 4.6: Linear.parameters")


class Logistic:
    """A layer that applies the sigmoid to each element; it has no parameters."""

    def __call__(self, z):
        """z: Mat (N, d). -> Mat (N, d)"""
        raise NotImplementedError("Problem 4.6: Logistic.__call__")

    def parameters(self):
        return []


class Net:
    """Layers applied one after the other. layers: list, the first one first."""

    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        """x: Mat or array (N, d_in of the first layer). -> Mat (N, d_out of the last)"""
        raise NotImplementedError("Problem 4.6: Net.__call__")

    def parameters(self):
        """The list of all layers' parameters, in the order of the layers."""
        raise NotImplementedError("Problem 4.6: Net.parameters")


def gradient_step(parameters, kappa):
    """One step of gradient descent, θ ← θ - κ θ.grad, for each Mat of the list. -> None"""
    raise NotImplementedError("Problem 4.6: gradient_step")


def train(net, cost, x, t, kappa, epochs):
    """Gradient descent on the whole batch. -> list of `epochs` floats: the cost before each step

    cost(y, t) -> Mat (). x: array (N, d_in). t: as the cost takes it. kappa: the step size.
    """
    raise NotImplementedError("Problem 4.6: train")


# %% [markdown]
# ## Problem 4.7: quiz
#
# The questions are in `quiz.toml`. Answer a single choice with its letter, a multiple choice with a
# list of letters, a numeric question with a number: {"q1": "a", "q2": 3.5, "q3": ["a", "b"]}.

# %%
quiz_answers = {
}
