"""The laboratory of the attack suite: decoys, the corpus, grading with evidence, a naive grader."""
