"""Measure our speed as a ratio against a peer, both in this run: ``make bench``.

Figures of different machines, or of a busy one, say little; the ratios hold.
"""

from benchmarks import features, latency, profile, training_loop

for benchmark in (features, profile, training_loop, latency):
    print(benchmark.__doc__.splitlines()[0])
    benchmark.run()
    print()
