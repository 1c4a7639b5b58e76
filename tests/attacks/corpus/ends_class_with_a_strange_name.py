"""Raises an exception whose class has a name that is no text, and ten thousand bases."""
# category: ends
# stopped by: checks of a fault's description
# expects: crashed or failed


class Text(str):
    def __getitem__(self, index):
        return self

    def __len__(self):
        return 1 << 62


class Meta(type):
    __name__ = Text("NotImplementedError")
    __mro__ = (int,) * 10_000


class Strange(Exception, metaclass=Meta):
    pass


def toy_forward(a, b):
    raise Strange
