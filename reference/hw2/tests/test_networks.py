"""Hidden tests of problems 2.6 and 2.7: filters, layers, wired neurons against plain loops."""

from math import factorial

import numpy as np

from grader.testing import (
    assert_array,
    assert_between,
    assert_close,
    assert_ladder,
    assert_sequence,
    assert_unchanged,
    check,
)


def psc(t, tau_s, n):
    """The oracle's filter in units of τ_s: uⁿ e^-u / (n! τ_s) with u = t / τ_s."""
    u = np.where(t >= 0, t, np.inf) / tau_s
    with np.errstate(invalid="ignore"):  # inf · 0 before the spike
        return np.nan_to_num(u**n * np.exp(-u)) / (factorial(n) * tau_s)


def population(x, W, dt, tau_m, tau_ref, tau_s, hold_s=False, decay=None):
    """The oracle's population, neuron by neuron: (v, s, spikes), each (T, N)."""
    T, N = x.shape
    decay = 1 - dt / tau_s if decay is None else decay
    v, s, spikes = np.zeros((T, N)), np.zeros((T, N)), np.zeros((T, N))
    u, current, hold = [0.0] * N, [0.0] * N, [0] * N
    for k in range(T):
        held = [h > 0 for h in hold]
        for i in range(N):
            hold[i] = max(hold[i] - 1, 0)
            if not held[i]:
                u[i] += dt / tau_m * (x[k, i] + current[i] - u[i])
            if u[i] >= 1:
                u[i], hold[i], spikes[k, i] = 0.0, round(tau_ref / dt), 1.0
        for i in range(N):
            if not (hold_s and held[i]):
                current[i] *= decay
            current[i] += sum(W[i, j] / tau_s for j in range(N) if spikes[k, j])
        v[k], s[k] = u, current
    return v, s, spikes


def thousand_neurons(student, rng):
    """A probe: spikes in each step of 1,000 wired neurons for 1 s at dt = 1 ms."""
    import numpy as np

    x = np.tile(rng.uniform(0.5, 3.0, size=1000), (1000, 1))
    W = rng.normal(scale=5e-4, size=(1000, 1000))
    _, _, spikes = student.simulate_population(x, W, 1e-3)
    return np.asarray(spikes, dtype=float).sum(axis=1)


def three_arrays(result, shape):
    """(v, s, spikes) as float arrays of `shape`; spikes may be numbers or booleans."""
    result = assert_sequence(
        result, 3, what="what simulate_population returns", expected="a tuple (v, s, spikes)"
    )
    v = assert_array(result[0], shape=shape, what="v of simulate_population")
    s = assert_array(result[1], shape=shape, what="s of simulate_population")
    spikes = assert_array(result[2], shape=shape, kind="fib", what="spikes of simulate_population")
    return v, s, spikes.astype(float)


def test_psc_filter_has_area_one(student, rng):
    """The filters of orders 0 to 6 have area 1 and are 0 however long before the spike; t stays."""
    tau_s = float(rng.uniform(0.003, 0.01))
    t = np.linspace(0, 50 * tau_s, 10_001)
    before = np.array([[-50.0, -1.0], [-tau_s, -1e-9]])
    for n in (0, 1, 2, 3, 6):
        h = student.psc_filter(t, tau_s, n)
        without_k = psc(t, tau_s, n) * factorial(n) * tau_s ** (n + 1)
        assert_close(
            h,
            psc(t, tau_s, n),
            what=f"psc_filter of order {n}",
            rtol=1e-9,
            mistakes={
                "the factorial is missing from k": psc(t, tau_s, n) * factorial(n),
                "k has τ_s to the power n, not n + 1": psc(t, tau_s, n) * tau_s,
                "the constant k is missing": without_k,
            },
        )
        # the trapezoidal rule at steps of τ_s/200 is good to 3e-6
        area = float(np.trapezoid(assert_array(h, shape=t.shape, what="h"), t))
        assert_between(area, 0.999, 1.001, what=f"area of the filter of order {n}")
        h, arguments = student.with_arguments(student.psc_filter, before, tau_s, n)
        assert_close(h, np.zeros((2, 2)), what="psc_filter before the spike", rtol=0, atol=0)
        assert_unchanged(before, arguments[0], what="t after psc_filter(t, tau_s, n)")


def test_filtered_spikes_are_summed(student, rng):
    """A filtered train is one filter for each spike, twice where two coincide; the times stay."""
    t = np.linspace(0, 0.1, 60)
    spike_times = rng.permutation(np.append(rng.uniform(0, 0.09, size=6), 0.05))
    spike_times = np.append(spike_times, 0.05)
    each = np.array([psc(t - t_p, 0.004, 1) for t_p in spike_times])  # (P, T)
    total, arguments = student.with_arguments(student.filter_spikes, spike_times, t, 0.004, 1)
    assert_close(
        total,
        each.sum(axis=0),
        what="filter_spikes(spike_times, t, tau_s, n)",
        rtol=1e-9,
        mistakes={
            "averaged over the spikes, not summed": each.mean(axis=0),
            "the largest of the filters is taken, not their sum": each.max(axis=0),
            "coincident spikes are counted once": each[:-1].sum(axis=0),
        },
    )
    assert_unchanged([spike_times, t], arguments[:2], what="the arguments of filter_spikes")
    nothing = student.filter_spikes(np.zeros(0), t, 0.004, 0)
    assert_close(nothing, np.zeros(60), what="filter_spikes of no spikes")


def test_layer_input_and_its_augmented_form(student, rng):
    """layer_input is W x + b, as is the product of the augmented pair; W, x and b stay."""
    W, x, b = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=4)
    z = W @ x + b
    output, arguments = student.with_arguments(student.layer_input, W, x, b)
    assert_close(
        output,
        z,
        what="layer_input(W, x, b)",
        mistakes={"the biases are left out": W @ x, "the biases are subtracted": W @ x - b},
    )
    assert_unchanged([W, x, b], arguments, what="the arguments of layer_input")
    result, arguments = student.with_arguments(student.augment, W, x, b)
    result = assert_sequence(
        result, 2, what="what augment returns", expected="a tuple ([W|b], [x; 1])"
    )
    W_hat = assert_array(result[0], shape=(4, 4), what="[W|b]")
    x_hat = assert_array(result[1], shape=(4,), what="[x; 1]")
    assert_close(W_hat, np.column_stack([W, b]), what="[W|b], with the biases as last column")
    assert_close(x_hat, np.append(x, 1.0), what="[x; 1]")
    assert_unchanged([W, x, b], arguments, what="the arguments of augment")


def test_one_spike_delivers_its_weight(student, rng):
    """One spike, at v of exactly 1, brings neuron i a current of area w_ij from neuron j."""
    W = rng.uniform(0.002, 0.01, size=(4, 4)) * rng.choice([-1, 1], size=(4, 4))
    dt, tau_s, tau_m = 2**-11, 2**-8, 2**-6  # powers of 2: dt / tau_m * 32 is 1 in any order
    x = np.zeros((300, 4))
    x[0, 2] = 32.0  # neuron 2 reaches 1 in the first step and then never again
    result = student.simulate_population(x, W, dt, tau_m, 0.002, tau_s)
    v, s, spikes = three_arrays(result, (300, 4))
    check(
        bool(spikes.sum() == 1 and spikes[0, 2] == 1),
        what="spikes after one push that lifts v of neuron 2 to exactly 1",
        expected="one, of neuron 2",
        got="others or none",
        mistake="v = 1 does not fire" if v[0, 2] == 1 and spikes[0, 2] == 0 else None,
    )
    area = s.sum(axis=0) * dt  # (N,)
    exact = 1 / (1 - np.exp(-dt / tau_s)) * dt / tau_s
    assert_close(
        area,
        W[:, 2],
        what="the area of s after one spike of neuron 2",
        rtol=1e-6,  # all but (7/8)^300 of it has arrived
        mistakes={
            "W is used as its transpose": W[2, :],
            "a spike adds w, not w / τ_s": W[:, 2] * tau_s,
            "a spike adds w · dt / τ_s, not w / τ_s": W[:, 2] * dt,
            "s decays by e^(-dt/τ_s) where forward Euler is asked for": W[:, 2] * exact,
            "s is stored before it decays or before the spikes arrive": W[:, 2] * (1 - dt / tau_s),
        },
    )


def test_wired_neurons_follow_the_equations(student, rng):
    """v, s and spikes of five wired neurons, self-connections included; x and W stay."""
    W = rng.normal(scale=0.02, size=(5, 5))
    x = rng.uniform(0, 3, size=5) + rng.normal(scale=0.5, size=(120, 5))
    # tau_ref / dt is 2.9999999999999996: three steps
    dt, tau_m, tau_s = 0.0008, 0.015, 0.006
    settings = (dt, tau_m, 0.0024, tau_s)
    expected = population(x, W, *settings)
    result, arguments = student.with_arguments(student.simulate_population, x, W, *settings)
    v, s, spikes = three_arrays(result, (120, 5))
    exact = np.exp(-dt / tau_s)
    others = {
        "W is used as its transpose": population(x, W.T, *settings),
        "a spike adds w, not w / τ_s": population(x, W * tau_s, *settings),
        "s stands still while its neuron is held": population(x, W, *settings, hold_s=True),
        "s decays by e^(-dt/τ_s), not by an Euler step": population(x, W, *settings, decay=exact),
        "there is no refractory time": population(x, W, dt, tau_m, 0.0, tau_s),
        "neurons are held for one step too few": population(x, W, dt, tau_m, 2 * dt, tau_s),
        "neurons are held for one step too many": population(x, W, dt, tau_m, 4 * dt, tau_s),
        "self-connections are left out": population(x, W * (1 - np.eye(5)), *settings),
        "the neurons are not connected": population(x, 0 * W, *settings),
    }
    for place, actual, what in ((1, s, "s"), (2, spikes, "spikes"), (0, v, "v")):
        assert_close(
            actual,
            expected[place],
            what=f"{what} of five wired neurons",
            rtol=1e-7,
            atol=1e-9,
            mistakes={words: arrays[place] for words, arrays in others.items()},
        )
    assert_unchanged([x, W], arguments[:2], what="x and W after simulate_population(x, W, ...)")


def test_a_thousand_neurons_in_time(student, rng, points):
    """A thousand neurons for 1 s at dt = 1 ms take well under 2 s: work on whole arrays."""
    start = student.processor_s()  # not the wall's: a busy machine costs nobody points
    counts = student.run(thousand_neurons, rng)
    seconds = student.processor_s() - start
    counts = assert_array(counts, shape=(1000,), what="spikes in each step")
    # 48 to 55 Hz on average for this drive; the wiring is weak
    mean_rate = float(counts.sum()) / 1000
    assert_between(mean_rate, 40.0, 70.0, what="mean rate in Hz of a thousand neurons")
    assert_ladder(
        seconds,
        ladder=[(2.0, 1.0), (4.0, 0.5)],
        points=points,
        what="seconds of processor time for a thousand neurons",
        higher_is_better=False,
        hint="Work on whole arrays: no loop over neurons, none over synapses.",
    )
