"""The ICDAR 2015 protocol a second time, from its text and the slow way, to check the first against.

Nothing of the project's evaluation is used here, only shapely. The protocol: a detection of which don't-care
ground truth covers more than half is not counted; each counted ground truth, in order, matches the first
counted detection that is still free and whose intersection over union with it exceeds 0.5; precision and
recall are pooled.
"""

from shapely.geometry import Polygon
from shapely.validation import make_valid


def pooled_scores(images):
    """Images are (ground truths, detections): (points, text, ignore) and (points, text)."""
    matched = read = counted_truths = counted_detections = 0
    for truths, detections in images:
        dont_care = [polygon(points) for points, _, ignore in truths if ignore]
        wanted = [(polygon(points), text) for points, text, ignore in truths if not ignore]
        found = []
        for points, text in detections:
            shape = polygon(points)
            dropped = False
            for region in dont_care:
                if shape.area > 0 and shape.intersection(region).area / shape.area > 0.5:
                    dropped = True
            if not dropped:
                found.append((shape, text))
        counted_truths += len(wanted)
        counted_detections += len(found)
        taken = set()
        for truth, truth_text in wanted:
            for index, (shape, text) in enumerate(found):
                if index in taken:
                    continue
                union = truth.union(shape).area
                if union > 0 and truth.intersection(shape).area / union > 0.5:
                    taken.add(index)
                    matched += 1
                    if letters(truth_text) == letters(text):
                        read += 1
                    break
    return {
        "detection": ratios(matched, counted_detections, counted_truths),
        "end_to_end": ratios(read, counted_detections, counted_truths),
    }


def ratios(correct, detections, truths):
    precision = correct / detections if detections else 0.0
    recall = correct / truths if truths else 0.0
    hmean = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "hmean": hmean}


def letters(text):
    return "".join(c.casefold() for c in text if c.isalnum())


def polygon(points):
    shape = Polygon(points)
    return shape if shape.is_valid else make_valid(shape)
