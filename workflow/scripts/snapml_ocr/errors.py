"""The exceptions whose message is written for the user."""


class UserError(Exception):
    """A mistake a user can make: the message is one line, names what was found and says what to do.

    A program that ends with it prints the message without a traceback and exits with `exit_code`.
    """

    exit_code = 2


class CheckFailedError(UserError):
    """A check that ran and did not pass: outputs differ, a gate is missed, a model cannot be imported."""

    exit_code = 1
