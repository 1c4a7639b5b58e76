"""How much of a submission is read; sizes in bytes. Stated here once, and nowhere else."""

MIB = 1024 * 1024

SOURCE_BYTES = 1 * MIB  # a .py, or all code cells of a notebook together
NOTEBOOK_BYTES = 20 * MIB  # outputs with pictures included
ZIP_BYTES = 50 * MIB
UNPACKED_BYTES = 64 * MIB  # all that is unpacked of one zip, kept or not

FILES = 200  # further files
FILE_BYTES = 2 * MIB
FILES_BYTES = 8 * MIB
FILE_SUFFIXES = frozenset({".py", ".txt", ".csv", ".toml", ".json", ".npz", ".npy"})

ENTRIES = 20_000  # names looked at in a folder or zip
DEPTH = 12  # folders inside folders
NAME_CHARS = 200  # a relative name, folders included

CODE_CELLS = 2_000
JSON_CONTAINERS = 2_000_000  # lists and objects of a notebook: some 100 bytes of memory each
NOTES = 40
