"""Gives back so much that the test's own loops over it take minutes."""
# category: resources
# stopped by: the deadline holds for the test's own lines
# tests: test_train_takes_the_stated_step
# wall: 0.4
# expects: failed or timeout

ROWS = 2000


def train(net, X, T, step_size, batch_size, n_epochs, rng):
    x, t = np.zeros((ROWS, 2), "f2"), np.full((ROWS, 1), net.layers[0].b[0])
    net.batches = [(x, t)] * 1000  # the test replays them for every number of steps
    return np.zeros(1)
