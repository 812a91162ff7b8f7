"""`python -m tests.benchmarks` is `make bench`."""

from tests.benchmarks.run import main

main()
