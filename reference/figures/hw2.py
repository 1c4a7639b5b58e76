"""Draws the figures of homework 2 with its reference solution: `python reference/figures/hw2.py`.

It writes assignments/hw2/figures/*.svg, the same bytes at every run, and reads nothing else.
"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "assignments" / "hw2" / "figures"
BLUE, RED, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#888888"  # told apart by all eyes
GATES = (("m", RED), ("h", BLUE), ("n", GREEN))


def load_solution():
    """The reference solution of homework 2 as a module."""
    spec = spec_from_file_location("hw2_solution", ROOT / "reference" / "hw2" / "solution.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def save(figure, name):
    """Write one figure without a date or a random id in it."""
    figure.savefig(TARGET / f"{name}.svg", metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)


def draw_gates(hw2):
    """Steady states and time constants of m, h and n over the voltage."""
    V = np.linspace(-100, 50, 301)
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 2.8), layout="constrained")
    for name, colour in GATES:
        x_inf, tau = getattr(hw2, f"{name}_gate")(V)
        left.plot(V, x_inf, color=colour, label=f"${name}_\\infty$")
        right.plot(V, tau, color=colour, label=f"$\\tau_{name}$")
    for ax, label in ((left, "steady state"), (right, "time constant (ms)")):
        ax.axvline(-65, color=GREY, lw=0.8, ls=":")
        ax.set(xlabel="$V$ (mV)", ylabel=label)
        ax.legend(frameon=False)
    save(figure, "hh_gates")


def draw_action_potential(hw2):
    """One spike by a short pulse of current, with the gates below; and trains of spikes."""
    dt = 0.02  # ms
    t = dt * np.arange(round(25 / dt) + 1)
    pulse = np.where((t[:-1] >= 2) & (t[:-1] < 3), 20.0, 0.0)
    states = hw2.simulate_hh(pulse, dt)
    figure, axes = plt.subplots(2, 2, figsize=(9.0, 4.2), layout="constrained", sharex="col")
    axes[0, 0].plot(t, states[:, 0], color="black")
    axes[0, 0].axvspan(2, 3, color=GREY, alpha=0.3, lw=0)
    axes[0, 0].set(ylabel="$V$ (mV)", title="one spike: 20 µA/cm² for 1 ms")
    for column, (name, colour) in enumerate(GATES, start=1):
        axes[1, 0].plot(t, states[:, column], color=colour, label=f"${name}$")
    axes[1, 0].legend(frameon=False, loc="center right")
    axes[1, 0].set(xlabel="$t$ (ms)", ylabel="gates")
    t = dt * np.arange(round(100 / dt) + 1)
    for ax, J in zip(axes[:, 1], (2.0, 10.0), strict=True):
        ax.plot(t, hw2.simulate_hh(np.full(len(t) - 1, J), dt)[:, 0], color="black", lw=1)
        ax.set(ylim=(-85, 55), ylabel="$V$ (mV)", title=f"constant current, {J:g} µA/cm²")
    axes[1, 1].set_xlabel("$t$ (ms)")
    save(figure, "action_potential")


def draw_lif(hw2):
    """The voltage of a leaky integrate-and-fire neuron, and its tuning curve."""
    dt, v_in = 2e-4, 1.6
    t = 1e3 * dt * np.arange(1, round(0.1 / dt) + 1)  # ms
    v, spikes = hw2.simulate_lif(np.full(len(t), v_in), dt)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 2.9), layout="constrained")
    left.plot(t, v, color=BLUE, label="voltage")
    free = hw2.lif_voltage(t / 1e3, v_in, 0.02)
    left.plot(t, free, color=GREY, ls="--", lw=1, label="without threshold")
    left.vlines(t[spikes == 1], 1, 1.5, color=RED, label="spike")
    left.axhline(1, color=GREY, lw=0.8, ls=":", label="threshold")
    left.set_ylim(-0.05, 2.3)
    left.legend(frameon=False, ncols=2, loc="upper left", fontsize=8)
    left.set(xlabel="$t$ (ms)", ylabel="$v$", title="input 1.6: rise, spike, reset, hold")
    drive = np.linspace(0, 6, 601)
    right.plot(drive, hw2.lif_rate(drive), color=BLUE, label="formula")
    dots = np.arange(0.5, 6.1, 0.5)
    for step, marker, colour in ((1e-3, "s", RED), (1e-4, "o", GREEN)):
        rates = []
        for u in dots:
            fired = np.flatnonzero(hw2.simulate_lif(np.full(round(0.5 / step), u), step)[1])
            rates.append(1 / (step * np.diff(fired).mean()) if len(fired) > 1 else 0.0)
        label = f"simulated, dt = {step * 1e3:g} ms"
        right.plot(dots, rates, marker, ms=4, color=colour, label=label, mfc="none")
    right.set(xlabel="$v_{in}$", ylabel="rate (Hz)", title="tuning curve")
    right.legend(frameon=False)
    save(figure, "lif")


def draw_psc(hw2):
    """The post-synaptic filters, and a spike train filtered."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 2.8), layout="constrained")
    t = np.linspace(-0.01, 0.05, 601)
    for n, colour in zip((0, 1, 2), (RED, BLUE, GREEN), strict=True):
        left.plot(1e3 * t, hw2.psc_filter(t, 0.005, n), color=colour, label=f"$n = {n}$")
    left.set(xlabel="$t$ (ms)", ylabel="$h(t)$ (1/s)", title="filters, $\\tau_s$ = 5 ms, area 1")
    left.legend(frameon=False)
    t = np.linspace(0, 0.1, 1001)
    spike_times = np.array([0.008, 0.022, 0.027, 0.031, 0.06, 0.064])
    right.plot(1e3 * t, hw2.filter_spikes(spike_times, t, 0.005, 1), color=BLUE)
    for spike_time in spike_times:
        one = hw2.psc_filter(t - spike_time, 0.005, 1)
        right.plot(1e3 * t, one, color=GREY, lw=0.8)
    right.vlines(1e3 * spike_times, -25, -5, color=RED)
    right.set(xlabel="$t$ (ms)", ylabel="current (1/s)", title="six spikes, filtered with $n = 1$")
    save(figure, "psc")


def main():
    """Draw all figures."""
    mpl.rcParams.update({"svg.hashsalt": "hw2", "font.size": 9, "savefig.facecolor": "white"})
    TARGET.mkdir(exist_ok=True)
    hw2 = load_solution()
    for draw in (draw_gates, draw_action_potential, draw_lif, draw_psc):
        draw(hw2)


if __name__ == "__main__":
    mpl.use("svg")
    main()
