"""Homework 2 with plain numbers: Runge-Kutta for Hodgkin-Huxley, branches instead of masks."""

import math

import numpy as np


def opening(x):
    """x / (1 - e^-x) of one number, by its series near 0."""
    return 1 + x / 2 + x * x / 12 if abs(x) < 1e-4 else x / (1 - math.exp(-x))


def gate(alpha, beta, V):
    if np.ndim(V) == 0:
        a, b = alpha(float(V)), beta(float(V))
        return a / (a + b), 1 / (a + b)
    pairs = np.array([gate(alpha, beta, v) for v in np.ravel(V)])
    return pairs[:, 0].reshape(V.shape), pairs[:, 1].reshape(V.shape)


def m_gate(V):
    return gate(lambda v: opening(0.1 * (v + 40)), lambda v: 4 * math.exp(-(v + 65) / 18), V)


def h_gate(V):
    def beta(v):
        return 1 / (1 + math.exp(-0.1 * (v + 35)))

    return gate(lambda v: 0.07 * math.exp(-(v + 65) / 20), beta, V)


def n_gate(V):
    def alpha(v):
        return 0.1 * opening(0.1 * (v + 55))

    return gate(alpha, lambda v: 0.125 * math.exp(-(v + 65) / 80), V)


def slopes(V, m, h, n, J):
    a_m, b_m = opening((V + 40) / 10), 4 * math.exp(-(V + 65) / 18)
    a_h, b_h = 0.07 * math.exp(-(V + 65) / 20), 1 / (1 + math.exp(-(V + 35) / 10))
    a_n, b_n = 0.1 * opening((V + 55) / 10), 0.125 * math.exp(-(V + 65) / 80)
    dV = J + 0.3 * (-54.387 - V) + 120 * m**3 * h * (50 - V) + 36 * n**4 * (-77 - V)
    return dV, a_m * (1 - m) - b_m * m, a_h * (1 - h) - b_h * h, a_n * (1 - n) - b_n * n


def hh_derivative(state, J):
    return np.array(slopes(*state, J), dtype=float)


def moved(state, slope, dt):
    return [a + dt * b for a, b in zip(state, slope, strict=True)]


def simulate_hh(J, dt):
    state = [-65.0, m_gate(-65.0)[0], h_gate(-65.0)[0], n_gate(-65.0)[0]]
    states = [state]
    for current in J.tolist():
        k1 = slopes(*state, current)
        k2 = slopes(*moved(state, k1, dt / 2), current)
        k3 = slopes(*moved(state, k2, dt / 2), current)
        k4 = slopes(*moved(state, k3, dt), current)
        mean = [(a + 2 * b + 2 * c + d) / 6 for a, b, c, d in zip(k1, k2, k3, k4, strict=True)]
        state = moved(state, mean, dt)
        states.append(state)
    return np.array(states)


def lif_voltage(t, v_in, tau_m):
    return -v_in * np.expm1(-t / tau_m)


def lif_rate(v_in, tau_m=0.02, tau_ref=0.002):
    rates = np.zeros(v_in.shape)
    for index in np.ndindex(v_in.shape):
        u = float(v_in[index])
        if u > 1:
            rates[index] = 1 / (tau_ref + tau_m * math.log(u / (u - 1)))
    return rates


def simulate_lif(v_in, dt, tau_m=0.02, tau_ref=0.002):
    v, spikes, u, hold = [], [], 0.0, 0
    for drive in v_in:
        if hold > 0:
            hold -= 1
            u = 0.0
        else:
            u = (1 - dt / tau_m) * u + dt / tau_m * drive
        spikes.append(bool(u >= 1))
        if u >= 1:
            u, hold = 0.0, round(tau_ref / dt)
        v.append(u)
    return np.array(v, dtype=float), np.array(spikes)


def h(t, tau_s, n):
    if t < 0:
        return 0.0
    return (t / tau_s) ** n * math.exp(-t / tau_s) / (math.factorial(n) * tau_s)


def psc_filter(t, tau_s, n):
    return np.array([h(u, tau_s, n) for u in np.ravel(t).tolist()]).reshape(t.shape)


def filter_spikes(spike_times, t, tau_s, n):
    total = np.zeros(len(t))
    for spike_time in spike_times:
        total += psc_filter(t - spike_time, tau_s, n)
    return total


def layer_input(W, x, b):
    return np.array([sum(w * u for w, u in zip(row, x, strict=True)) for row in W]) + b


def augment(W, x, b):
    return np.hstack([W, b[:, None]]), np.concatenate([x, [1.0]])


def simulate_population(x, W, dt, tau_m=0.02, tau_ref=0.002, tau_s=0.005):
    n = x.shape[1]
    v, s, hold = np.zeros(n), np.zeros(n), np.zeros(n, dtype=int)
    rows = []
    for drive in x:
        v = np.where(hold > 0, 0.0, v + dt * (drive + s - v) / tau_m)
        fired = v >= 1
        v = np.where(fired, 0.0, v)
        hold = np.where(fired, round(tau_ref / dt), np.maximum(hold - 1, 0))
        s = s * (1 - dt / tau_s)
        if fired.any():
            s = s + W[:, fired].sum(axis=1) / tau_s
        rows.append((v, s, fired))
    v, s, spikes = zip(*rows, strict=True)
    return np.array(v), np.array(s), np.array(spikes)


quiz_answers = {"q1": 500.0, "q2": "D", "q3": ("c", "a")}
