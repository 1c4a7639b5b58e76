"""Has numbers, texts and None where functions and classes are asked for."""
# category: verdict
# stopped by: rules of outcomes
# tests: several
# expects: failed

numerical_gradient = toy_forward = 5.0
toy_backward = sigmoid = None
bernoulli_cross_entropy = "text"
LinearSigmoidLayer = Net = MLP = []
activate = activation_derivative = np.zeros(3)
loss_value = train = train_xor = sigmoid_sum = step_approximation = {}
quiz_answers = toy_backward
