"""Hands in answers whose one key has ten thousand parts, each looked up in all those before."""
# category: resources
# stopped by: size of the answers file
# tests: test_quiz_q2
# expects: failed
# file: answers.toml
@LONG_KEY@ = 1
