"""Public tests of homework 6: the handout's examples, the network's shapes, a short training."""

import torch

from grader.testing import assert_close, assert_equal, assert_ladder, assert_scalar


def test_filter2d_of_the_handout(student):
    """filter2d gives the handout's example: the pixel above plus twice the one to the right."""
    image = torch.tensor([[1.0, 2, 0, 1], [0, 1, 3, 0], [2, 0, 1, 1]])
    kernel = torch.tensor([[0.0, 1, 0], [0, 0, 2], [0, 0, 0]])
    expected = torch.tensor([[4.0, 0, 2, 0], [3, 8, 0, 1], [0, 3, 5, 0]])
    flipped = torch.tensor([[0.0, 3, 7, 1], [2, 0, 3, 7], [0, 4, 0, 2]])
    mistakes = {"the kernel is flipped, as if upside down and left to right": flipped}
    assert_close(
        student.filter2d(image, kernel),
        expected,
        what="filter2d(image, kernel)",
        rtol=1e-5,
        atol=1e-6,
        mistakes=mistakes,
    )


def test_identity_kernel_changes_nothing(student, torch_seed):
    """Filtering with identity_kernel(3) gives the image back."""
    image = torch.rand(4, 6, generator=torch.Generator().manual_seed(torch_seed))
    assert_close(
        student.filter2d(image, student.identity_kernel(3)),
        image,
        what="filter2d(image, identity_kernel(3))",
        rtol=1e-5,
        atol=1e-6,
    )


def test_feature_maps_of_the_handout(student):
    """feature_maps gives the handout's example: two channels, one map, bias 0.5."""
    x = torch.tensor([[[[1.0, 0, 2], [3, 1, 0], [0, 2, 1]], [[0, 1, 0], [1, 0, 1], [0, 1, 0]]]])
    weight = torch.tensor([[[[1.0, 0], [0, -1]], [[2, 0], [0, 0]]]])  # (1, 2, 2, 2)
    assert_close(
        student.feature_maps(x, weight, torch.tensor([0.5])),
        torch.tensor([[[[0.5, 2.5], [3.5, 0.5]]]]),
        what="feature_maps(x, weight, bias)",
        rtol=1e-5,
        atol=1e-6,
    )


def test_max_pool_of_the_handout(student):
    """max_pool gives the handout's example, negative numbers among it."""
    x = torch.tensor([[1.0, 3, 2, 0], [0, 2, 5, 1], [-1, -2, 0, 0], [-3, -4, 0, 0]])
    expected = torch.tensor([[3.0, 5], [-1, 0]])
    assert_close(
        student.max_pool(x[None, None], 2),
        expected[None, None],
        what="max_pool(x, 2)",
        rtol=1e-5,
        atol=1e-6,
    )


def test_counts_of_the_handout(student):
    """A dense layer from 100 to 10 nodes and a 3×3 convolution with 10 maps: 1,010 and 100."""
    counts = [student.count_dense(100, 10), student.count_convolution(1, 10, 3)]
    assert_equal(counts, [1010, 100], what="the two counts")


def shapes_of_parameters(student):
    net = student.MyNet()
    return {name: tuple(parameter.shape) for name, parameter in net.named_parameters()}


def test_mynet_parameters(student):
    """MyNet has the layers conv1, conv2 and dense with parameters of the right shapes."""
    expected = {
        "conv1.weight": (32, 1, 3, 3),
        "conv1.bias": (32,),
        "conv2.weight": (64, 32, 3, 3),
        "conv2.bias": (64,),
        "dense.weight": (10, 2304),
        "dense.bias": (10,),
    }
    assert_equal(student.run(shapes_of_parameters), expected, what="the shapes of the parameters")


def losses_of_a_short_training(student, X, y, seed, device):
    import torch

    torch.manual_seed(seed)
    images = torch.tensor(X, dtype=torch.float32)[:, None] / 255
    dataset = torch.utils.data.TensorDataset(images, torch.tensor(y))
    rng = torch.Generator().manual_seed(seed)
    losses = student.train(
        student.MyNet(), dataset, epochs=6, batch_size=20, step_size=2e-3, rng=rng, device=device
    )
    return list(losses)[-1]


def test_training_lowers_the_loss(student, data, torch_seed, device, points):
    """Six epochs with 100 digits bring the mean loss below 1 (chance is ln 10 = 2.3)."""
    digits = data.load("digits28", "train")
    loss = student.run(
        losses_of_a_short_training, digits["X"][:100], digits["y"][:100], torch_seed, device
    )
    assert_scalar(loss, what="the loss of the last epoch")
    assert_ladder(
        loss,
        ladder=[(1.0, 1.0), (2.0, 0.3)],
        points=points,
        what="the loss of the last epoch",
        higher_is_better=False,
    )
