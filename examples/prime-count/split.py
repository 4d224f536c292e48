"""Prints one task a line: a range of whole numbers, [start, end)."""
import json
import sys

job = json.load(sys.stdin) or {}
below = job.get("below", 10_000_000)
width = job.get("width", 200_000)
for start in range(0, below, width):
    print(json.dumps({"start": start, "end": min(start + width, below)}))
