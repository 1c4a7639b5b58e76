# %% [markdown]
# # Homework 2: Spiking neurons
#
# Read the [handout](handout.md) first: it holds the equations, the units and the points. Replace
# every `raise NotImplementedError(...)` by your own code and keep names and arguments as they are.
#
# Units: problems 2.1 to 2.3 use those of the Hodgkin–Huxley model, **ms, mV, µA/cm², mS/cm²**; from
# problem 2.4 on, times are in **seconds**, so that rates are in Hz, and the threshold is 1. Arrays
# hold 64-bit floats. No function changes the arrays it is given.

# %%
import math

import numpy as np

# %% [markdown]
# ## Problem 2.1: The gates of the Hodgkin–Huxley model
#
# V is the membrane's voltage in mV, an array of any shape or a number. Each function returns two
# arrays (or numbers) of the same shape: the steady state and the time constant in ms.


# %%
# BEGIN SOLUTION DROP
def exp(x):
    """Return e^x of an array or, several times as fast as numpy, of a float."""
    return math.exp(x) if isinstance(x, float) else np.exp(x)


def linoid(x):
    """Return x / (1 - e^-x), and at x = 0 its limit, 1."""
    x = x + 1e-30  # 0/0 becomes 1e-30/1e-30 = 1; no x beyond 1e-13 changes
    return x / -(math.expm1(-x) if isinstance(x, float) else np.expm1(-x))


# END SOLUTION
def m_gate(V):
    """Return (m_inf, tau_m) of the sodium channel's activation at V in mV; tau_m in ms."""
    # BEGIN SOLUTION Problem 2.1: m_gate
    alpha = linoid((V + 40) / 10)  # 1/ms
    beta = 4 * exp(-(V + 65) / 18)  # 1/ms
    return alpha / (alpha + beta), 1 / (alpha + beta)
    # END SOLUTION


def h_gate(V):
    """Return (h_inf, tau_h) of the sodium channel's inactivation at V in mV; tau_h in ms."""
    # BEGIN SOLUTION Problem 2.1: h_gate
    alpha = 0.07 * exp(-(V + 65) / 20)  # 1/ms
    beta = 1 / (1 + exp(-(V + 35) / 10))  # 1/ms
    return alpha / (alpha + beta), 1 / (alpha + beta)
    # END SOLUTION


def n_gate(V):
    """Return (n_inf, tau_n) of the potassium channel's activation at V in mV; tau_n in ms."""
    # BEGIN SOLUTION Problem 2.1: n_gate
    alpha = 0.1 * linoid((V + 55) / 10)  # 1/ms
    beta = 0.125 * exp(-(V + 65) / 80)  # 1/ms
    return alpha / (alpha + beta), 1 / (alpha + beta)
    # END SOLUTION


# %% [markdown]
# ## Problem 2.2: The Hodgkin–Huxley equations

# %%
C = 1.0  # µF/cm², the membrane's capacitance
G_NA, G_K, G_L = 120.0, 36.0, 0.3  # mS/cm², the largest conductances
V_NA, V_K, V_L = 50.0, -77.0, -54.387  # mV, the reversal potentials
V_REST = -65.0  # mV


def hh_derivative(state, J):
    """Return d/dt (4,), per ms, of state (4,), which is V, m, h, n, under current J in µA/cm²."""
    # BEGIN SOLUTION Problem 2.2: hh_derivative
    V, m, h, n = state.tolist()  # plain numbers, quicker than numpy's
    m_inf, tau_m = m_gate(V)
    h_inf, tau_h = h_gate(V)
    n_inf, tau_n = n_gate(V)
    J_L = G_L * (V - V_L)
    J_Na = G_NA * m**3 * h * (V - V_NA)
    J_K = G_K * n**4 * (V - V_K)
    dV = (J - J_L - J_Na - J_K) / C
    return np.array([dV, (m_inf - m) / tau_m, (h_inf - h) / tau_h, (n_inf - n) / tau_n])
    # END SOLUTION


# %% [markdown]
# ## Problem 2.3: Simulating the action potential


# %%
def simulate_hh(J, dt):
    """Return the states (T + 1, 4) of a neuron that starts at rest and receives the current J (T,).

    J[k], in µA/cm², flows from k·dt to (k + 1)·dt, dt in ms; row k is (V, m, h, n) at k·dt.
    """
    # BEGIN SOLUTION Problem 2.3: simulate_hh
    states = np.empty((len(J) + 1, 4))
    states[0] = V_REST, m_gate(V_REST)[0], h_gate(V_REST)[0], n_gate(V_REST)[0]
    state = states[0]
    for k, current in enumerate(J.tolist(), start=1):
        state = state + dt * hh_derivative(state, current)  # forward Euler
        states[k] = state
    return states
    # END SOLUTION


# %% [markdown]
# ## Problem 2.4: The leaky integrate-and-fire neuron by formula
#
# From here on times are in seconds and rates in Hz; the threshold is 1, rest and reset are 0.


# %%
def lif_voltage(t, v_in, tau_m):
    """Return v(t) without a threshold, from v(0) = 0 under constant v_in; t is an array, in s."""
    # BEGIN SOLUTION Problem 2.4: lif_voltage
    return v_in * (1 - np.exp(-t / tau_m))
    # END SOLUTION


def lif_rate(v_in, tau_m=0.02, tau_ref=0.002):
    """Return the firing rates in Hz under constant inputs v_in, an array of any shape, any sign."""
    # BEGIN SOLUTION Problem 2.4: lif_rate
    fires = v_in > 1
    safe = np.where(fires, v_in, 2.0)  # keeps the logarithm away from 1 - 1/v_in <= 0
    period = tau_ref - tau_m * np.log1p(-1 / safe)  # s
    return np.where(fires, 1 / period, 0.0)
    # END SOLUTION


# %% [markdown]
# ## Problem 2.5: Simulating a leaky integrate-and-fire neuron


# %%
def simulate_lif(v_in, dt, tau_m=0.02, tau_ref=0.002):
    """Return (v, spikes), each (T,), of one neuron under the input v_in (T,), by forward Euler.

    Entry k belongs to the end of step k, the time (k + 1)·dt; spikes holds 1 where it fired, or 0.
    """
    # BEGIN SOLUTION Problem 2.5: simulate_lif
    v, spikes = np.zeros(len(v_in)), np.zeros(len(v_in))
    held_steps = round(tau_ref / dt)
    u, ready = 0.0, 0  # the voltage, and the first step at which it may move again
    for k, drive in enumerate(v_in.tolist()):
        if k >= ready:
            u += dt / tau_m * (drive - u)
        if u >= 1:
            u, ready = 0.0, k + 1 + held_steps
            spikes[k] = 1
        v[k] = u
    return v, spikes
    # END SOLUTION


# %% [markdown]
# ## Problem 2.6: Post-synaptic currents


# %%
def psc_filter(t, tau_s, n):
    """Return h(t) = k tⁿ e^{-t/τ_s} for t >= 0 and 0 before: t in s, an array; n = 0, 1, 2, ...

    The constant k makes the area under h 1, so h is in 1/s.
    """
    # BEGIN SOLUTION Problem 2.6: psc_filter
    k = 1 / (math.factorial(n) * tau_s ** (n + 1))
    after = np.maximum(t, 0.0)  # no e^{large} for times long before the spike
    return np.where(t >= 0, k * after**n * np.exp(-after / tau_s), 0.0)
    # END SOLUTION


def filter_spikes(spike_times, t, tau_s, n):
    """Return the current (T,) at times t (T,): the sum of h(t - t_p) over the spike_times (P,)."""
    # BEGIN SOLUTION Problem 2.6: filter_spikes
    since = t[:, np.newaxis] - spike_times  # (T, P), the time since each spike
    return psc_filter(since, tau_s, n).sum(axis=1)  # (T,)
    # END SOLUTION


# %% [markdown]
# ## Problem 2.7: Networks of spiking neurons
#
# Here W[i, j] is the weight of the connection from neuron j to neuron i.


# %%
def layer_input(W, x, b):
    """Return W x + b (n_out,) for W (n_out, n_in), activities x (n_in,) and biases b (n_out,)."""
    # BEGIN SOLUTION Problem 2.7: layer_input
    return W @ x + b
    # END SOLUTION


def augment(W, x, b):
    """Return ([W|b], [x; 1]), (n_out, n_in + 1) and (n_in + 1,), whose product is W x + b."""
    # BEGIN SOLUTION Problem 2.7: augment
    W_hat = np.column_stack([W, b])  # (n_out, n_in + 1)
    x_hat = np.append(x, 1.0)  # (n_in + 1,)
    return W_hat, x_hat
    # END SOLUTION


def simulate_population(x, W, dt, tau_m=0.02, tau_ref=0.002, tau_s=0.005):
    """Return (v, s, spikes), each (T, N), of N wired neurons under the external input x (T, N).

    W is (N, N). Row k belongs to the end of step k, by the rules of the handout; spikes holds 0, 1.
    """
    # BEGIN SOLUTION Problem 2.7: simulate_population
    T, N = x.shape
    outgoing = np.ascontiguousarray(W.T)  # (N, N), row j: what a spike of neuron j gives to all
    held_steps = round(tau_ref / dt)
    ready = np.zeros(N)  # the first step at which each voltage may move again
    v, s, spikes = np.zeros((T, N)), np.zeros((T, N)), np.zeros((T, N))
    v_k, s_k = np.zeros(N), np.zeros(N)
    for k in range(T):
        v_k = v_k + dt / tau_m * (x[k] + s_k - v_k)  # (N,)
        v_k[k < ready] = 0.0
        fired = np.flatnonzero(v_k >= 1)  # the few that spike: sums rows instead of W @ spikes
        v_k[fired] = 0.0
        ready[fired] = k + 1 + held_steps
        s_k = s_k - dt / tau_s * s_k  # (N,)
        s_k += outgoing[fired].sum(axis=0) / tau_s
        v[k], s[k] = v_k, s_k
        spikes[k, fired] = 1.0
    return v, s, spikes
    # END SOLUTION


# %% [markdown]
# ## Problem 2.8: Quiz
#
# The questions are in [quiz.toml](quiz.toml). Put your answers here, as `"q1": "b"` for a single
# choice, `"q1": ["a", "c"]` for a multiple choice, `"q1": 42` for a numeric question.

# %%
quiz_answers = {
    # BEGIN SOLUTION DROP
    "q1": 500,
    "q2": "d",
    "q3": ["a", "c"],
    # END SOLUTION
}

# %% [markdown]
# ## Try it
#
# Look at your action potential. With matplotlib: `plt.plot(t, states[:, 0])`.


# %%
def try_the_neuron(dt=0.025):
    """Print the voltage of a neuron that receives 10 µA/cm² for 50 ms; dt in ms."""
    states = simulate_hh(np.full(round(50 / dt), 10.0), dt)
    t = dt * np.arange(len(states))
    for k in range(0, len(t), 40):
        print(f"{t[k]:5.1f} ms {states[k, 0]:7.2f} mV", "#" * round((states[k, 0] + 80) / 2))


if __name__ == "__main__":
    try:
        try_the_neuron()
    except NotImplementedError as missing:
        print("Not yet:", missing)
