"""The same twelve tests over the same submissions by several graders, in one run."""
