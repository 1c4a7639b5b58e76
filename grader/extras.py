"""Packages that not everyone needs, and the extra of this package that brings them."""

from __future__ import annotations

EXTRAS = {
    "alembic": "gradebook",
    "cryptography": "sealed",
    "distributed": "dask",
    "matplotlib": "plots",
    "psycopg": "postgres",
    "sqlalchemy": "gradebook",
    "torch": "torch",
    "torchvision": "torch",
    "yaml": "gradebook",
}


def how_to_install(package: str) -> str:
    """The command that brings the package of this import name."""
    extra = EXTRAS.get(package)
    return f"pip install 'grader[{extra}]'" if extra else f"pip install {package}"
