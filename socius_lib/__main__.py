"""`python -m socius_lib` is the command `socius`."""

from socius_lib.cli import main

main()
