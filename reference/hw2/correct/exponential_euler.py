"""Homework 2 with an exponential integrator, boolean masks, and spike counts in whole numbers."""

from math import factorial

import numpy as np


def alpha_beta(V):
    """Opening and closing rates of m, h, n in 1/ms, each of V's shape."""
    u, w = np.asarray((V + 40) / 10), np.asarray((V + 55) / 10)
    gap_u, gap_w = np.abs(u) < 1e-6, np.abs(w) < 1e-6
    u, w = np.where(gap_u, 1.0, u), np.where(gap_w, 1.0, w)
    alpha_m = np.where(gap_u, 1.0, u / (1 - np.exp(-u)))
    alpha_n = 0.1 * np.where(gap_w, 1.0, w / (1 - np.exp(-w)))
    alpha_h = 0.07 * np.exp(-0.05 * (V + 65))
    beta_m = 4 * np.exp((-65 - V) / 18)
    beta_h = 1 / (np.exp((-35 - V) / 10) + 1)
    beta_n = np.exp((-65 - V) / 80) / 8
    return (alpha_m, alpha_h, alpha_n), (beta_m, beta_h, beta_n)


def gate(V, which):
    alpha, beta = alpha_beta(V)
    total = alpha[which] + beta[which]
    return [alpha[which] / total, 1.0 / total]


def m_gate(V):
    return gate(V, 0)


def h_gate(V):
    return gate(V, 1)


def n_gate(V):
    return gate(V, 2)


def hh_derivative(state, J):
    V, gates = state[0], state[1:]
    m, h, n = gates
    conductances = np.array([0.3, 120 * m**3 * h, 36 * n**4])
    dV = J - conductances @ (V - np.array([-54.387, 50.0, -77.0]))
    alpha, beta = alpha_beta(V)
    dx = np.array(alpha) * (1 - gates) - np.array(beta) * gates
    return np.concatenate([[dV], dx])


def simulate_hh(J, dt):
    grid = np.linspace(-120, 80, 20_001)  # mV; a table of the gates, 0.01 mV apart
    alpha, beta = (np.array(rates) for rates in alpha_beta(grid))  # (3, 20001)
    table_inf, table_decay = alpha / (alpha + beta), np.exp(-dt * (alpha + beta))
    V = -65.0
    x = np.array([gate(V, k)[0] for k in range(3)])
    states = np.zeros((len(J) + 1, 4))
    states[0] = [V, *x]
    for k, current in enumerate(J):
        column = round((V + 120) * 100)
        x_inf = table_inf[:, column]
        x = x_inf + (x - x_inf) * table_decay[:, column]
        m, h, n = x.tolist()
        g = (0.3, 120 * m * m * m * h, 36 * n * n * n * n)
        total = sum(g)
        V_inf = (current + g[0] * -54.387 + g[1] * 50 + g[2] * -77) / total
        V = float(V_inf + (V - V_inf) * np.exp(-dt * total))
        states[k + 1, 0] = V
        states[k + 1, 1:] = x
    return states


def lif_voltage(t, v_in, tau_m):
    return v_in - v_in * np.exp(-t / tau_m)


def lif_rate(v_in, tau_m=0.02, tau_ref=0.002):
    rate = np.zeros_like(v_in)
    above = v_in > 1
    rate[above] = 1 / (tau_ref - tau_m * np.log(1 - 1 / v_in[above]))
    return rate


def simulate_lif(v_in, dt, tau_m=0.02, tau_ref=0.002):
    v, _, spikes = simulate_population(v_in[:, None], np.zeros((1, 1)), dt, tau_m, tau_ref)
    return v[:, 0], spikes[:, 0]


def psc_filter(t, tau_s, n):
    h = np.zeros(t.shape)
    late = t >= 0
    h[late] = t[late] ** n * np.exp(-t[late] / tau_s) / (factorial(n) * tau_s ** (n + 1))
    return h


def filter_spikes(spike_times, t, tau_s, n):
    lags = np.subtract.outer(t, spike_times)
    return psc_filter(lags, tau_s, n) @ np.ones(len(spike_times))


def layer_input(W, x, b):
    W_hat, x_hat = augment(W, x, b)
    return W_hat.dot(x_hat)


def augment(W, x, b):
    return np.c_[W, b], np.r_[x, 1]


def simulate_population(x, W, dt, tau_m=0.02, tau_ref=0.002, tau_s=0.005):
    v = np.zeros(x.shape)
    s = np.zeros(x.shape)
    spikes = np.zeros(x.shape, dtype=int)
    held = int(np.rint(tau_ref / dt))
    last = np.full(x.shape[1], -held - 1)  # the step of the latest spike
    for k in range(len(x)):
        v_old, s_old = (v[k - 1], s[k - 1]) if k else (np.zeros(x.shape[1]),) * 2
        free = k - last > held
        v[k, free] = (v_old + (dt / tau_m) * (x[k] + s_old - v_old))[free]
        spikes[k] = v[k] >= 1
        v[k, spikes[k] == 1] = 0
        last[spikes[k] == 1] = k
        s[k] = s_old - s_old * dt / tau_s + W @ (spikes[k] / tau_s)
    return v, s, spikes


quiz_answers = {"q1": "500", "q2": "d", "q3": ["A", "C"]}
