"""Data sets for the judge: small ones come with the package, big ones from the data folder.

A homework's tests reach this as the `data` fixture. Nothing here is fetched while grading: `load`
only reads, and `fetch` is called by `grader data fetch` alone. Importing it imports only numpy.
"""

from grader.data.registry import available, fetch, load, names
from grader.folders import data_folder

__all__ = ["available", "data_folder", "fetch", "load", "names"]
