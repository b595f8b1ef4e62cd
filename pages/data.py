"""data."""

from ui import shell
from ui.words import W

session = shell.enter()
shell.header(session, W("nav.data"), W("data.purpose"))
