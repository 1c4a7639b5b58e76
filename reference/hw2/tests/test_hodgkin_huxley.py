"""Hidden tests of problems 2.1 to 2.3: gates, currents, and what the simulated neuron does."""

import numpy as np

from grader.testing import assert_array, assert_between, assert_close, assert_scalar, check

DT_MS = 0.025
V_REST = -65.0  # mV


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
    given = type(result) in (tuple, list) and len(result) == 2
    check(given, what=f"what {what} returns", expected="a tuple of two values")
    return result


def simulated(student, J):
    """The voltage (T + 1,) under the current J (T,) from the student's simulation."""
    states = student.simulate_hh(J, DT_MS)
    return assert_array(states, shape=(len(J) + 1, 4), what="simulate_hh(J, dt)")[:, 0]


def current(*pieces):
    """J (T,) from pieces (µA/cm², ms)."""
    return np.concatenate([np.full(round(ms / DT_MS), float(J)) for J, ms in pieces])


def spike_steps(V):
    """The steps after which the voltage has risen through 0 mV."""
    return np.flatnonzero((V[:-1] < 0) & (V[1:] >= 0))


def test_gates_at_any_voltage(student, rng):
    """Steady states and time constants for arrays of voltages between -100 and 50 mV."""
    V = rng.uniform(-100, 50, size=(4, 3))
    for name, (alpha, beta) in rates(V).items():
        x_inf, tau_x = pair(getattr(student, name)(V), f"{name}(V)")
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
    V = np.array([-40.0, -55.0, -40 + 1e-7, -55 - 1e-7, -40 - 1e-3, -55 + 1e-3, -35.0])
    hint = "x / (1 - e^-x) has the limit 1 at x = 0."
    for name, (alpha, beta) in rates(V).items():
        result = student.run(with_warnings_as_errors, name, V)
        x_inf, tau_x = pair(result, f"{name}(V)")
        # 1 - e^-x itself loses 1e-8 at 1e-7 mV from the gap
        what = f"{name} at and near its singular voltage"
        assert_close(x_inf, alpha / (alpha + beta), what=what, rtol=1e-6, hint=hint)
        assert_close(tau_x, 1 / (alpha + beta), what=what, rtol=1e-6, hint=hint)
        for k in (0, 1):
            result = student.run(with_warnings_as_errors, name, float(V[k]))
            what = f"{name} of one number at its singular voltage"
            x_inf = assert_scalar(pair(result, f"{name}(V)")[0], what=what)
            expected = float(alpha[k] / (alpha[k] + beta[k]))
            assert_close(x_inf, expected, what=what, rtol=1e-6, hint=hint)


def test_derivative_sums_the_currents(student, rng):
    """hh_derivative is the equations' right side in states far from rest, under any current."""
    for _ in range(4):
        V, (m, h, n), J = rng.uniform(-90, 40), rng.uniform(0.1, 0.9, size=3), rng.uniform(-5, 20)
        expected = derivative(V, m, h, n, J)

        def instead(dV, expected=expected):
            return np.array([dV, *expected[1:]])

        sodium, potassium = 120 * m**3 * h * (V - 50), 36 * n**4 * (V + 77)
        assert_close(
            student.hh_derivative(np.array([V, m, h, n]), float(J)),
            expected,
            what="hh_derivative(state, J)",
            rtol=1e-6,
            atol=1e-9,
            mistakes={
                "the ionic currents are added to J, not subtracted": instead(2 * J - expected[0]),
                "the sodium current lacks the gate h": instead(expected[0] + sodium - sodium / h),
                "the sodium current has m, not m³": instead(expected[0] + sodium - sodium / m**2),
                "the potassium current has n, not n⁴": instead(
                    expected[0] + potassium - potassium / n**3
                ),
                "the injected current is left out": instead(expected[0] - J),
                "the leak is left out": instead(expected[0] + 0.3 * (V + 54.387)),
            },
        )


def test_rest_and_weak_current_give_no_spike(student):
    """Without current V stays within 0.01 mV of rest; 2 µA/cm² lift it by some mV, no spike."""
    V = simulated(student, current((0, 30)))
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
    """A negative current hyperpolarises without a spike; released from a strong one, V rebounds."""
    V = simulated(student, current((-5, 40)))
    check(len(spike_steps(V)) == 0, what="spikes under -5 µA/cm²", expected="none", got="some")
    assert_between(float(V.min()), -74.0, -72.0, what="lowest voltage in mV under -5 µA/cm²")
    V = simulated(student, current((-10, 30), (0, 20)))
    late = spike_steps(V) * DT_MS
    check(
        len(late) == 1 and bool(late[0] > 30),
        what="spikes after 30 ms of -10 µA/cm²",
        expected="one, after the current has ended",
        got=f"{len(late)}",
        hint="J holds the current of every step; it may change.",
    )
