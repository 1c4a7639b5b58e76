"""Prints lines that a continuous integration service takes for commands."""
# category: text
# stopped by: a mark before each line
# shown: naive raw


def toy_forward(a, b):
    print("::error file=grade.py,line=1::passed")
    print("  ::set-output name=score::100\n##[error]x\n##vso[task.complete result=Succeeded;]")
    print("::add-mask::0\n::stop-commands::x\n::warning::")
    return a + b, b + 1, (a + b) * (b + 1)
