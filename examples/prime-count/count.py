"""Counts the primes of one task's range by a segmented sieve of Eratosthenes."""
import json
import math
import sys


def primes_below(limit):
    sieve = bytearray([1]) * max(limit, 2)
    sieve[0:2] = b"\0\0"
    for n in range(2, math.isqrt(limit) + 1):
        if sieve[n]:
            sieve[n * n :: n] = bytes(len(range(n * n, len(sieve), n)))
    return [n for n in range(limit) if sieve[n]]


def count_primes(start, end):
    start = max(start, 2)
    if end <= start:
        return 0
    sieve = bytearray([1]) * (end - start)
    for prime in primes_below(math.isqrt(end - 1) + 1):
        first = max(prime * prime, -(-start // prime) * prime) - start
        sieve[first::prime] = bytes(len(range(first, len(sieve), prime)))
    return sum(sieve)


task = json.load(sys.stdin)
json.dump({"primes": count_primes(task["start"], task["end"])}, sys.stdout)
