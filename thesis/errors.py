"""What can go wrong, as sentences for the person who can mend it.

Every error carries the exit code the command line ends with::

    ThesisError            1
    ├── UsageError         2   an option or argument that cannot be
    ├── ThesisFileError    3   a thesis file that cannot be read or breaks a rule
    ├── PricesError        4   prices that are missing, unreadable or impossible
    ├── NotScorableError   5   the rules give no answer for this thesis
    └── VerificationError  6   two computations of one number differ

An error's text says what was given, where, which rule it breaks and what to do. They are
``ValueError`` too, so library users can catch either.
"""

from dataclasses import dataclass


class ThesisError(ValueError):
    """Base of all errors that `thesis` raises on purpose."""

    exit_code = 1


class UsageError(ThesisError):
    """An option or argument that cannot be."""

    exit_code = 2


class ThesisFileError(ThesisError):
    """A thesis file, rating scale or security code that cannot be read or breaks a rule."""

    exit_code = 3


class PricesError(ThesisError):
    """Prices that are missing, unreadable or impossible."""

    exit_code = 4


class NotScorableError(ThesisError):
    """The rules give no answer for this thesis on these prices."""

    exit_code = 5


class RulesError(NotScorableError):
    """The dated exchange rules have no answer for this security on this day."""


class VerificationError(ThesisError):
    """Two computations of one number differ: a defect, to be reported."""

    exit_code = 6


@dataclass(frozen=True)
class Caution:
    """Something a reader of the result must know, though it stops nothing.

    Attributes
    ----------
    code
        A stable word for programs, such as ``no_data``.
    message
        A sentence for people.
    """

    code: str
    message: str
