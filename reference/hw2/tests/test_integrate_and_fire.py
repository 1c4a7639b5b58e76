"""Hidden tests of problems 2.4 and 2.5: rates of any input, the refractory time, Euler's steps."""

import numpy as np

from grader.testing import (
    assert_array,
    assert_between,
    assert_close,
    assert_sequence,
    assert_unchanged,
    check,
)


def rate(v_in, tau_m, tau_ref):
    """The oracle's rate of one neuron, in Hz."""
    if v_in <= 1:
        return 0.0
    return 1 / (tau_ref - tau_m * np.log(1 - 1 / v_in))


def rates(v_in, tau_m, tau_ref):
    """The oracle's rates of an array of inputs."""
    return np.array([rate(u, tau_m, tau_ref) for u in v_in.flat]).reshape(v_in.shape)


def simulate(v_in, dt, tau_m, held_steps, reset=lambda u: 0.0):
    """The oracle's Euler steps: (v, spikes), each (T,); v becomes reset(v) at a spike."""
    v, spikes = np.zeros(len(v_in)), np.zeros(len(v_in))
    u, hold = 0.0, 0
    for k in range(len(v_in)):
        if hold > 0:
            hold -= 1
        else:
            u += dt * (v_in[k] - u) / tau_m
        if u >= 1:
            u, hold = reset(u), held_steps
            spikes[k] = 1.0
        v[k] = u
    return v, spikes


def with_warnings_as_errors(student, name, *arguments):
    """A probe: call a function with numpy's warnings turned into errors."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return getattr(student, name)(*arguments)


def voltage_and_spikes(result, steps):
    """(v, spikes) as float arrays (T,); spikes may be numbers or booleans."""
    result = assert_sequence(
        result, 2, what="what simulate_lif returns", expected="a tuple (v, spikes)"
    )
    v = assert_array(result[0], shape=(steps,), what="v of simulate_lif")
    spikes = assert_array(result[1], shape=(steps,), kind="fib", what="spikes of simulate_lif")
    return v, spikes.astype(float)


def test_lif_rate_of_any_input(student, rng):
    """Rates of inputs below, at and above the threshold, without a warning; v_in and t stay."""
    tau_m, tau_ref = 0.01, 0.003
    edges = [-2.0, -1e-3, 0.0, 0.5, 1.0, 1 + 1e-9, 1e6]
    v_in = rng.permutation(np.concatenate([edges, rng.uniform(-1, 4, size=5)])).reshape(3, 4)
    expected = rates(v_in, tau_m, tau_ref)
    result = student.run(with_warnings_as_errors, "lif_rate", v_in, tau_m, tau_ref)
    assert_close(
        result,
        expected,
        what="lif_rate(v_in, tau_m, tau_ref)",
        rtol=1e-6,
        mistakes={
            "the refractory time is left out": rates(v_in, tau_m, 0.0),
            "the arguments tau_m and tau_ref are not used": rates(v_in, 0.02, 0.002),
        },
    )
    _, arguments = student.with_arguments(student.lif_rate, v_in, tau_m, tau_ref)
    assert_unchanged(v_in, arguments[0], what="v_in after lif_rate(v_in, tau_m, tau_ref)")
    t = rng.uniform(0, 0.05, size=(2, 3))
    v, arguments = student.with_arguments(student.lif_voltage, t, -0.7, tau_m)
    assert_close(v, 0.7 * np.expm1(-t / tau_m), what="lif_voltage under a negative input")
    assert_unchanged(t, arguments[0], what="t after lif_voltage(t, v_in, tau_m)")


def test_lif_holds_for_the_refractory_time(student):
    """Under a huge input the neuron fires as soon as it may: after τ_ref, to the step."""
    # 0.0003 / 0.0001 is 2.9999999999999996: three steps
    for dt, tau_ref, held in ((1e-3, 0.002, 2), (1e-4, 0.0003, 3), (1e-3, 0.0, 0)):
        drive = np.full(24, 1e4)
        result = student.simulate_lif(drive, dt, 0.02, tau_ref)
        v, spikes = voltage_and_spikes(result, 24)
        assert_close(
            v,
            np.zeros(24),
            what="v, at reset or held in every step",
            rtol=0,
            mistakes={
                "the threshold is subtracted at a spike, where v must become 0": simulate(
                    drive, dt, 0.02, held, reset=lambda u: u - 1
                )[0]
            },
        )
        assert_close(
            spikes,
            simulate(drive, dt, 0.02, held)[1],
            what="spikes under a huge input",
            mistakes={
                "held for one step too few": simulate(drive, dt, 0.02, max(held - 1, 0))[1],
                "held for one step too many": simulate(drive, dt, 0.02, held + 1)[1],
                "there is no refractory time": simulate(drive, dt, 0.02, 0)[1],
            },
        )
    # dt / tau_m is ½ and the input 2: v is exactly 1 after the first step
    v, spikes = voltage_and_spikes(student.simulate_lif(np.full(6, 2.0), 0.01, 0.02, 0.02), 6)
    silent = {"v = 1 does not fire": np.array([0.0, 1.0, 0.0, 0.0, 0.0, 1.0])}
    assert_close(
        spikes,
        np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
        what="spikes where v is exactly 1 at the end of a step",
        mistakes=silent if v[0] == 1 else None,
    )


def test_lif_follows_a_changing_input(student, rng):
    """v and spikes under an input that changes with every step, and stays, by forward Euler."""
    drive = rng.uniform(-2, 7, size=300)
    expected_v, expected_spikes = simulate(drive, 1e-3, 0.015, 4)
    result, arguments = student.with_arguments(student.simulate_lif, drive, 1e-3, 0.015, 0.004)
    v, spikes = voltage_and_spikes(result, 300)
    decay = np.exp(-1e-3 / 0.015)
    exact = simulate(drive, 1 - decay, 1.0, 4)
    assert_close(
        v,
        expected_v,
        what="v under a changing input",
        rtol=1e-9,
        mistakes={
            "the exact solution of each step, where forward Euler is asked for": exact[0],
            "no reset to 0 after a spike": simulate(drive, 1e-3, 0.015, 4, lambda u: u)[0],
            "the threshold is subtracted at a spike, where v must become 0": simulate(
                drive, 1e-3, 0.015, 4, lambda u: u - 1
            )[0],
            "no refractory time": simulate(drive, 1e-3, 0.015, 0)[0],
            "only the first entry of the input is used": simulate(
                np.full(300, drive[0]), 1e-3, 0.015, 4
            )[0],
        },
    )
    assert_close(spikes, expected_spikes, what="spikes under a changing input")
    assert_unchanged(drive, arguments[0], what="v_in after simulate_lif(v_in, dt, ...)")


def test_lif_simulation_agrees_with_the_rate(student, rng):
    """The simulated rate comes closer to the formula's as dt shrinks."""
    v_in = float(rng.uniform(1.3, 4.0))
    # one step of error in a period of at least 7.7 ms, and Euler's own: twice that is allowed
    for words, dt, allowed in (("a small dt", 2e-4, 0.05), ("a smaller dt", 2e-5, 0.005)):
        steps = round(0.25 / dt)
        _, spikes = voltage_and_spikes(student.simulate_lif(np.full(steps, v_in), dt), steps)
        fired = np.flatnonzero(spikes)
        check(len(fired) > 2, what="spikes in 0.25 s", expected="several", got=str(len(fired)))
        simulated = 1 / (dt * float(np.diff(fired).mean()))  # Hz
        error = abs(simulated / rate(v_in, 0.02, 0.002) - 1)
        assert_between(error, 0.0, allowed, what=f"relative error of the rate at {words}")
