"""Hidden tests of problems 2.1 to 2.3: gates, currents, and what the simulated neuron does."""

import numpy as np

from grader.testing import (
    assert_array,
    assert_between,
    assert_close,
    assert_scalar,
    assert_sequence,
    assert_unchanged,
    check,
)

DT_MS = 0.025
V_REST = -65.0  # mV
SINGULAR = np.array([-40.0, -55.0, -40 + 1e-7, -55 - 1e-7, -40 - 1e-3, -55 + 1e-3, -35.0])  # mV
GAPS = {"m_gate": (0, [2, 4]), "n_gate": (1, [3, 5])}  # in SINGULAR: the gap, and next to it


def linoid(x):
    """x / (1 - e^-x) with its limit at 0."""
    safe = np.where(x == 0, 1.0, x)
    return np.where(x == 0, 1.0, safe / -np.expm1(-safe))


def rates(V):
    """The oracle's opening and closing rates in 1/ms of m, h and n at V in mV."""
    return {
        "m_gate": (linoid((V + 40) / 10), 4 * np.exp(-(V + 65) / 18)),
        "h_gate": (0.07 * np.exp(-(V + 65) / 20), 1 / (1 + np.exp(-(V + 35) / 10))),
        "n_gate": (0.1 * linoid((V + 55) / 10), 0.125 * np.exp(-(V + 65) / 80)),
    }


def derivative(V, m, h, n, J):
    """The oracle's equations, by opening and closing rates."""
    leak, sodium, potassium = 0.3 * (V + 54.387), 120 * m**3 * h * (V - 50), 36 * n**4 * (V + 77)
    gates = [a * (1 - x) - b * x for x, (a, b) in zip((m, h, n), rates(V).values(), strict=True)]
    return np.array([J - leak - sodium - potassium, *gates])


def with_warnings_as_errors(student, name, *arguments):
    """A probe: call a function with numpy's warnings turned into errors."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return getattr(student, name)(*arguments)


def pair(result, what):
    """The two values that a function returned, once it is known to return two."""
    return assert_sequence(result, 2, what=f"what {what} returns", expected="a tuple of two values")


def relaxation(student, V, gates):
    """(x_inf - x) / τ_x of m, h and n by the student's own gates at V in mV. -> (3,)"""
    slopes = []
    for name, x in zip(("m_gate", "h_gate", "n_gate"), gates, strict=True):
        x_inf, tau = pair(getattr(student, name)(V), f"{name}(V)")
        x_inf = assert_scalar(x_inf, what=f"steady state of {name}")
        tau = assert_scalar(tau, what=f"time constant of {name}")
        check(tau > 0, what=f"time constant of {name}", expected="a positive number")
        slopes.append((x_inf - x) / tau)
    return np.array(slopes)


def about_the_gap(name, values, expected):
    """A hint where the gate's values at SINGULAR are wrong at or next to its gap only."""
    if name not in GAPS:
        return None
    gap, near = GAPS[name]
    wrong = ~(np.abs(values - expected) <= 1e-6 * np.abs(expected))
    if np.delete(wrong, [gap, *near]).any():
        return None
    if wrong[gap]:
        return "x / (1 - e^-x) has the limit 1 at x = 0."
    return "Next to the gap the limit is not accurate enough: the formula holds there."


def simulated(student, J, dt=DT_MS):
    """The voltage (T + 1,) under the current J (T,) from the student's simulation."""
    states, arguments = student.with_arguments(student.simulate_hh, J, dt)
    states = assert_array(states, shape=(len(J) + 1, 4), what="simulate_hh(J, dt)")
    assert_unchanged(J, arguments[0], what="J after simulate_hh(J, dt)")
    return states[:, 0]


def current(*pieces, dt=DT_MS):
    """J (T,) from pieces (µA/cm², ms)."""
    return np.concatenate([np.full(round(ms / dt), float(J)) for J, ms in pieces])


def spike_steps(V):
    """The steps after which the voltage has risen through 0 mV."""
    return np.flatnonzero((V[:-1] < 0) & (V[1:] >= 0))


def test_gates_at_any_voltage(student, rng):
    """Steady states and time constants of voltages from -100 to 50 mV, which stay as they are."""
    V = rng.uniform(-100, 50, size=(4, 3))
    for name, (alpha, beta) in rates(V).items():
        result, arguments = student.with_arguments(getattr(student, name), V)
        x_inf, tau_x = pair(result, f"{name}(V)")
        assert_unchanged(V, arguments[0], what=f"V after {name}(V)")
        assert_close(
            x_inf,
            alpha / (alpha + beta),
            what=f"steady state of {name}",
            rtol=1e-6,
            mistakes={
                "opening and closing rate are swapped": beta / (alpha + beta),
                "this is the opening rate α": alpha,
            },
        )
        assert_close(
            tau_x,
            1 / (alpha + beta),
            what=f"time constant of {name}",
            rtol=1e-6,
            mistakes={"this is α + β, the time constant's inverse": alpha + beta},
        )


def test_gates_at_their_singular_voltages(student):
    """At -40 and -55 mV, and close by, the gates have no gap: no NaN, no warning."""
    for name, (alpha, beta) in rates(SINGULAR).items():
        result = pair(student.run(with_warnings_as_errors, name, SINGULAR), f"{name}(V)")
        expected = (alpha / (alpha + beta), 1 / (alpha + beta))
        for value, exact, which in zip(
            result, expected, ("steady state", "time constant"), strict=True
        ):
            what = f"{which} of {name} at and near the singular voltages"
            value = assert_array(value, shape=SINGULAR.shape, what=what, finite=False)
            # 1 - e^-x itself loses 1e-8 at 1e-7 mV from the gap
            hint = about_the_gap(name, value, exact)
            assert_close(value, exact, what=what, rtol=1e-6, hint=hint)
        for k in (0, 1):
            result = student.run(with_warnings_as_errors, name, float(SINGULAR[k]))
            what = f"steady state of {name} at a singular voltage, given as one number"
            x_inf = assert_scalar(pair(result, f"{name}(V)")[0], what=what)
            assert_close(x_inf, float(expected[0][k]), what=what, rtol=1e-6)


def test_derivative_sums_the_currents(student, rng):
    """hh_derivative sums the currents far from rest; the gates go to their steady states."""
    for _ in range(4):
        V, J = float(rng.uniform(-90, 40)), float(rng.uniform(-5, 20))
        m, h, n = gates = rng.uniform(0.1, 0.9, size=3)
        expected = derivative(V, m, h, n, J)
        state = np.array([V, m, h, n])
        slopes, arguments = student.with_arguments(student.hh_derivative, state, J)
        slopes = assert_array(slopes, shape=(4,), what="hh_derivative(state, J)")
        dV, sodium, potassium = expected[0], 120 * m**3 * h * (V - 50), 36 * n**4 * (V + 77)
        assert_close(
            float(slopes[0]),
            float(dV),
            what="dV/dt of hh_derivative(state, J)",
            rtol=1e-6,
            atol=1e-9,
            mistakes={
                "the ionic currents are added to J, not subtracted": 2 * J - dV,
                "the sodium current lacks the gate h": dV + sodium - sodium / h,
                "the sodium current has m, not m³": dV + sodium - sodium / m**2,
                "the sodium current has m², not m³": dV + sodium - sodium / m,
                "the potassium current has n, not n⁴": dV + potassium - potassium / n**3,
                "the potassium current has n², not n⁴": dV + potassium - potassium / n**2,
                "the potassium current has n³, not n⁴": dV + potassium - potassium / n,
                "the injected current is left out": dV - J,
                "the leak is left out": dV + 0.3 * (V + 54.387),
            },
        )
        if not np.allclose(slopes[1:], expected[1:], rtol=1e-6, atol=1e-9):
            # a wrong rate has cost points in 2.1: here the student's own gates will do
            own = relaxation(student, V, gates)
            what = "dm/dt, dh/dt and dn/dt of hh_derivative(state, J)"
            assert_close(slopes[1:], own, what=what, rtol=1e-6, atol=1e-9)
        assert_unchanged(state, arguments[0], what="state after hh_derivative(state, J)")


def test_rest_and_weak_current_give_no_spike(student):
    """Without current V stays within 0.01 mV of rest; 2 µA/cm² lift it by some mV, no spike."""
    V = simulated(student, current((0, 200)))
    assert_between(float(np.abs(V - V_REST).max()), 0.0, 0.01, what="distance from rest in mV")
    V = simulated(student, current((2, 60)))
    check(
        len(spike_steps(V)) == 0, what="spikes under 2 µA/cm²", expected="none", got="some spikes"
    )
    # -60.0 mV by every method tried, at any dt up to 0.05 ms
    assert_between(float(V.max()), -61.0, -59.0, what="highest voltage in mV under 2 µA/cm²")


def test_strong_current_fires_faster(student):
    """20 µA/cm² give more spikes than 10, each of them full."""
    V = simulated(student, current((20, 300)))
    # the last spike is at 291 ms, the next would be at 302: no method's phase error matters
    assert_close(len(spike_steps(V)), 26, what="spikes in 300 ms under 20 µA/cm²")
    assert_between(float(V.max()), 38.0, 45.0, what="highest voltage in mV under 20 µA/cm²")


def test_negative_current_and_rebound(student):
    """J[k] acts in step k; negative currents hyperpolarise, and released from one V rebounds."""
    J = np.array([100.0, 0.0, 0.0, 0.0])
    lifted = simulated(student, J) - simulated(student, 0 * J)  # mV
    mistake = None
    if not lifted.any():
        mistake = "J[0] has no effect"
    elif lifted[1] == 0:
        mistake = "J[0] acts in a later step than the first"
    check(
        bool(2.3 < lifted[1] < 2.7),  # 2.48 to 2.50 by every method tried
        what="what a current in J[0] and none later adds to V in the first step",
        expected="dt / C times the current, or nearly so",
        got=f"{lifted[1]:.4g} mV",
        mistake=mistake,
    )
    V = simulated(student, current((-5, 40)))
    check(len(spike_steps(V)) == 0, what="spikes under -5 µA/cm²", expected="none", got="some")
    assert_between(float(V.min()), -74.0, -72.0, what="lowest voltage in mV under -5 µA/cm²")
    dt = 0.0125  # not that of the other runs
    V = simulated(student, current((-10, 30), (0, 20), dt=dt), dt)
    late = spike_steps(V) * dt
    hint = "J holds the current of every step; it may change." if V[-1] < -75 else None
    check(
        len(late) == 1 and bool(late[0] > 30),
        what="spikes after a stronger negative current, at a smaller dt",
        expected="one, after the current has ended",
        got=f"{len(late)}",
        hint=hint,
    )
    # at 35.75 ms by Euler, 35.725 by Runge-Kutta; after 60 ms of steps twice as long at 32.9
    check(
        bool(35.0 < late[0] < 36.5),
        what="the spike after a stronger negative current, at a smaller dt",
        expected="some milliseconds after the current has ended",
        got="another time",
        mistake="dt is not used: every step is 0.025 ms long" if 32.5 < late[0] < 33.2 else None,
    )
