"""A model without any package, to try worker.py with: how noisy a file's bytes are, by how well they compress."""
import math, zlib

labels = ["flat", "smooth", "ordinary", "detailed", "noisy"]


def classify(picture):
    if not picture.startswith((b"\x89PNG", b"\xff\xd8", b"GIF8", b"RIFF")):
        raise ValueError("not a picture")
    ratio = len(zlib.compress(picture)) / len(picture)
    powers = [math.exp(-20 * abs(ratio - step / 4)) for step in range(5)]
    pairs = [(label, power / sum(powers)) for label, power in zip(labels, powers)]
    return sorted(pairs, key=lambda pair: -pair[1])
