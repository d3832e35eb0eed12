"""A browser, for what is shown in one."""

from fakes.browser import browser

__all__ = ["browser"]
