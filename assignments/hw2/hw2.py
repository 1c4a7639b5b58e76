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
def m_gate(V):
    """Return (m_inf, tau_m) of the sodium channel's activation at V in mV; tau_m in ms."""
    raise NotImplementedError("Problem 2.1: m_gate")


def h_gate(V):
    """Return (h_inf, tau_h) of the sodium channel's inactivation at V in mV; tau_h in ms."""
    raise NotImplementedError("Problem 2.1: h_gate")


def n_gate(V):
    """Return (n_inf, tau_n) of the potassium channel's activation at V in mV; tau_n in ms."""
    raise NotImplementedError("Problem 2.1: n_gate")


# %% [markdown]
# ## Problem 2.2: The Hodgkin–Huxley equations

# %%
C = 1.0  # µF/cm², the membrane's capacitance
G_NA, G_K, G_L = 120.0, 36.0, 0.3  # mS/cm², the largest conductances
V_NA, V_K, V_L = 50.0, -77.0, -54.387  # mV, the reversal potentials
V_REST = -65.0  # mV


def hh_derivative(state, J):
    """Return d/dt (4,), per ms, of state (4,), which is V, m, h, n, under current J in µA/cm²."""
    raise NotImplementedError("Problem 2.2: hh_derivative")


# %% [markdown]
# ## Problem 2.3: Simulating the action potential


# %%
def simulate_hh(J, dt):
    """Return the states (T + 1, 4) of a neuron that starts at rest and receives the current J (T,).

    J[k], in µA/cm², flows from k·dt to (k + 1)·dt, dt in ms; row k is (V, m, h, n) at k·dt.
    """
    raise NotImplementedError("Problem 2.3: simulate_hh")


# %% [markdown]
# ## Problem 2.4: The leaky integrate-and-fire neuron by formula
#
# From here on times are in seconds and rates in Hz; the threshold is 1, rest and reset are 0.


# %%
def lif_voltage(t, v_in, tau_m):
    """Return v(t) without a threshold, from v(0) = 0 under constant v_in; t is an array, in s."""
    raise NotImplementedError("Problem 2.4: lif_voltage")


def lif_rate(v_in, tau_m=0.02, tau_ref=0.002):
    """Return the firing rates in Hz under constant inputs v_in, an array of any shape, any sign."""
    raise NotImplementedError("Problem 2.4: lif_rate")


# %% [markdown]
# ## Problem 2.5: Simulating a leaky integrate-and-fire neuron


# %%
def simulate_lif(v_in, dt, tau_m=0.02, tau_ref=0.002):
    """Return (v, spikes), each (T,), of one neuron under the input v_in (T,), by forward Euler.

    Entry k belongs to the end of step k, the time (k + 1)·dt; spikes holds 1 where it fired, or 0.
    """
    raise NotImplementedError("Problem 2.5: simulate_lif")


# %% [markdown]
# ## Problem 2.6: Post-synaptic currents


# %%
def psc_filter(t, tau_s, n):
    """Return h(t) = k tⁿ e^{-t/τ_s} for t >= 0 and 0 before: t in s, an array; n = 0, 1, 2, ...

    The constant k makes the area under h 1, so h is in 1/s.
    """
    raise NotImplementedError("Problem 2.6: psc_filter")


def filter_spikes(spike_times, t, tau_s, n):
    """Return the current (T,) at times t (T,): the sum of h(t - t_p) over the spike_times (P,)."""
    raise NotImplementedError("Problem 2.6: filter_spikes")


# %% [markdown]
# ## Problem 2.7: Networks of spiking neurons
#
# Here W[i, j] is the weight of the connection from neuron j to neuron i.


# %%
def layer_input(W, x, b):
    """Return W x + b (n_out,) for W (n_out, n_in), activities x (n_in,) and biases b (n_out,)."""
    raise NotImplementedError("Problem 2.7: layer_input")


def augment(W, x, b):
    """Return ([W|b], [x; 1]), (n_out, n_in + 1) and (n_in + 1,), whose product is W x + b."""
    raise NotImplementedError("Problem 2.7: augment")


def simulate_population(x, W, dt, tau_m=0.02, tau_ref=0.002, tau_s=0.005):
    """Return (v, s, spikes), each (T, N), of N wired neurons under the external input x (T, N).

    W is (N, N). Row k belongs to the end of step k, by the rules of the handout; spikes holds 0, 1.
    """
    raise NotImplementedError("Problem 2.7: simulate_population")


# %% [markdown]
# ## Problem 2.8: Quiz
#
# The questions are in [quiz.toml](quiz.toml). Put your answers here, as `"q1": "b"` for a single
# choice, `"q1": ["a", "c"]` for a multiple choice, `"q1": 42` for a numeric question.

# %%
quiz_answers = {
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
