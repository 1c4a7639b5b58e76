"""Raises an error that numpy raises too, with the hidden inputs where the shapes are."""
# category: ends
# stopped by: rules of feedback
# expects: failed


def toy_forward(a, b):
    digits = f"{a:.15f}{b:.15f}".replace(".", "")
    triples = ",".join(digits[i : i + 3] for i in range(0, len(digits), 3))
    raise ValueError(f"operands could not be broadcast together with shapes ({triples}) ({triples})")
