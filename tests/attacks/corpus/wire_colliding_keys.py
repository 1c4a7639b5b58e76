"""Answers with dicts whose keys all have one hash."""
# category: wire
# stopped by: the decoder
# needs: wire
# tests: test_toy_graph_at_two_and_one
# expects: crashed or failed


def toy_forward(a, b):
    period = ((1 << 61) - 1) << 3
    keys = [["i", format((k + 1) * period, "x")] for k in range(1900)]
    answer(["l", [["d", [[key, None] for key in keys]] for _ in range(60)]])
