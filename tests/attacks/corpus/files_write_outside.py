"""Leaves a file in a folder that anyone may write to."""
# category: files
# stopped by: mountns, landlock
# shown: unconfined won


def attack():
    with open("@OUTSIDE@/left-behind", "w") as file:
        return file.write("hello")
