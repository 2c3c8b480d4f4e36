"""`python -m mfa_conformance` runs the program."""

import os
import sys

from .runner import program

os.execv(program(), ["mfa-conformance", *sys.argv[1:]])
