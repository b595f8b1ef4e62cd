"""train."""

from ui import shell
from ui.words import W

session = shell.enter()
shell.header(session, W("nav.train"), W("train.purpose"))
