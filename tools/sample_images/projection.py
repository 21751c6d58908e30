"""Homographies as (3, 3) float64 matrices over continuous coordinates (pixel i covers i to i + 1)."""

from math import cos, radians, sin, tan

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Points = NDArray[np.float64]

FIELD_OF_VIEW = 55.0
"""Degrees across the longer image side: a telephone's main camera."""


def translation(dx: float, dy: float) -> Matrix:
    """Shift by (dx, dy) pixels."""
    return np.array([[1.0, 0.0, dx], [0.0, 1.0, dy], [0.0, 0.0, 1.0]])


def scaling(factor: float) -> Matrix:
    """Scale about the origin."""
    return np.diag([factor, factor, 1.0])


def rotation(degrees: float) -> Matrix:
    """Turn about the origin, clockwise as seen on the picture (y points down)."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def placed(
    size: tuple[int, int], centre: tuple[float, float], scale: float = 1, degrees: float = 0
) -> Matrix:
    """Put a flat thing of `size` (width, height) with its middle at `centre`, scaled and turned."""
    to_middle = translation(-size[0] / 2, -size[1] / 2)
    return translation(*centre) @ rotation(degrees) @ scaling(scale) @ to_middle


def view(
    target: tuple[float, float],
    frame: tuple[int, int],
    zoom: float,
    angles: tuple[float, float, float] = (0.0, 0.0, 0.0),
    aim: tuple[float, float] = (0.5, 0.5),
) -> Matrix:
    """Homography of a plane seen by a pinhole camera.

    The plane's point `target` lands at the fraction `aim` of `frame` (width, height), where one unit of the
    plane is `zoom` pixels. `angles` are degrees: yaw (about the vertical axis), pitch (about the
    horizontal one) and roll (within the plane).
    """
    focal = max(frame) / 2 / tan(radians(FIELD_OF_VIEW / 2))
    y, p, r = (radians(angle) for angle in angles)
    about_y = np.array([[cos(y), 0, sin(y)], [0, 1, 0], [-sin(y), 0, cos(y)]])
    about_x = np.array([[1, 0, 0], [0, cos(p), -sin(p)], [0, sin(p), cos(p)]])
    about_z = np.array([[cos(r), -sin(r), 0], [sin(r), cos(r), 0], [0, 0, 1]])
    turn = about_y @ about_x @ about_z
    onto_film = np.column_stack([turn[:, 0], turn[:, 1], [0.0, 0.0, focal / zoom]])
    lens = np.array([[focal, 0, frame[0] * aim[0]], [0, focal, frame[1] * aim[1]], [0, 0, 1]])
    return np.asarray(lens @ onto_film @ translation(-target[0], -target[1]))


def rectangle(left: float, top: float, right: float, bottom: float) -> Points:
    """Corners (4, 2) of an upright rectangle, clockwise from top left."""
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)


def project(matrix: Matrix, points: Points) -> Points:
    """Apply a homography to (N, 2) points."""
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:])
