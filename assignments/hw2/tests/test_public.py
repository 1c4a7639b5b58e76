"""Public tests of homework 2: known values, the first spikes, a chain of three neurons."""

import numpy as np

from grader.testing import (
    assert_array,
    assert_close,
    assert_scalar,
    assert_sequence,
    check,
)

REST = np.array([-65.0, 0.0529325, 0.5961208, 0.3176769])  # V in mV, and m, h, n there


def pair(result, what):
    """The two values that a function returned, once it is known to return two."""
    return assert_sequence(result, 2, what=f"what {what} returns", expected="a tuple of two values")


def spike_train(spikes, shape, what):
    """Spikes as an array of 0.0 and 1.0; whole numbers and booleans are as good."""
    spikes = assert_array(spikes, shape=shape, kind="fib", what=what).astype(float)
    is_train = bool(np.all((spikes == 0) | (spikes == 1)))
    check(is_train, what=what, expected="zeros and ones only", got="other values")
    return spikes


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


def count_spikes(V):
    """How many times the voltage (T,), in mV, rises through 0 mV."""
    return int(np.sum((V[:-1] < 0) & (V[1:] >= 0)))


def test_gates_at_rest(student):
    """Steady states and time constants of the three gates at -65 mV, to four decimals."""
    V = np.array([-65.0])
    for name, steady, tau in (
        ("m_gate", 0.0529, 0.2368),
        ("h_gate", 0.5961, 8.5160),
        ("n_gate", 0.3177, 5.4586),
    ):
        x_inf, tau_x = pair(getattr(student, name)(V), f"{name}(V)")
        assert_close(x_inf, np.array([steady]), what=f"steady state of {name}", rtol=0, atol=1e-4)
        assert_close(tau_x, np.array([tau]), what=f"time constant of {name}", rtol=0, atol=1e-4)


def test_rest_is_an_equilibrium(student):
    """At rest without current nothing changes; a current of 10 µA/cm² lifts V by 10 mV/ms."""
    for J, what in ((0.0, "at rest"), (10.0, "under 10 µA/cm²")):
        slopes = student.hh_derivative(REST, J)
        slopes = assert_array(slopes, shape=(4,), what=f"the derivative {what}")
        # V_L = -54.387 mV is rounded: it balances the currents to 4.2e-3 mV/ms
        assert_close(float(slopes[0]), J, what=f"dV/dt {what}", rtol=0, atol=5e-3)
        if np.abs(slopes[1:]).max() > 5e-3:  # right only where your gates rest elsewhere
            expected = relaxation(student, -65.0, REST[1:])
            assert_close(slopes[1:], expected, what=f"dm/dt, dh/dt and dn/dt {what}", rtol=1e-6)


def test_ten_microamperes_give_21_spikes(student):
    """From rest, 10 µA/cm² give 21 spikes in 300 ms."""
    J = np.full(12_000, 10.0)
    states = student.simulate_hh(J, 0.025)
    states = assert_array(states, shape=(12_001, 4), what="simulate_hh(J, dt)")
    assert_close(states[0], REST, what="the first row, the state at rest", rtol=0, atol=1e-6)
    spikes = count_spikes(states[:, 0])
    check(spikes == 21, what="spikes in 300 ms", expected="21", got=str(spikes))


def test_lif_voltage_and_rate_at_known_points(student):
    """The voltage after no, one and two time constants; the rates for inputs of 2 and 5."""
    t = np.array([0.0, 0.02, 0.04])
    v = student.lif_voltage(t, 1.5, 0.02)
    expected = np.array([0.0, 0.948180838, 1.296997075])
    assert_close(v, expected, what="lif_voltage(t, 1.5, 0.02)", rtol=1e-6)
    rate = student.lif_rate(np.array([2.0, 5.0]))
    assert_close(
        rate,
        np.array([63.04, 154.73]),
        what="lif_rate of 2 and 5",
        rtol=0,
        atol=0.005,
        mistakes={
            "the refractory time is left out": np.array([72.134752, 224.071006]),
            "this is the period, not the rate": np.array([0.01586294, 0.00646287]),
        },
    )


def test_lif_rises_fires_and_is_reset(student):
    """Under the constant input 1.5 v rises by Euler steps, fires at 1 and restarts at 0."""
    result = student.simulate_lif(np.full(40, 1.5), 0.002)
    v, spikes = pair(result, "simulate_lif")
    expected = 1.5 * (1 - 0.9 ** np.arange(1, 11))  # below the threshold: dt / tau_m is 0.1
    v = assert_array(v, shape=(40,), what="v of simulate_lif")
    assert_close(v[:10], expected, what="v in the first ten steps", rtol=1e-9)
    # the 11th step passes 1: spike and reset, one step of 2 ms held at 0, then the same again
    assert_close(v[10:13], np.array([0.0, 0.0, 0.15]), what="v around the first spike", rtol=1e-9)
    train = np.zeros(40)
    train[[10, 22, 34]] = 1
    assert_close(spike_train(spikes, (40,), "spikes"), train, what="spikes of simulate_lif")


def test_psc_filter_at_known_points(student):
    """The filters of order 0 and 1 before, at and after the spike."""
    t = np.array([-0.01, 0.0, 0.005, 0.01])
    h = student.psc_filter(t, 0.005, 0)
    expected = 200 * np.array([0.0, 1.0, np.exp(-1), np.exp(-2)])
    assert_close(h, expected, what="psc_filter(t, 0.005, 0)", rtol=1e-9)
    h = student.psc_filter(t, 0.005, 1)
    expected = 200 * np.array([0.0, 0.0, np.exp(-1), 2 * np.exp(-2)])
    assert_close(h, expected, what="psc_filter(t, 0.005, 1)", rtol=1e-9)


def test_chain_of_neurons(student):
    """In a chain 0 → 1 → 2 whose first neuron alone is driven, the spikes travel down the chain."""
    w, tau_s = 0.05, 0.005
    x = np.zeros((60, 3))
    x[:, 0] = 2.0
    W = np.zeros((3, 3))
    W[1, 0] = W[2, 1] = w  # W[i, j]: from neuron j to neuron i
    result = student.simulate_population(x, W, 0.001)
    result = assert_sequence(
        result, 3, what="what simulate_population returns", expected="a tuple (v, s, spikes)"
    )
    s = assert_array(result[1], shape=(60, 3), what="s of simulate_population")
    spikes = spike_train(result[2], (60, 3), "spikes of simulate_population")
    fired = spikes.sum(axis=0).astype(int).tolist()
    mistake = None
    if fired[0] and not any(fired[1:]):
        arrived = float(s[int(spikes[:, 0].argmax()), 1])  # what one spike has added
        if not s.any():
            mistake = "no current arrives anywhere: W[i, j] leads from j to i"
        elif abs(arrived - w) < 1e-9:
            mistake = "a spike adds w to s, where it must add w / τ_s"
        elif abs(arrived - w / tau_s) < 1e-9:
            mistake = "the current arrives and does not drive v: the input of a neuron is x + s"
    check(all(fired), what="spikes of the three", expected="some", got=str(fired), mistake=mistake)
    first = spikes.argmax(axis=0).tolist()
    # the first neuron fires at the end of step 13; a spike is felt one step later at the earliest
    check(
        first[0] == 13 < first[1] < first[2],
        what="steps of the first spikes",
        expected="13 and two later ones in the order of the chain",
        got=str(first),
    )
