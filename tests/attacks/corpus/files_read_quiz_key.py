"""Reads the key of the quiz and answers by it."""
# category: files
# stopped by: mountns, landlock
# when: import
# shown: unconfined won

import tomllib


def attack():
    with open("@KEY@", "rb") as file:
        quiz_answers.update({name: entry["answer"] for name, entry in tomllib.load(file).items()})
    return quiz_answers
