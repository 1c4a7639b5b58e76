"""Reads the digits with their labels where scikit-learn has them."""
# category: files
# stopped by: mountns, landlock
# when: import
# shown: unconfined won


def attack():
    import sklearn.datasets

    return sklearn.datasets.load_digits().target[:5].tolist()
