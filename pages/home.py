"""home."""

from ui import shell
from ui.words import W

session = shell.enter()
shell.header(session, W("nav.home"), W("home.purpose"))
