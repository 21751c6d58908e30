/**
 * Decoding of PP-OCR models: from a detector's probability map to boxes, from a picture to the inputs of models, from
 * a recognizer's output to text.
 *
 * Pure computation: ES2019, CommonJS, no Lens Studio, no DOM, no other module. The Python package `snapml_ocr.ocr` of
 * the project that made this bundle is the reference; every function names its counterpart there. What Python leaves to
 * OpenCV and pyclipper (contours, smallest rectangle, polygon fill, resizing, warping, growing) is written out here.
 *
 * Pixels are RGBA, one byte a channel, the top row first. A quad is a Float64Array of x, y of four corners, clockwise
 * from the top left as the line is read. Coordinates are continuous: the first pixel covers 0 to 1. In a probability map
 * corners are indices of pixels.
 */
'use strict';

/** Shapes whose scales differ by less are as good as each other (`detector.EQUAL_SCALE`). */
const EQUAL_SCALE = 0.98;
/** Shortest side of a region and of a box in map pixels (`BoxSettings.min_size`). */
const MIN_SIZE = 3;
/** Regions looked at, largest first (`BoxSettings.max_candidates`). */
const MAX_CANDIDATES = 1000;
/** Clipper's units to a pixel (`probability_map.CLIPPER_UNITS`). */
const CLIPPER_UNITS = 1024;

// ---------------------------------------------------------------------------------------------------------------------
// Numbers

/** Round halves to even, as Python, NumPy and OpenCV do. */
function roundHalfEven(value) {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

function clamp(value, low, high) {
  return value < low ? low : value > high ? high : value;
}

/** A typed array that grows and is used again, so that no frame allocates. */
function growing(Type) {
  let buffer = new Type(0);
  return (length) => (buffer.length >= length ? buffer : (buffer = new Type(Math.ceil(length * 1.25))));
}

function mean(numbers) {
  let total = 0;
  for (let i = 0; i < numbers.length; i++) total += numbers[i];
  return numbers.length ? total / numbers.length : 0;
}

// ---------------------------------------------------------------------------------------------------------------------
// Contours: `cv2.findContours(bitmap, RETR_CCOMP, CHAIN_APPROX_SIMPLE)` (Suzuki and Abe, 1985)

const STEP_X = [1, 1, 0, -1, -1, -1, 0, 1];
const STEP_Y = [0, -1, -1, -1, 0, 1, 1, 1];
/** Marks of a border that was followed, and of one with the outside to its right. */
const SEEN = 2;
const SEEN_RIGHT = -126;

const bitmapBuffer = growing(Int8Array);
const pointBuffer = growing(Int32Array);
const offsets = new Int32Array(16);

/**
 * Follow the border through `start` of a bitmap with rows of `stride`, write its corners into `points`; return how many
 * numbers were written.
 */
function followBorder(bitmap, stride, start, hole, points) {
  let direction = hole ? 0 : 4;
  const stop = direction;
  let first;
  do {
    direction = (direction - 1) & 7;
    first = start + offsets[direction];
  } while (bitmap[first] === 0 && direction !== stop);
  let x = (start % stride) - 1;
  let y = ((start / stride) | 0) - 1;
  if (direction === stop) {
    bitmap[start] = SEEN_RIGHT;
    points[0] = x;
    points[1] = y;
    return 2;
  }
  let count = 0;
  let current = start;
  let previous = direction ^ 4;
  for (;;) {
    const from = direction;
    let next = current;
    while (direction < 15) {
      next = current + offsets[++direction];
      if (bitmap[next] !== 0) break;
    }
    direction &= 7;
    if (direction > 0 && direction - 1 < from) bitmap[current] = SEEN_RIGHT;
    else if (bitmap[current] === 1) bitmap[current] = SEEN;
    if (direction !== previous) {
      points[count++] = x;
      points[count++] = y;
      previous = direction;
    }
    x += STEP_X[direction];
    y += STEP_Y[direction];
    if (next === start && current === first) return count;
    current = next;
    direction = (direction + 4) & 7;
  }
}

/**
 * Call `visit(points, count)` for the outer contour of every region above `threshold` of a (height, width) map; `points`
 * holds `count` numbers x, y and is valid during the call. With `dilation` regions one pixel apart are joined.
 */
function eachOuterContour(map, width, height, threshold, dilation, visit) {
  const stride = width + 2;
  const bitmap = bitmapBuffer(stride * (height + 2));
  bitmap.fill(0, 0, stride * (height + 2));
  for (let y = 0; y < height; y++) {
    let to = (y + 1) * stride + 1;
    for (let from = y * width, end = from + width; from < end; from++, to++) {
      // A comparison with NaN is false: such a pixel is no text.
      if (map[from] > threshold) bitmap[to] = 1;
    }
  }
  if (dilation) dilate(bitmap, width, height, stride);
  for (let i = 0; i < 16; i++) offsets[i] = STEP_X[i & 7] + STEP_Y[i & 7] * stride;
  // A border visits each pixel at most four times.
  const points = pointBuffer(8 * width * height + 2);
  for (let y = 1; y <= height; y++) {
    let before = 0;
    for (let at = y * stride + 1, end = at + width; at <= end; at++) {
      const here = bitmap[at];
      if (here === before) continue;
      if (before === 0 && here === 1) {
        visit(points, followBorder(bitmap, stride, at, false, points));
      } else if (here === 0 && before >= 1) {
        followBorder(bitmap, stride, at - 1, true, points);
      }
      before = bitmap[at];
    }
  }
}

/** `cv2.dilate` with a kernel of 2x2: a pixel is set where it, its left or its upper neighbours are. */
function dilate(bitmap, width, height, stride) {
  for (let y = height; y >= 1; y--) {
    for (let at = y * stride + width; at > y * stride; at--) {
      bitmap[at] |= bitmap[at - 1] | bitmap[at - stride] | bitmap[at - stride - 1];
    }
  }
}

/** The outer contours as arrays [x0, y0, x1, y1, ...]. */
function outerContours(map, width, height, threshold, dilation) {
  const found = [];
  eachOuterContour(map, width, height, threshold, dilation || false, (points, count) => {
    found.push(Array.from(points.subarray(0, count)));
  });
  return found;
}

// ---------------------------------------------------------------------------------------------------------------------
// Rectangles: `cv2.minAreaRect`, `cv2.boxPoints`, `pyclipper`

const rowLeft = growing(Int32Array);
const rowRight = growing(Int32Array);
const hullBuffer = growing(Float64Array);

/** Write the convex hull of integer points into the hull buffer; return the number of its corners. */
function convexHull(points, count) {
  let top = Infinity;
  let bottom = -Infinity;
  for (let i = 1; i < count; i += 2) {
    if (points[i] < top) top = points[i];
    if (points[i] > bottom) bottom = points[i];
  }
  const rows = bottom - top + 1;
  const left = rowLeft(rows);
  const right = rowRight(rows);
  left.fill(0x7fffffff, 0, rows);
  right.fill(-0x80000000, 0, rows);
  for (let i = 0; i < count; i += 2) {
    const row = points[i + 1] - top;
    if (points[i] < left[row]) left[row] = points[i];
    if (points[i] > right[row]) right[row] = points[i];
  }
  const hull = hullBuffer(4 * rows + 4);
  let size = 0;
  const push = (x, y, least) => {
    while (size >= least + 2 && turn(hull, size, x, y) <= 0) size--;
    hull[2 * size] = x;
    hull[2 * size + 1] = y;
    size++;
  };
  for (let row = 0; row < rows; row++) if (right[row] >= left[row]) push(right[row], row + top, 0);
  const half = size - 1;
  for (let row = rows - 1; row >= 0; row--) {
    if (left[row] > right[row]) continue;
    if (row === rows - 1 && left[row] === right[row]) continue;
    push(left[row], row + top, half);
  }
  while (size > 1 && hull[0] === hull[2 * size - 2] && hull[1] === hull[2 * size - 1]) size--;
  return size;
}

/** Twice the signed area of the last two corners of the hull and a point. */
function turn(hull, size, x, y) {
  const ax = hull[2 * size - 4];
  const ay = hull[2 * size - 3];
  return (hull[2 * size - 2] - ax) * (y - ay) - (hull[2 * size - 1] - ay) * (x - ax);
}

/**
 * Return the smallest rectangle around integer points as {x, y, width, height, cos, sin}: its centre, the lengths along
 * and across the unit vector (cos, sin). `count` numbers of `points` are used.
 */
function smallestRectangle(points, count) {
  const size = convexHull(points, count);
  return smallestRectangleOfHull(hullBuffer(0), size);
}

/** The same around the `size` corners of a convex hull. */
function smallestRectangleOfHull(hull, size) {
  if (size === 1) return { x: hull[0], y: hull[1], width: 0, height: 0, cos: 1, sin: 0 };
  let best = null;
  let least = Infinity;
  for (let i = 0; i < size; i++) {
    const j = i + 1 < size ? i + 1 : 0;
    let cos = hull[2 * j] - hull[2 * i];
    let sin = hull[2 * j + 1] - hull[2 * i + 1];
    const length = Math.sqrt(cos * cos + sin * sin);
    cos /= length;
    sin /= length;
    let low = Infinity;
    let high = -Infinity;
    let near = Infinity;
    let far = -Infinity;
    for (let k = 0; k < size; k++) {
      const along = hull[2 * k] * cos + hull[2 * k + 1] * sin;
      const across = hull[2 * k + 1] * cos - hull[2 * k] * sin;
      if (along < low) low = along;
      if (along > high) high = along;
      if (across < near) near = across;
      if (across > far) far = across;
    }
    const area = (high - low) * (far - near);
    if (area < least - 1e-9) {
      least = area;
      best = { cos, sin, low, high, near, far };
    }
  }
  const along = (best.low + best.high) / 2;
  const across = (best.near + best.far) / 2;
  return {
    x: along * best.cos - across * best.sin,
    y: along * best.sin + across * best.cos,
    width: best.high - best.low,
    height: best.far - best.near,
    cos: best.cos,
    sin: best.sin,
  };
}

/** Corners of a rectangle grown by `distance` on each side, clockwise on the screen. */
function corners(rectangle, distance) {
  const { x, y, cos, sin } = rectangle;
  const along = rectangle.width / 2 + distance;
  const across = rectangle.height / 2 + distance;
  const quad = new Float64Array(8);
  for (let i = 0; i < 4; i++) {
    const u = i === 1 || i === 2 ? along : -along;
    const v = i >= 2 ? across : -across;
    quad[2 * i] = x + u * cos - v * sin;
    quad[2 * i + 1] = y + u * sin + v * cos;
  }
  return quad;
}

/**
 * Grow a rectangle by area * ratio / perimeter (`probability_map.unclip`; pyclipper's mitre joints keep a rectangle a
 * rectangle); null without area.
 */
function unclip(rectangle, ratio) {
  const area = rectangle.width * rectangle.height;
  const perimeter = 2 * (rectangle.width + rectangle.height);
  if (!(area > 0)) return null;
  const inner = corners(rectangle, 0);
  const grown = corners(rectangle, (area * ratio) / perimeter);
  // Clipper computes in integers: rounded before and after, so that a side of half a pixel rounds as in Python.
  for (let i = 0; i < 8; i++) {
    const start = roundHalfEven(inner[i] * CLIPPER_UNITS);
    grown[i] = Math.round(start + (grown[i] - inner[i]) * CLIPPER_UNITS) / CLIPPER_UNITS;
  }
  return clockwiseFromTopLeft(corners(smallestRectangleOfHull(grown, 4), 0));
}

/** `probability_map.clockwise_from_top_left`. */
function clockwiseFromTopLeft(quad) {
  let cx = 0;
  let cy = 0;
  for (let i = 0; i < 8; i += 2) {
    cx += quad[i] / 4;
    cy += quad[i + 1] / 4;
  }
  const ring = [0, 1, 2, 3]
    .map((i) => ({ x: quad[2 * i], y: quad[2 * i + 1] }))
    .sort((a, b) => Math.atan2(a.y - cy, a.x - cx) - Math.atan2(b.y - cy, b.x - cx));
  const left = [0, 1, 2, 3].sort((a, b) => ring[a].x - ring[b].x);
  const first = ring[left[1]].y < ring[left[0]].y ? left[1] : left[0];
  const ordered = new Float64Array(8);
  for (let i = 0; i < 4; i++) {
    ordered[2 * i] = ring[(first + i) & 3].x;
    ordered[2 * i + 1] = ring[(first + i) & 3].y;
  }
  return ordered;
}

/** [width, height] of a quad: the longer of each pair of opposite sides (`probability_map.side_lengths`). */
function sideLengths(quad) {
  const side = (i, j) => Math.hypot(quad[2 * i] - quad[2 * j], quad[2 * i + 1] - quad[2 * j + 1]);
  return [Math.max(side(0, 1), side(2, 3)), Math.max(side(1, 2), side(3, 0))];
}

// ---------------------------------------------------------------------------------------------------------------------
// Boxes: the post-processing of DB (Liao et al., 2020), `probability_map`

/**
 * Mean of a map over the polygon whose corners are pixel indices, rounded as `cv2.fillPoly` wants them: `mean_inside`
 * for a convex polygon. A row is filled between the outermost pixels of its edges' Bresenham lines.
 */
function meanInside(map, width, height, quad) {
  let top = Infinity;
  let bottom = -Infinity;
  let left = Infinity;
  let right = -Infinity;
  for (let i = 0; i < quad.length; i += 2) {
    left = Math.min(left, quad[i]);
    right = Math.max(right, quad[i]);
    top = Math.min(top, quad[i + 1]);
    bottom = Math.max(bottom, quad[i + 1]);
  }
  left = clamp(Math.floor(left), 0, width - 1);
  right = clamp(Math.ceil(right), 0, width - 1);
  top = clamp(Math.floor(top), 0, height - 1);
  bottom = clamp(Math.ceil(bottom), 0, height - 1);
  const rows = bottom - top + 1;
  const lows = rowLeft(rows);
  const highs = rowRight(rows);
  lows.fill(0x7fffffff, 0, rows);
  highs.fill(-0x80000000, 0, rows);
  for (let i = 0; i < quad.length; i += 2) {
    const j = i + 2 < quad.length ? i + 2 : 0;
    drawEdge(
      roundHalfEven(quad[i] - left),
      roundHalfEven(quad[i + 1] - top),
      roundHalfEven(quad[j] - left),
      roundHalfEven(quad[j + 1] - top),
      lows,
      highs,
      rows
    );
  }
  let total = 0;
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const from = Math.max(0, lows[row]) + left;
    const to = Math.min(right, highs[row] + left);
    for (let x = from, at = (row + top) * width + from; x <= to; x++, at++) {
      total += map[at];
      count++;
    }
  }
  return count ? total / count : 0;
}

/** Widen rows by the pixels of a line, in the order of OpenCV's LineIterator. */
function drawEdge(x1, y1, x2, y2, lows, highs, rows) {
  if (x2 < x1) [x1, y1, x2, y2] = [x2, y2, x1, y1];
  const dx = x2 - x1;
  const dy = Math.abs(y2 - y1);
  const down = y2 >= y1 ? 1 : -1;
  const steep = dy > dx;
  const long = steep ? dy : dx;
  const short = steep ? dx : dy;
  let error = long - 2 * short;
  for (let i = 0, x = x1, y = y1; i <= long; i++) {
    if (y >= 0 && y < rows) {
      if (x < lows[y]) lows[y] = x;
      if (x > highs[y]) highs[y] = x;
    }
    const aside = error < 0;
    error += aside ? 2 * long - 2 * short : -2 * short;
    if (steep || aside) y += down;
    if (!steep || aside) x += 1;
  }
}

const maskBuffer = growing(Uint8Array);

/** Mean of a map inside an outer contour, holes included: `mean_inside` for `det_db_score_mode: slow`. */
function meanInsideContour(map, width, points, count) {
  let left = Infinity;
  let right = -Infinity;
  let top = Infinity;
  let bottom = -Infinity;
  for (let i = 0; i < count; i += 2) {
    left = Math.min(left, points[i]);
    right = Math.max(right, points[i]);
    top = Math.min(top, points[i + 1]);
    bottom = Math.max(bottom, points[i + 1]);
  }
  // A frame of one pixel is flooded from its corner around the contour; what stays dry is inside.
  const stride = right - left + 3;
  const size = stride * (bottom - top + 3);
  const mask = maskBuffer(size);
  mask.fill(0, 0, size);
  for (let i = 0; i < count; i += 2) {
    const j = i + 2 < count ? i + 2 : 0;
    let x = points[i];
    let y = points[i + 1];
    const dx = Math.sign(points[j] - x);
    const dy = Math.sign(points[j + 1] - y);
    mask[(y - top + 1) * stride + x - left + 1] = 1;
    while (x !== points[j] || y !== points[j + 1]) {
      x += dx;
      y += dy;
      mask[(y - top + 1) * stride + x - left + 1] = 1;
    }
  }
  const queue = new Int32Array(size);
  let last = 1;
  mask[0] = 2;
  for (let first = 0; first < last; first++) {
    const at = queue[first];
    const x = at % stride;
    if (x > 0 && mask[at - 1] === 0) (mask[at - 1] = 2), (queue[last++] = at - 1);
    if (x < stride - 1 && mask[at + 1] === 0) (mask[at + 1] = 2), (queue[last++] = at + 1);
    if (at >= stride && mask[at - stride] === 0) (mask[at - stride] = 2), (queue[last++] = at - stride);
    if (at + stride < size && mask[at + stride] === 0) (mask[at + stride] = 2), (queue[last++] = at + stride);
  }
  let total = 0;
  let inside = 0;
  for (let y = top; y <= bottom; y++) {
    for (let x = left, at = (y - top + 1) * stride + 1; x <= right; x++, at++) {
      if (mask[at] === 2) continue;
      total += map[y * width + x];
      inside++;
    }
  }
  return inside ? total / inside : 0;
}

/** Area inside a contour (`cv2.contourArea`). */
function contourArea(points, count) {
  let twice = 0;
  for (let i = 0; i < count; i += 2) {
    const j = i + 2 < count ? i + 2 : 0;
    twice += points[i] * points[j + 1] - points[j] * points[i + 1];
  }
  return Math.abs(twice) / 2;
}

/**
 * Text boxes {quad, score} of a (height, width) float32 probability map, in map coordinates: `find_boxes`. `settings`
 * are those of the pipeline: det_db_thresh, det_db_box_thresh, det_db_unclip_ratio, det_db_score_mode, use_dilation.
 */
function findBoxes(map, width, height, settings) {
  const slow = settings.det_db_score_mode === 'slow';
  let regions = [];
  eachOuterContour(map, width, height, settings.det_db_thresh, settings.use_dilation, (points, count) => {
    const rectangle = smallestRectangle(points, count);
    regions.push({
      rectangle,
      area: contourArea(points, count),
      outline: slow ? points.slice(0, count) : null,
    });
  });
  if (regions.length > MAX_CANDIDATES) {
    regions = regions.sort((a, b) => b.area - a.area).slice(0, MAX_CANDIDATES);
  }
  const boxes = [];
  for (const { rectangle, outline } of regions) {
    if (!(Math.min(rectangle.width, rectangle.height) >= MIN_SIZE)) continue;
    const score = outline
      ? meanInsideContour(map, width, outline, outline.length)
      : meanInside(map, width, height, corners(rectangle, 0));
    if (!(score >= settings.det_db_box_thresh)) continue;
    const quad = unclip(rectangle, settings.det_db_unclip_ratio);
    if (quad === null || Math.min(...sideLengths(quad)) < MIN_SIZE + 2) continue;
    boxes.push({ quad, score });
  }
  return boxes;
}

// ---------------------------------------------------------------------------------------------------------------------
// The detector's input: `letterbox.Letterbox`, `detector.best_shape`

/** Where a picture of width x height lies, centred, inside an input of inputWidth x inputHeight pixels. */
function letterbox(width, height, inputWidth, inputHeight) {
  const scale = Math.min(inputWidth / width, inputHeight / height);
  const side = (own, most) => Math.min(most, Math.max(1, roundHalfEven(own * scale)));
  const resizedWidth = side(width, inputWidth);
  const resizedHeight = side(height, inputHeight);
  return {
    scale,
    width: resizedWidth,
    height: resizedHeight,
    left: (inputWidth - resizedWidth) >> 1,
    top: (inputHeight - resizedHeight) >> 1,
    scaleX: resizedWidth / width,
    scaleY: resizedHeight / height,
  };
}

/** Where all of a letterboxed picture lies in an input, as `fillDetectorInput` is told. */
function wholeOf(box) {
  return Object.assign({ columns: box.width, rows: box.height, firstColumn: 0, firstRow: 0 }, box);
}

/** The quad of a map in pixels of the picture. */
function toPicture(quad, box) {
  const placed = new Float64Array(8);
  for (let i = 0; i < 8; i += 2) {
    placed[i] = (quad[i] - box.left) / box.scaleX;
    placed[i + 1] = (quad[i + 1] - box.top) / box.scaleY;
  }
  return placed;
}

/** Index of the [height, width] shape for a picture: the one that shows it largest, the smallest of equal ones. */
function bestShape(shapes, width, height) {
  const scales = shapes.map((shape) => Math.min(1, Math.min(shape[1] / width, shape[0] / height)));
  const enough = EQUAL_SCALE * Math.max(...scales);
  let best = -1;
  for (let i = 0; i < shapes.length; i++) {
    if (scales[i] < enough) continue;
    if (best < 0 || shapes[i][0] * shapes[i][1] < shapes[best][0] * shapes[best][1]) best = i;
  }
  return best;
}

// ---------------------------------------------------------------------------------------------------------------------
// Tiles of large pictures: `tiles`, `detector`

/** Input pixels that two neighbours share (`tiles.OVERLAP`). */
const OVERLAP = 96;
/** Most tiles of a picture (`tiles.MAX_TILES`). */
const MAX_TILES = 64;
/** A picture whose shorter side would be shrunk below this share of the input is cut (`detector.NARROWEST_SHARE`). */
const NARROWEST_SHARE = 0.25;

/** Scale at which a picture is cut into tiles; null where it is shown whole, letterboxed as `box` says. */
function tileScale(box, shape, width, height, tileBelow) {
  if (box.scale < tileBelow) return tileBelow;
  const longest = Math.max(shape[0], shape[1]);
  if (box.scale < 1 && NARROWEST_SHARE * longest > Math.min(box.width, box.height)) {
    return Math.min(1, longest / Math.min(width, height));
  }
  return null;
}

/**
 * The tiling {index, width, height, lefts, tops} of least work that shows a picture at a scale: the number of the shape, the
 * size of the resized picture, and where tiles begin in it. The scale is lowered as far as MAX_TILES asks.
 */
function planTiles(width, height, shapes, scale) {
  for (;;) {
    const toWidth = Math.max(1, roundHalfEven(width * scale));
    const toHeight = Math.max(1, roundHalfEven(height * scale));
    let best = null;
    let least = Infinity;
    shapes.forEach(([tileHeight, tileWidth], index) => {
      const lefts = startsOf(toWidth, tileWidth);
      const tops = startsOf(toHeight, tileHeight);
      const work = lefts.length * tops.length * tileHeight * tileWidth;
      if (work < least) [best, least] = [{ index, width: toWidth, height: toHeight, lefts, tops }, work];
    });
    if (best.lefts.length * best.tops.length <= MAX_TILES) return best;
    scale *= 0.9;
  }
}

/** Starts of the fewest tiles that cover a length, spread evenly. */
function startsOf(length, tile) {
  if (length <= tile) return [0];
  const overlap = Math.min(OVERLAP, tile >> 1);
  const count = Math.ceil((length - overlap) / (tile - overlap));
  return Array.from({ length: count }, (_, i) => roundHalfEven((i * (length - tile)) / (count - 1)));
}

/** Weights of a tile's pixels along one side: they rise from its borders inside the picture over the overlap. */
function ramp(length, start, whole) {
  const weights = new Float32Array(length).fill(1);
  for (let i = 0; i < Math.min(length, OVERLAP); i++) {
    const weight = Math.fround((i + 1) / OVERLAP);
    if (start > 0) weights[i] = Math.min(weights[i], weight);
    if (start + length < whole) weights[length - 1 - i] = Math.min(weights[length - 1 - i], weight);
  }
  return weights;
}

// ---------------------------------------------------------------------------------------------------------------------
// Resizing: `cv2.resize` with INTER_LINEAR and INTER_AREA on bytes

/**
 * Taps of `count` pixels from `start` on of one axis of a linear resize, in 2048ths. `area` gives the weights that
 * INTER_AREA uses where it enlarges.
 */
function linearTaps(from, to, area, start = 0, count = to) {
  const inverse = to / from;
  const scale = 1 / inverse;
  const first = new Int32Array(count);
  const second = new Int32Array(count);
  const weight = new Int32Array(count);
  for (let k = 0; k < count; k++) {
    const i = start + k;
    let at;
    let rest;
    if (area) {
      at = Math.floor(i * scale);
      rest = Math.fround(i + 1 - (at + 1) * inverse);
      rest = rest <= 0 ? 0 : rest - Math.floor(rest);
    } else {
      const position = (i + 0.5) * scale - 0.5;
      at = Math.floor(position);
      rest = position - at;
    }
    if (at < 0) [at, rest] = [0, 0];
    if (at >= from - 1) [at, rest] = [from - 1, 0];
    first[k] = at;
    second[k] = Math.min(at + 1, from - 1);
    weight[k] = roundHalfEven(Math.fround(rest) * 2048);
  }
  return { first, second, weight };
}

/** Resize pixels of `channels` bytes; three channels are written to `out`. */
function resizeLinear(pixels, width, height, channels, toWidth, toHeight, area, out) {
  interpolate(pixels, width, channels, linearTaps(width, toWidth, area), linearTaps(height, toHeight, area), out);
}

/** Interpolate pixels in rows of `width` at the taps of columns and rows. */
function interpolate(pixels, width, channels, columns, rows, out) {
  const toWidth = columns.first.length;
  const toHeight = rows.first.length;
  const above = new Int32Array(3 * toWidth);
  const below = new Int32Array(3 * toWidth);
  let aboveRow = -1;
  let belowRow = -1;
  const blend = (row, target) => {
    const base = row * width * channels;
    for (let x = 0, to = 0; x < toWidth; x++) {
      const a = base + columns.first[x] * channels;
      const b = base + columns.second[x] * channels;
      const right = columns.weight[x];
      const left = 2048 - right;
      target[to++] = (pixels[a] * left + pixels[b] * right) >> 4;
      target[to++] = (pixels[a + 1] * left + pixels[b + 1] * right) >> 4;
      target[to++] = (pixels[a + 2] * left + pixels[b + 2] * right) >> 4;
    }
  };
  for (let y = 0, to = 0; y < toHeight; y++) {
    const upper = rows.first[y];
    const lower = rows.second[y];
    if (aboveRow !== upper) {
      if (belowRow === upper) above.set(below);
      else blend(upper, above);
      aboveRow = upper;
    }
    if (belowRow !== lower) {
      blend(lower, below);
      belowRow = lower;
    }
    const down = rows.weight[y];
    const up = 2048 - down;
    for (let i = 0; i < above.length; i++, to++) {
      out[to] = (((up * above[i]) >> 16) + ((down * below[i]) >> 16) + 2) >> 2;
    }
  }
}

/** Taps of one axis of a resize that averages: for each target the source pixels and their shares. */
function areaTaps(from, to) {
  const scale = 1 / (to / from);
  const start = new Int32Array(to + 1);
  const source = [];
  const share = [];
  for (let i = 0; i < to; i++) {
    const begin = i * scale;
    const end = begin + scale;
    const cell = Math.min(scale, from - begin);
    let first = Math.ceil(begin);
    const last = Math.min(Math.floor(end), from - 1);
    first = Math.min(first, last);
    if (first - begin > 1e-3) source.push(first - 1), share.push((first - begin) / cell);
    for (let at = first; at < last; at++) source.push(at), share.push(1 / cell);
    if (end - last > 1e-3) source.push(last), share.push(Math.min(end - last, 1, cell) / cell);
    start[i + 1] = source.length;
  }
  return { start, source: Int32Array.from(source), share: Float64Array.from(share) };
}

/** Shrink RGB bytes by averaging. */
function resizeArea(pixels, width, height, toWidth, toHeight, out) {
  // By whole factors OpenCV adds integers and multiplies once in single precision; by two it rounds halves up.
  const cells = width % toWidth === 0 && height % toHeight === 0 ? (width / toWidth) * (height / toHeight) : 0;
  const half = width === 2 * toWidth && height === 2 * toHeight;
  const share = Math.fround(1 / cells);
  const columns = areaTaps(width, toWidth);
  const rows = areaTaps(height, toHeight);
  const narrow = new Float64Array(3 * toWidth);
  const total = new Float64Array(3 * toWidth);
  for (let y = 0; y < toHeight; y++) {
    total.fill(0);
    for (let i = rows.start[y]; i < rows.start[y + 1]; i++) {
      const base = rows.source[i] * width * 3;
      for (let x = 0; x < toWidth; x++) {
        let red = 0;
        let green = 0;
        let blue = 0;
        for (let k = columns.start[x]; k < columns.start[x + 1]; k++) {
          const at = base + 3 * columns.source[k];
          const share = columns.share[k];
          red += pixels[at] * share;
          green += pixels[at + 1] * share;
          blue += pixels[at + 2] * share;
        }
        narrow[3 * x] = red;
        narrow[3 * x + 1] = green;
        narrow[3 * x + 2] = blue;
      }
      const weight = rows.share[i];
      for (let x = 0; x < narrow.length; x++) total[x] += weight * narrow[x];
    }
    for (let x = 0, to = y * total.length; x < total.length; x++, to++) {
      const value = cells ? Math.fround(Math.round(total[x] * cells) * share) : total[x];
      out[to] = half ? Math.floor(value + 0.5) : roundHalfEven(value);
    }
  }
}

/**
 * Write RGB bytes as values 0 to 255 into a model's input: `layout` "NHWC" as in Lens Studio or "NCHW" as in ONNX
 * Runtime; what the pixels do not cover is left as it is.
 */
function writeInput(pixels, width, height, left, top, input, inputWidth, inputHeight, layout) {
  const planar = layout === 'NCHW';
  const plane = planar ? inputWidth * inputHeight : 1;
  const step = planar ? 1 : 3;
  for (let y = 0, from = 0; y < height; y++) {
    let to = ((y + top) * inputWidth + left) * step;
    for (let x = 0; x < width; x++, from += 3, to += step) {
      input[to] = pixels[from];
      input[to + plane] = pixels[from + 1];
      input[to + 2 * plane] = pixels[from + 2];
    }
  }
}

/** Fill a model's input with one colour [R, G, B]. */
function fillInput(input, colour, inputWidth, inputHeight, layout) {
  const plane = inputWidth * inputHeight;
  if (layout === 'NCHW') {
    for (let c = 0; c < 3; c++) input.fill(colour[c], c * plane, (c + 1) * plane);
  } else if (colour[0] === colour[1] && colour[1] === colour[2]) {
    input.fill(colour[0], 0, 3 * plane);
  } else {
    for (let i = 0; i < 3 * plane; i++) input[i] = colour[i % 3];
  }
}

const scaledBuffer = growing(Uint8Array);

/**
 * Write a picture {pixels (RGBA), width, height} into the detector's input, the rest black: of the picture resized to the
 * width and height of `place`, its `columns` from `firstColumn` and `rows` from `firstRow` on, at `left`, `top`.
 */
function fillDetectorInput(picture, place, input, inputWidth, inputHeight, layout) {
  const { width, height, columns, rows } = place;
  const scaled = scaledBuffer(3 * columns * rows);
  const across = linearTaps(picture.width, width, false, place.firstColumn, columns);
  const down = linearTaps(picture.height, height, false, place.firstRow, rows);
  interpolate(picture.pixels, picture.width, picture.channels || 4, across, down, scaled);
  fillInput(input, [0, 0, 0], inputWidth, inputHeight, layout);
  writeInput(scaled, columns, rows, place.left, place.top, input, inputWidth, inputHeight, layout);
}

// ---------------------------------------------------------------------------------------------------------------------
// Line crops: `crops.crop_quad` (`cv2.warpPerspective` with INTER_CUBIC and a repeated border)

const CUBIC = -0.75;

/** Write the four weights of a cubic interpolation at a fraction between two pixels. */
function cubicWeights(fraction, weights, at) {
  const rest = 1 - fraction;
  const near = fraction + 1;
  weights[at] = ((CUBIC * near - 5 * CUBIC) * near + 8 * CUBIC) * near - 4 * CUBIC;
  weights[at + 1] = ((CUBIC + 2) * fraction - (CUBIC + 3)) * fraction * fraction + 1;
  weights[at + 2] = ((CUBIC + 2) * rest - (CUBIC + 3)) * rest * rest + 1;
  weights[at + 3] = 1 - weights[at] - weights[at + 1] - weights[at + 2];
}

/** The map from the unit square to a quad as [a, b, c, d, e, f, g, h]: x = (a u + b v + c) / (g u + h v + 1). */
function squareToQuad(quad) {
  const [x0, y0, x1, y1, x2, y2, x3, y3] = Array.from(quad, (value) => Math.fround(Math.fround(value) - 0.5));
  const sumX = x0 - x1 + x2 - x3;
  const sumY = y0 - y1 + y2 - y3;
  const determinant = (x1 - x2) * (y3 - y2) - (x3 - x2) * (y1 - y2);
  let g = 0;
  let h = 0;
  // Sides that are parallel but for rounding are parallel: the crop is then affine.
  if ((Math.abs(sumX) > 1e-4 || Math.abs(sumY) > 1e-4) && determinant !== 0) {
    g = (sumX * (y3 - y2) - (x3 - x2) * sumY) / determinant;
    h = ((x1 - x2) * sumY - sumX * (y1 - y2)) / determinant;
  }
  return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h];
}

/** The crop of a quad without its pixels: the quad, and its size in whole pixels. */
function cropOf(quad) {
  const [width, height] = sideLengths(quad).map((side) => (side > 1 ? roundHalfEven(side) : 1));
  return { quad, width, height, pixels: null };
}

const cubicColumns = growing(Float64Array);
const cubicStarts = growing(Int32Array);
const cubicRow = growing(Float64Array);
const cubicRows = new Float64Array(4);

/** {quad, width, height, pixels (RGB)}: the content of a quad as an upright rectangle, `pixels` null without a picture's. */
function cropLine(picture, quad) {
  const crop = cropOf(quad);
  if (!picture.pixels) return crop;
  const map = squareToQuad(quad);
  crop.pixels = new Uint8Array(3 * crop.width * crop.height);
  const upright = map[6] === 0 && map[7] === 0 && Math.abs(map[1]) < 1e-4 && Math.abs(map[3]) < 1e-4;
  (upright ? cropUpright : cropTurned)(picture, map, crop);
  return crop;
}

/** The crop of a rectangle whose sides are the picture's directions: rows first, then columns. */
function cropUpright(picture, map, crop) {
  const { pixels, width, height } = picture;
  const weights = cubicColumns(4 * crop.width);
  const starts = cubicStarts(crop.width);
  for (let x = 0; x < crop.width; x++) {
    const position = (map[0] * (x + 0.5)) / crop.width + map[2];
    starts[x] = Math.floor(position);
    cubicWeights(position - starts[x], weights, 4 * x);
  }
  const low = Math.min(starts[0], starts[crop.width - 1]) - 1;
  const reach = Math.abs(starts[crop.width - 1] - starts[0]) + 4;
  const row = cubicRow(3 * reach);
  const out = crop.pixels;
  for (let y = 0, to = 0; y < crop.height; y++) {
    const position = (map[4] * (y + 0.5)) / crop.height + map[5];
    const start = Math.floor(position);
    cubicWeights(position - start, cubicRows, 0);
    const r0 = 4 * width * clamp(start - 1, 0, height - 1);
    const r1 = 4 * width * clamp(start, 0, height - 1);
    const r2 = 4 * width * clamp(start + 1, 0, height - 1);
    const r3 = 4 * width * clamp(start + 2, 0, height - 1);
    const [w0, w1, w2, w3] = cubicRows;
    for (let i = 0, at = 0; i < reach; i++, at += 3) {
      const x = 4 * clamp(low + i, 0, width - 1);
      row[at] = pixels[r0 + x] * w0 + pixels[r1 + x] * w1 + pixels[r2 + x] * w2 + pixels[r3 + x] * w3;
      row[at + 1] =
        pixels[r0 + x + 1] * w0 + pixels[r1 + x + 1] * w1 + pixels[r2 + x + 1] * w2 + pixels[r3 + x + 1] * w3;
      row[at + 2] =
        pixels[r0 + x + 2] * w0 + pixels[r1 + x + 2] * w1 + pixels[r2 + x + 2] * w2 + pixels[r3 + x + 2] * w3;
    }
    for (let x = 0; x < crop.width; x++) {
      const k = 4 * x;
      let at = 3 * (starts[x] - 1 - low);
      for (let c = 0; c < 3; c++, at++) {
        const value =
          row[at] * weights[k] + row[at + 3] * weights[k + 1] + row[at + 6] * weights[k + 2] + row[at + 9] * weights[k + 3];
        out[to++] = value <= 0 ? 0 : value >= 255 ? 255 : roundHalfEven(value);
      }
    }
  }
}

/** The crop of any quad: each pixel from its sixteen neighbours. */
function cropTurned(picture, map, crop) {
  const { pixels, width, height } = picture;
  const [a, b, c, d, e, f, g, h] = map;
  const out = crop.pixels;
  const across = cubicColumns(8);
  const down = cubicRows;
  for (let y = 0, to = 0; y < crop.height; y++) {
    const v = (y + 0.5) / crop.height;
    for (let x = 0; x < crop.width; x++, to += 3) {
      const u = (x + 0.5) / crop.width;
      const depth = 1 / (g * u + h * v + 1);
      // Far outside the border is the same everywhere, and NaN becomes a corner.
      const px = clamp((a * u + b * v + c) * depth, -9, width + 9) || 0;
      const py = clamp((d * u + e * v + f) * depth, -9, height + 9) || 0;
      const left = Math.floor(px);
      const top = Math.floor(py);
      cubicWeights(px - left, across, 0);
      cubicWeights(py - top, down, 0);
      const w0 = across[0];
      const w1 = across[1];
      const w2 = across[2];
      const w3 = across[3];
      const x0 = 4 * clamp(left - 1, 0, width - 1);
      const x1 = 4 * clamp(left, 0, width - 1);
      const x2 = 4 * clamp(left + 1, 0, width - 1);
      const x3 = 4 * clamp(left + 2, 0, width - 1);
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let j = 0; j < 4; j++) {
        const weight = down[j];
        const r = 4 * width * clamp(top - 1 + j, 0, height - 1);
        red += weight * (w0 * pixels[r + x0] + w1 * pixels[r + x1] + w2 * pixels[r + x2] + w3 * pixels[r + x3]);
        green +=
          weight * (w0 * pixels[r + x0 + 1] + w1 * pixels[r + x1 + 1] + w2 * pixels[r + x2 + 1] + w3 * pixels[r + x3 + 1]);
        blue +=
          weight * (w0 * pixels[r + x0 + 2] + w1 * pixels[r + x1 + 2] + w2 * pixels[r + x2 + 2] + w3 * pixels[r + x3 + 2]);
      }
      out[to] = red <= 0 ? 0 : red >= 255 ? 255 : roundHalfEven(red);
      out[to + 1] = green <= 0 ? 0 : green >= 255 ? 255 : roundHalfEven(green);
      out[to + 2] = blue <= 0 ? 0 : blue >= 255 ? 255 : roundHalfEven(blue);
    }
  }
}

/** Columns [start, end) of a crop as a crop. */
function columnsOf(crop, start, end) {
  const width = end - start;
  const part = { quad: partOfQuad(crop.quad, start / crop.width, end / crop.width), width, height: crop.height, pixels: null };
  if (crop.pixels) {
    part.pixels = new Uint8Array(3 * width * crop.height);
    for (let y = 0; y < crop.height; y++) {
      const from = 3 * (y * crop.width + start);
      part.pixels.set(crop.pixels.subarray(from, from + 3 * width), 3 * y * width);
    }
  }
  return part;
}

/** The corners of a quad, beginning with corner `first`. */
function rolled(quad, first) {
  const turned = new Float64Array(8);
  for (let i = 0; i < 8; i++) turned[i] = quad[(i + 2 * first) & 7];
  return turned;
}

/** The part of a quad between fractions of its width and of its height. */
function cellOfQuad(quad, left, right, top, bottom) {
  return rolled(partOfQuad(rolled(partOfQuad(quad, left, right), 1), top, bottom), 3);
}

/** The part of a line's quad between two fractions of its length (`crops.part_of_quad`). */
function partOfQuad(quad, start, end) {
  const part = new Float64Array(8);
  for (let i = 0; i < 2; i++) {
    const top = quad[2 + i] - quad[i];
    const bottom = quad[4 + i] - quad[6 + i];
    part[i] = quad[i] + start * top;
    part[2 + i] = quad[i] + end * top;
    part[4 + i] = quad[6 + i] + end * bottom;
    part[6 + i] = quad[6 + i] + start * bottom;
  }
  return part;
}

// ---------------------------------------------------------------------------------------------------------------------
// The recognizer's input: `line_input`, `line_split`

/** Width of a crop at an input's height, at least 1. */
function inputLength(crop, height) {
  return Math.max(1, Math.ceil((crop.width * height) / crop.height));
}

/** Scale the pixels of a crop to toWidth x toHeight; with `averaging` a higher crop is averaged (`scale_line`). */
function scaleLine(crop, toWidth, toHeight, averaging, out) {
  const { pixels, width, height } = crop;
  if (width === toWidth && height === toHeight) out.set(pixels);
  else if (!averaging || height <= toHeight) resizeLinear(pixels, width, height, 3, toWidth, toHeight, false, out);
  else if (width < toWidth) resizeLinear(pixels, width, height, 3, toWidth, toHeight, true, out);
  else resizeArea(pixels, width, height, toWidth, toHeight, out);
}

/** Write a crop, `length` pixels long, into the input of a recognizer or classifier; the rest is `padding`
 * [R, G, B]. Returns the scaled RGB bytes, which hold until the next picture. */
function fillLineInput(crop, length, padding, averaging, input, inputWidth, inputHeight, layout) {
  const scaled = scaledBuffer(3 * length * inputHeight);
  scaleLine(crop, length, inputHeight, averaging, scaled);
  fillInput(input, padding, inputWidth, inputHeight, layout);
  writeInput(scaled, length, inputHeight, 0, 0, input, inputWidth, inputHeight, layout);
  return scaled;
}

/** A cut may lie so far from the even division (`line_split.SEARCH`). */
const SEARCH = 0.25;
/** A gap so wide, as a fraction of the height, is taken for a space (`line_split.WORD_GAP`). */
const WORD_GAP = 0.25;

/** Parts [start, end, wordGapBefore] of a crop, each at most `most` pixels wide (`line_split.split_columns`). */
function splitColumns(crop, most) {
  const { width, height } = crop;
  const count = Math.ceil((width * (1 + SEARCH)) / most);
  if (count <= 1) return [[0, width, false]];
  const part = width / count;
  const empty = emptyColumns(crop);
  const cuts = [0];
  const gaps = [false];
  for (let i = 1; i < count; i++) {
    const reach = (part * SEARCH) / 2;
    const first = Math.trunc(i * part - reach);
    const [start, end] = longestRun(empty, first, Math.ceil(i * part + reach));
    cuts.push(end > start ? first + ((start + end) >> 1) : roundHalfEven(i * part));
    gaps.push(end - start >= WORD_GAP * height);
  }
  return cuts.map((cut, i) => [cut, i + 1 < count ? cuts[i + 1] : width, gaps[i]]);
}

/** Grey value of an RGB pixel, as `cv2.cvtColor` computes it. */
function greyOf(pixels, at) {
  return (pixels[at] * 9798 + pixels[at + 1] * 19235 + pixels[at + 2] * 3735 + 16384) >> 15;
}

/** For each column whether it shows no ink; without pixels no column is known to be empty. */
function emptyColumns(crop) {
  const { pixels, width, height } = crop;
  if (!pixels) return new Array(width).fill(false);
  const spread = new Float64Array(width);
  for (let x = 0; x < width; x++) {
    let low = 255;
    let high = 0;
    for (let y = 0; y < height; y++) {
      const grey = greyOf(pixels, 3 * (y * width + x));
      if (grey < low) low = grey;
      if (grey > high) high = grey;
    }
    spread[x] = high - low;
  }
  const middle = (spread.reduce((a, b) => Math.min(a, b)) + spread.reduce((a, b) => Math.max(a, b))) / 2;
  return Array.from(spread, (column) => column < middle);
}

/** [start, end) of the first longest run of true values within [first, last), counted from `first`. */
function longestRun(flags, first, last) {
  let best = [0, 0];
  let start = -1;
  const end = Math.min(last, flags.length);
  for (let i = first; i <= end; i++) {
    if (i < end && flags[i]) {
      if (start < 0) start = i;
    } else if (start >= 0) {
      if (i - start > best[1] - best[0]) best = [start - first, i - first];
      start = -1;
    }
  }
  return best;
}

// ---------------------------------------------------------------------------------------------------------------------
// Text: `ctc`, `text_direction`, `reader`

/** Softmax of each step, in place, for a recognizer that gives scores. */
function softmaxSteps(scores, classes) {
  for (let start = 0; start + classes <= scores.length; start += classes) {
    let most = -Infinity;
    for (let c = start; c < start + classes; c++) if (scores[c] > most) most = scores[c];
    let total = 0;
    for (let c = start; c < start + classes; c++) total += scores[c] = Math.exp(scores[c] - most);
    for (let c = start; c < start + classes; c++) scores[c] /= total;
  }
}

/** Numbers of the classes that may be written: the blank, and entries made of allowed characters alone; null for all. */
function allowedClasses(characters, allowed) {
  if (allowed === null || allowed === undefined) return null;
  const set = new Set(Array.from(allowed));
  return Int32Array.from(
    characters.reduce((kept, entry, index) => {
      if (index === 0 || (entry !== '' && Array.from(entry).every((one) => set.has(one)))) kept.push(index);
      return kept;
    }, [])
  );
}

const NEITHER = { characters: [], confidences: [], starts: [], ends: [] };

/**
 * Greedy CTC (`ctc.decode`) of [steps, classes] probabilities: {characters, confidences, starts, ends}, one entry for
 * each character, with the steps [start, end) it was read from. `characters[i]` is what class i writes, `allowed` the
 * numbers of the classes to choose from, or null.
 */
function decode(probabilities, characters, allowed) {
  const classes = characters.length;
  const steps = Math.floor(probabilities.length / classes);
  if (steps === 0) return NEITHER;
  const text = { characters: [], confidences: [], starts: [], ends: [] };
  let run = -1;
  let runStart = 0;
  for (let t = 0; t <= steps; t++) {
    let best = -2;
    if (t < steps) {
      const base = t * classes;
      best = 0;
      let most = probabilities[base];
      if (allowed === null) {
        for (let c = 1; c < classes; c++) if (probabilities[base + c] > most) most = probabilities[base + (best = c)];
      } else {
        for (let k = 1; k < allowed.length; k++) {
          const c = allowed[k];
          if (probabilities[base + c] > most) most = probabilities[base + (best = c)];
        }
      }
    }
    if (best === run) continue;
    if (run > 0) {
      for (const character of characters[run]) {
        text.characters.push(character);
        text.confidences.push(probabilities[runStart * classes + run]);
        text.starts.push(runStart);
        text.ends.push(t);
      }
    }
    run = best;
    runStart = t;
  }
  return text;
}

const OPENING = '([{<\u00ab';
const CLOSING = ')]}>\u00bb';
/** Brackets that the bidirectional algorithm pairs (rule N0). */
const PAIRED = 3;
const MAX_STEPS = 8;
/** What PaddleOCR leaves in order inside a right-to-left line (`text_direction._LEFT_TO_RIGHT`). */
const KEPT_IN_ORDER = /^[a-zA-Z0-9 :*./%+-]$/;

function mirrored(character) {
  const opening = OPENING.indexOf(character);
  const closing = CLOSING.indexOf(character);
  return opening >= 0 ? CLOSING[opening] : closing >= 0 ? OPENING[closing] : character;
}

/**
 * The text of a right-to-left line as it is stored: {characters, order}, the index in `seen` of each character
 * (`text_direction.logical_order`, which leaves the bidirectional algorithm to python-bidi; here it is written out for one
 * line); in the order "paddleocr" what PaddleOCR writes. `classes` gives the characters of each bidirectional class but L: {R: "...", AL: "...", EN: "...", ...}.
 */
function logicalOrder(seen, classes, bidiOrder = 'unicode') {
  if (bidiOrder === 'paddleocr') {
    const order = runsFromTheRight(seen.map((character) => KEPT_IN_ORDER.test(character)));
    return { characters: order.map((i) => seen[i]), order };
  }
  const turned = seen.map(mirrored);
  const plain = orderLaidOutAs(seen, classes);
  const reading = { characters: plain.map((i) => seen[i]), order: plain };
  if (turned.every((character, i) => character === seen[i]) || opensFirst(reading.characters)) return reading;
  const order = orderLaidOutAs(turned, classes);
  const other = { characters: order.map((i) => turned[i]), order };
  return opensFirst(other.characters) ? other : reading;
}

/** The order in which the characters are laid out as `seen`: the layout inverted, by trial. */
function orderLaidOutAs(seen, classes) {
  let first = 0;
  let last = seen.length;
  while (first < last && seen[first].trim() === '') first++;
  while (last > first && seen[last - 1].trim() === '') last--;
  const core = seen.slice(first, last);
  let order = layOut(core, classes);
  for (let step = 0; step < MAX_STEPS; step++) {
    const shown = layOut(
      order.map((i) => core[i]),
      classes
    );
    if (shown.every((place, i) => order[place] === i)) break;
    const next = new Array(core.length);
    shown.forEach((place, i) => (next[place] = i));
    order = next;
  }
  const indices = seen.map((_, i) => i);
  return [...indices.slice(last), ...order.map((i) => i + first), ...indices.slice(0, first)];
}

/** Whether brackets are balanced, each opened before it is closed. */
function opensFirst(text) {
  const depth = [0, 0, 0, 0, 0];
  for (const character of text) {
    if (OPENING.includes(character)) depth[OPENING.indexOf(character)]++;
    else if (CLOSING.includes(character) && --depth[CLOSING.indexOf(character)] < 0) return false;
  }
  return depth.every((open) => open === 0);
}

/** For each place from the left, the index in a right-to-left text of what is shown there (UAX #9, one line, level 1). */
function layOut(text, classes) {
  const kinds = text.map((character) => {
    for (const kind in classes) if (classes[kind].includes(character)) return kind === 'WS' || kind === 'B' || kind === 'S' ? 'ON' : kind;
    return character.trim() === '' ? 'ON' : 'L';
  });
  const count = kinds.length;
  // W1 to W7: marks, European numbers after Arabic letters, separators and terminators, European numbers after Latin ones.
  kinds.forEach((kind, i) => {
    if (kind === 'NSM') kinds[i] = i > 0 ? kinds[i - 1] : 'R';
  });
  let strong = 'R';
  for (let i = 0; i < count; i++) {
    if (kinds[i] === 'R' || kinds[i] === 'L' || kinds[i] === 'AL') strong = kinds[i];
    else if (kinds[i] === 'EN' && strong === 'AL') kinds[i] = 'AN';
  }
  for (let i = 0; i < count; i++) if (kinds[i] === 'AL') kinds[i] = 'R';
  for (let i = 1; i + 1 < count; i++) {
    const beside = kinds[i - 1];
    if (beside !== kinds[i + 1]) continue;
    if ((kinds[i] === 'ES' && beside === 'EN') || (kinds[i] === 'CS' && (beside === 'EN' || beside === 'AN'))) kinds[i] = beside;
  }
  for (let i = 0; i < count; i++) {
    if (kinds[i] !== 'ET') continue;
    let end = i;
    while (end < count && kinds[end] === 'ET') end++;
    const number = (i > 0 && kinds[i - 1] === 'EN') || kinds[end] === 'EN';
    for (; i < end; i++) kinds[i] = number ? 'EN' : 'ON';
    i--;
  }
  strong = 'R';
  for (let i = 0; i < count; i++) {
    if (kinds[i] === 'ES' || kinds[i] === 'CS' || kinds[i] === 'BN') kinds[i] = 'ON';
    if (kinds[i] === 'R' || kinds[i] === 'L') strong = kinds[i];
    else if (kinds[i] === 'EN' && strong === 'L') kinds[i] = 'L';
  }
  settleBrackets(text, kinds);
  // N1 and N2: what is neutral goes with equal neighbours, else with the line.
  for (let i = 0; i < count; i++) {
    if (kinds[i] !== 'ON') continue;
    let end = i;
    while (end < count && kinds[end] === 'ON') end++;
    const left = i > 0 && kinds[i - 1] === 'L' && end < count && kinds[end] === 'L';
    for (; i < end; i++) kinds[i] = left ? 'L' : 'R';
    i--;
  }
  // I2 and L2: from the right, runs of Latin letters and of numbers from the left.
  const order = runsFromTheRight(kinds.map((kind) => kind !== 'R'));
  // Equal brackets may stand for one another; the Python reader takes the last first.
  for (const bracket of OPENING + CLOSING) {
    const places = order.map((_, place) => place).filter((place) => text[order[place]] === bracket);
    const indices = places.map((place) => order[place]).sort((x, y) => y - x);
    places.forEach((place, i) => (order[place] = indices[i]));
  }
  return order;
}

/** The indices of what is to be turned around, all but the runs that keep their order. */
function runsFromTheRight(keeps) {
  const order = [];
  for (let end = keeps.length; end > 0; ) {
    let start = end - 1;
    if (keeps[start]) while (start > 0 && keeps[start - 1]) start--;
    for (let i = start; i < end; i++) order.push(i);
    end = start;
  }
  return order;
}

/** Rule N0: a pair of brackets goes with the line's direction where any such text is inside, else with its surroundings. */
function settleBrackets(text, kinds) {
  const pairs = [];
  const open = [];
  for (let i = 0; i < text.length; i++) {
    if (kinds[i] !== 'ON') continue;
    const opening = OPENING.indexOf(text[i]);
    const closing = CLOSING.indexOf(text[i]);
    if (opening >= 0 && opening < PAIRED) open.push([opening, i]);
    if (closing < 0 || closing >= PAIRED) continue;
    for (let k = open.length - 1; k >= 0; k--) {
      if (open[k][0] !== closing) continue;
      pairs.push([open[k][1], i]);
      open.length = k;
      break;
    }
  }
  const direction = (kind) => (kind === 'EN' || kind === 'AN' ? 'R' : kind);
  for (const [start, end] of pairs.sort((a, b) => a[0] - b[0])) {
    const inside = kinds.slice(start + 1, end).map(direction);
    let settled = null;
    if (inside.includes('R')) settled = 'R';
    else if (inside.includes('L')) {
      settled = 'R';
      for (let i = start - 1; i >= 0; i--) {
        const before = direction(kinds[i]);
        if (before !== 'L' && before !== 'R') continue;
        settled = before;
        break;
      }
    }
    if (settled) kinds[start] = kinds[end] = settled;
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Spaces that a recognizer sees and does not write: `spaces`

const EDGE = 0.1;
const PAPER = 0.02;
const INK = 0.8;
const MIN_CONTRAST = 5;

/** How empty each column of RGB bytes is: 1 for paper, 0 for ink, squared between (`spaces._emptiness`). */
function emptiness(pixels, width, height) {
  const edge = Math.trunc(EDGE * height);
  const contrast = new Float64Array(width);
  for (let x = 0; x < width; x++) {
    let low = 255;
    let high = 0;
    for (let y = edge; y < height - edge; y++) {
      const grey = greyOf(pixels, 3 * (y * width + x));
      if (grey < low) low = grey;
      if (grey > high) high = grey;
    }
    contrast[x] = high - low;
  }
  const ordered = contrast.slice().sort();
  const paper = ordered[Math.trunc(PAPER * (width - 1))];
  const ink = ordered[Math.trunc(INK * (width - 1))];
  for (let x = 0; x < width; x++) {
    const empty = 1 - clamp((contrast[x] - paper) / (ink - paper + MIN_CONTRAST), 0, 1);
    contrast[x] = empty * empty;
  }
  return contrast;
}

function median(numbers) {
  const ordered = Float64Array.from(numbers).sort();
  const middle = ordered.length >> 1;
  return ordered.length % 2 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
}

/** Whether a character is of East Asian writing, in which words follow one another without spaces. */
function isUnspaced(character) {
  const code = character.codePointAt(0);
  return (code >= 0x2e80 && code <= 0x9fff) || (code >= 0xf900 && code <= 0xffef) || code > 0x1ffff;
}

/**
 * Add to a decoded text the spaces that are likely (`spaces.insert_spaces`), with their probability as confidence.
 * `space` is the probability of the space in each step, `empty` how empty each column of the line is, or null where no
 * pixels are at hand, `height` that of the line. `rule` has the weights of the evidence, the constant term, the log10 of the
 * least summed probability that is told from none, and the probability from which a space is inserted.
 */
function insertSpaces(decoded, space, empty, height, columnsPerStep, rule) {
  const { characters } = decoded;
  const seen = [];
  for (let i = 0; i < characters.length; i++) if (characters[i] !== ' ') seen.push(i);
  if (seen.length < 2) return decoded;
  const starts = seen.map((i) => decoded.starts[i]);
  const gaps = starts.slice(1).map((next, i) => (empty ? sumBetween(empty, starts[i], next, columnsPerStep) / height : 0));
  const pitches = starts.slice(1).map((next, i) => next - starts[i]);
  const usualGap = median(gaps);
  const usualPitch = Math.max(1, median(pitches));
  const spaced = { characters: [], confidences: [], starts: [], ends: [] };
  let pair = 0;
  for (let i = 0; i < characters.length; i++) {
    if (pair > 0 && pair < seen.length && seen[pair] === i && i - seen[pair - 1] === 1) {
      const left = i - 1;
      let believed = 0;
      for (let t = starts[pair - 1]; t < starts[pair]; t++) believed += space[t];
      const evidence =
        rule.log_probability * Math.log10(Math.max(believed, Math.pow(10, rule.silence))) +
        rule.gap * (gaps[pair - 1] - usualGap) +
        (rule.pitch * pitches[pair - 1]) / usualPitch +
        rule.constant;
      const chance = 1 / (1 + Math.exp(-evidence));
      if (chance >= rule.likely && !isUnspaced(characters[left]) && !isUnspaced(characters[i])) {
        const middle = (decoded.ends[left] + decoded.starts[i]) >> 1;
        spaced.characters.push(' ');
        spaced.confidences.push(chance);
        spaced.starts.push(middle);
        spaced.ends.push(middle);
      }
    }
    if (pair < seen.length && seen[pair] === i) pair++;
    spaced.characters.push(characters[i]);
    spaced.confidences.push(decoded.confidences[i]);
    spaced.starts.push(decoded.starts[i]);
    spaced.ends.push(decoded.ends[i]);
  }
  return spaced;
}

/** Sum of the columns from the middle of one step to the middle of another. */
function sumBetween(columns, from, to, columnsPerStep) {
  const at = (step) => clamp(Math.floor((step + 0.5) * columnsPerStep), 0, columns.length);
  let total = 0;
  for (let x = at(from), end = at(to); x < end; x++) total += columns[x];
  return total;
}

/** Probability of the space in each step, summed over its classes. */
function spaceProbability(probabilities, classes, spaceClasses) {
  const space = new Float64Array(Math.floor(probabilities.length / classes));
  for (let t = 0; t < space.length; t++) for (const c of spaceClasses) space[t] += probabilities[t * classes + c];
  return space;
}

// ---------------------------------------------------------------------------------------------------------------------
// Directions, and the order of lines: `directions`, `reading_order`
//
// A direction is an angle in degrees on the screen, clockwise: 0 to the right, 90 down. A quad is read in the direction of
// its first side.

const SAME_ROW = 0.5;
/** A box so many times longer than wide tells along which axis its text runs (`crops.VERTICAL_RATIO`). */
const VERTICAL_RATIO = 1.5;
/** Directions that differ by less belong together (`directions.ALIGNED`). */
const ALIGNED = 30;
/** Of two opposite directions the one nearer to this angle is tried first (`directions.DOWNWARDS`). */
const DOWNWARDS = 15;

function direction(quad) {
  return (
    (Math.atan2(quad[3] + quad[5] - quad[1] - quad[7], quad[2] + quad[4] - quad[0] - quad[6]) * 180) / Math.PI
  );
}

/** Remainder that is never negative, as Python's. */
function modulo(value, divisor) {
  return ((value % divisor) + divisor) % divisor;
}

function angleBetween(first, second) {
  return Math.abs(modulo(first - second + 180, 360) - 180);
}

function isElongated(quad) {
  const [width, height] = sideLengths(quad);
  return Math.max(width, height) >= VERTICAL_RATIO * Math.min(width, height);
}

function isLying(quad) {
  const [width, height] = sideLengths(quad);
  return width > height;
}

/** The quad begun at each corner at which its text may begin, the page's direction first (`ways_to_read`). */
function waysToRead(quad, page) {
  let ways = [0, 1, 2, 3].map((quarters) => rolled(quad, quarters));
  if (isElongated(quad)) ways = ways.filter(isLying);
  const away = (way) => Math.round(angleBetween(direction(way), page + DOWNWARDS) * 1000);
  return ways.sort((a, b) => away(a) - away(b));
}

/** The quad begun so that its direction is nearest to the page's, whatever its shape. */
function upright(quad, page) {
  let best = quad;
  for (let quarters = 1; quarters < 4; quarters++) {
    const way = rolled(quad, quarters);
    if (angleBetween(direction(way), page) < angleBetween(direction(best), page)) best = way;
  }
  return best;
}

/** [direction, weight] with which most weight is aligned: the weighted median of those that agree (`main_direction`). */
function mainDirection(angles, weights) {
  if (angles.length === 0) return [0, 0];
  const apart = (i, j) => modulo(angles[j] - angles[i] + 180, 360) - 180;
  let best = -1;
  let support = -1;
  for (let i = 0; i < angles.length; i++) {
    let total = 0;
    for (let j = 0; j < angles.length; j++) if (Math.abs(apart(i, j)) <= ALIGNED) total += weights[j];
    total = Math.round(total * 1e6) / 1e6;
    if (total > support || (total === support && Math.abs(angles[i]) < Math.abs(angles[best]))) [best, support] = [i, total];
  }
  const members = angles
    .map((_, j) => j)
    .filter((j) => Math.abs(apart(best, j)) <= ALIGNED)
    .sort((x, y) => apart(best, x) - apart(best, y));
  const half = members.reduce((total, j) => total + weights[j], 0) / 2;
  let before = 0;
  for (const j of members) {
    before += weights[j];
    if (before >= half) return [angles[j], support];
  }
  return [angles[members[members.length - 1]], support];
}

/** The direction of most boxes that are longer than high, 0 when there is none. */
function pageDirection(quads) {
  const lying = quads.filter(isLying);
  return mainDirection(lying.map(direction), lying.map((quad) => sideLengths(quad)[0]))[0];
}

/** Degrees by which lines may rise or fall before they are looked for again (`detector.STEEP`). */
const STEEP = 10;
/** Part of the longer side of the text's extent added around it then (`detector.ROOM`). */
const ROOM = 0.5;

/** The direction of the lines whose boxes these are, none upside down; 0 unless most agree in it (`likely_direction`). */
function likelyDirection(quads) {
  const lengths = quads.map((quad) => Math.max(...sideLengths(quad)));
  const told = quads.map((_, i) => i).filter((i) => isElongated(quads[i]));
  const [likely, support] = mainDirection(
    told.map((i) => direction(waysToRead(quads[i], 0)[0])),
    told.map((i) => lengths[i])
  );
  return support > lengths.reduce((total, length) => total + length, 0) / 2 ? likely : 0;
}

/** The rectangle around quads, with room, whose first side points in a direction, within the picture (`around`). */
function around(quads, degrees, width, height) {
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  const extent = (points) => {
    const ends = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < points.length; i += 2) {
      const u = points[i] * cos + points[i + 1] * sin;
      const v = points[i + 1] * cos - points[i] * sin;
      ends[0] = Math.min(ends[0], u);
      ends[1] = Math.min(ends[1], v);
      ends[2] = Math.max(ends[2], u);
      ends[3] = Math.max(ends[3], v);
    }
    return ends;
  };
  const text = extent([].concat(...quads.map((quad) => Array.from(quad))));
  const whole = extent([0, 0, width, 0, width, height, 0, height]);
  const room = ROOM * Math.max(text[2] - text[0], text[3] - text[1]);
  const left = Math.max(text[0] - room, whole[0]);
  const top = Math.max(text[1] - room, whole[1]);
  const right = Math.min(text[2] + room, whole[2]);
  const bottom = Math.min(text[3] + room, whole[3]);
  const corner = (u, v) => [u * cos - v * sin, u * sin + v * cos];
  return Float64Array.from([...corner(left, top), ...corner(right, top), ...corner(right, bottom), ...corner(left, bottom)]);
}

/** Indices of the quads, which begin where their text does, row by row from the page's top, each row from its left. */
function readingOrder(quads) {
  const tilt = (pageDirection(quads) * Math.PI) / 180;
  const cos = Math.cos(tilt);
  const sin = Math.sin(tilt);
  const places = quads.map((quad, index) => {
    const x = (quad[0] + quad[2] + quad[4] + quad[6]) / 4;
    const y = (quad[1] + quad[3] + quad[5] + quad[7]) / 4;
    return { index, along: x * cos + y * sin, across: y * cos - x * sin, height: Math.min(...sideLengths(quad)) };
  });
  const rows = [];
  for (const place of places.slice().sort((a, b) => a.across - b.across || a.along - b.along)) {
    const row = rows[rows.length - 1];
    if (row && inRow(place, row)) row.push(place);
    else rows.push([place]);
  }
  const order = [];
  for (const row of rows) {
    row.sort((a, b) => a.along - b.along || a.across - b.across);
    for (const place of row) order.push(place.index);
  }
  return order;
}

/** Whether a box lies beside the member of the row that is nearest along it. */
function inRow(place, row) {
  let nearest = row[0];
  for (const other of row) {
    if (Math.abs(other.along - place.along) < Math.abs(nearest.along - place.along)) nearest = other;
  }
  return Math.abs(nearest.across - place.across) < SAME_ROW * Math.min(nearest.height, place.height);
}

// ---------------------------------------------------------------------------------------------------------------------
// Letters that stand under each other: `stacked`

const TALLEST = 2;
const SHORTEST = 0.35;
const MARGIN = 0.06;

/** The letters of a tall crop as one line; null when its rows are no stack of letters (`stacked.side_by_side`). */
function sideBySide(crop) {
  const bands = bandsOf(crop);
  if (bands.length < 2) return crop.height <= TALLEST * crop.width ? crop : null;
  if (bands.some(([start, end]) => end - start > TALLEST * crop.width)) return null;
  const tall = Math.max(...bands.map(([start, end]) => end - start));
  const margin = Math.max(1, roundHalfEven(MARGIN * tall));
  const letters = bands.map(([start, end]) => {
    const rows = { width: crop.width, height: end - start, pixels: crop.pixels.subarray(3 * start * crop.width, 3 * end * crop.width) };
    const inked = [];
    emptyColumns(rows).forEach((empty, x) => empty || inked.push(x));
    const left = inked.length ? inked[0] : 0;
    const right = inked.length ? inked[inked.length - 1] + 1 : crop.width;
    return { rows, left, width: right - left, above: margin + ((tall - (end - start)) >> 1) };
  });
  const width = letters.reduce((total, letter) => total + letter.width + 2 * margin, 0);
  const line = { quad: crop.quad, width, height: tall + 2 * margin, pixels: null };
  line.pixels = new Uint8Array(3 * line.width * line.height);
  let column = 0;
  for (const letter of letters) {
    for (let x = 0; x < letter.width + 2 * margin; x++, column++) {
      const from = letter.left + clamp(x - margin, 0, letter.width - 1);
      for (let y = 0; y < line.height; y++) {
        const row = clamp(y - letter.above, 0, letter.rows.height - 1);
        for (let c = 0; c < 3; c++) {
          line.pixels[3 * (y * width + column) + c] = letter.rows.pixels[3 * (row * crop.width + from) + c];
        }
      }
    }
  }
  return line;
}

/** [start, end) of the runs of rows that show ink, slivers joined to what follows them. */
function bandsOf(crop) {
  const { width, height, pixels } = crop;
  const turned = { width: height, height: width, pixels: new Uint8Array(pixels.length) };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) turned.pixels[3 * (x * height + y) + c] = pixels[3 * (y * width + x) + c];
    }
  }
  const empty = emptyColumns(turned);
  const bands = [];
  for (let y = 0, start = -1; y <= height; y++) {
    const ink = y < height && !empty[y];
    if (ink && start < 0) start = y;
    if (!ink && start >= 0) {
      bands.push([start, y]);
      start = -1;
    }
  }
  if (bands.length === 0) return bands;
  const least = SHORTEST * median(bands.map(([start, end]) => end - start));
  for (let i = bands.length - 2; i >= 0; i--) {
    if (bands[i][1] - bands[i][0] < least) bands.splice(i, 2, [bands[i][0], bands[i + 1][1]]);
  }
  return bands;
}

// ---------------------------------------------------------------------------------------------------------------------
// Reading: `line_reader`, `recognizer`, `orientation`
//
// A generator says which model is to be run on what, and is given the output: so the same code reads in Lens Studio,
// where models answer frames later, in a browser and in Node. It yields
//   {model: "detector" | "recognizer" | "classifier", index, shape: [height, width], fill(input, layout), ...}
// `fill` writes the model's input, R, G, B from 0 to 255. A host without pixels takes `quad`, the part of the picture that is
// looked at (null: all of it), and feeds a texture of it. It is given the output as a Float32Array in the order of NHWC.

const MAX_SQUEEZE = 1.3;
const RETRY_STRETCH = 1.3;
const TURN_ABOVE = 0.9;
/** So many letters read upside down score less (`line_reader.SURE`). */
const SURE = 0.9;
const MANY = 7;
/** Certainty for each square of a box below which a line is read sparsely (`line_reader.SPARSE`). */
const SPARSE = 0.8;
/** Certainty, in characters, from which the page's direction is known (`line_reader.EVIDENCE`). */
const EVIDENCE = 3;

/** Sum over the characters of the confidence above one half. */
function certainty(attempt) {
  return attempt.confidences.reduce((total, confidence) => total + confidence - 0.5, 0);
}

/** Number of characters but spaces, which stand for whatever was not read, too. */
function lettersOf(attempt) {
  return attempt.characters.filter((character) => character !== ' ').length;
}

/** How many squares fit into a box. */
function squaresOf(quad) {
  const [width, height] = sideLengths(quad);
  return Math.max(width, height) / Math.max(1, Math.min(width, height));
}

/** What the attempts at one line, the best first, say of the page's direction, in characters. */
function evidence(attempts) {
  const [best, ...others] = attempts;
  return Math.max(0, certainty(best) - (others.length ? Math.max(...others.map(certainty)) : 0));
}

/** The direction of a page, from the lines read so far (`line_reader.PageDirection`). */
class PageDirection {
  constructor() {
    this.angle = 0;
    this.isKnown = false;
    this.directions = [];
    this.weights = [];
  }

  /** Take the attempts at one line for evidence, the best of them first. */
  add(attempts) {
    const best = attempts[0];
    if (best.stacked || !isElongated(best.quad) || lettersOf(best) === 0) return;
    this.directions.push(direction(best.quad));
    this.weights.push(evidence(attempts));
    let support;
    [this.angle, support] = mainDirection(this.directions, this.weights);
    this.isKnown = support >= EVIDENCE;
  }
}

/** The ways in which a box is to be read too after the first one; null when that one stands (`_ways_in_doubt`). */
function waysInDoubt(first, ways, page) {
  const score = mean(first.confidences);
  const letters = lettersOf(first);
  let isSure;
  if (!page.isKnown) isSure = score >= SURE && letters >= MANY;
  else if (isElongated(first.quad)) {
    const isAligned = angleBetween(direction(first.quad), page.angle) <= ALIGNED;
    const isSparse = letters > 0 && score < SURE && certainty(first) < SPARSE * squaresOf(first.quad);
    isSure = (isAligned && !isSparse) || score >= SURE;
  } else if (letters > 0) isSure = true;
  // A nearly square box: its text may run down.
  else return ways.slice(1, 2);
  return isSure ? null : ways.slice(1);
}

function lineOf(attempt, box) {
  return {
    quad: attempt.quad,
    text: attempt.characters.join(''),
    score: mean(attempt.confidences),
    detScore: box.score,
    confidences: attempt.confidences,
    words: wordsOf(attempt.quad, attempt, attempt.stacked),
    box: box.quad,
  };
}

/** The reader of one bundle; `settings` is OcrSettings.js. */
class OcrReader {
  constructor(settings) {
    this.settings = settings;
    const recognizer = settings.recognizer;
    this.allowed = recognizer ? allowedClasses(recognizer.characters, settings.options.allowed_characters) : null;
    this.spaceClasses = [];
    if (recognizer && settings.options.space_recovery) {
      recognizer.characters.forEach((entry, i) => {
        if (entry === ' ' && (!this.allowed || this.allowed.includes(i))) this.spaceClasses.push(i);
      });
    }
  }

  /**
   * Boxes {quad, score} of a picture {width, height, pixels (RGBA) or null}, in its pixels. Detectors break steep lines
   * apart: where most lines are steep they are looked for again with that part of the picture turned (`Detector.find`).
   */
  *boxes(picture) {
    const { width, height } = picture;
    if (!(width > 0 && height > 0)) return [];
    const tileBelow = this.settings.options.tile_below || 0;
    let { boxes, scale } = yield* this.find(picture, tileBelow);
    const degrees = likelyDirection(boxes.map((box) => box.quad));
    if (Math.abs(degrees) > STEEP) {
      const view = around(
        boxes.map((box) => box.quad),
        degrees,
        width,
        height
      );
      const turned = Object.assign(cropLine(picture, view), { channels: 3 });
      const again = (yield* this.find(turned, Math.max(tileBelow, Math.min(1, scale)))).boxes;
      const cos = Math.cos((degrees * Math.PI) / 180);
      const sin = Math.sin((degrees * Math.PI) / 180);
      for (const box of again) {
        box.quad = box.quad.map((_, i) => {
          const x = box.quad[i & ~1];
          const y = box.quad[i | 1];
          return i % 2 ? view[1] + x * sin + y * cos : view[0] + x * cos - y * sin;
        });
      }
      if (again.length) boxes = again;
    }
    for (const box of boxes) box.quad = box.quad.map((value, i) => clamp(value, 0, i % 2 ? height : width));
    return boxes;
  }

  /** {boxes, scale}: those of a picture as the detector sees it, not clipped, and the scale at which it was seen. */
  *find(picture, tileBelow) {
    const { detector, options } = this.settings;
    const { width, height } = picture;
    let index = bestShape(detector.shapes, width, height);
    let [rows, columns] = detector.shapes[index];
    let box = letterbox(width, height, columns, rows);
    const scale = tileScale(box, detector.shapes[index], width, height, tileBelow);
    let map;
    if (scale === null) {
      map = yield* this.look(picture, index, wholeOf(box));
    } else {
      const tiling = planTiles(width, height, detector.shapes, scale);
      ({ width: columns, height: rows } = tiling);
      map = yield* this.tiledMap(picture, tiling);
      box = letterbox(width, height, columns, rows);
    }
    const boxes = findBoxes(map, columns, rows, options);
    for (const one of boxes) one.quad = toPicture(one.quad, box);
    return { boxes, scale: box.scale };
  }

  /** The map of the resized picture, joined from those of its tiles, which are blended where they overlap (`tiled_map`). */
  *tiledMap(picture, { index, width, height, lefts, tops }) {
    const [tileHeight, tileWidth] = this.settings.detector.shapes[index];
    const columns = Math.min(tileWidth, width);
    const rows = Math.min(tileHeight, height);
    // A texture is placed in the middle by the host.
    const left = picture.pixels ? 0 : (tileWidth - columns) >> 1;
    const top = picture.pixels ? 0 : (tileHeight - rows) >> 1;
    const total = new Float32Array(width * height);
    const acrossAll = new Float64Array(width);
    const downAll = new Float64Array(height);
    for (let i = 0; i < lefts.length; i++) ramp(columns, lefts[i], width).forEach((weight, x) => (acrossAll[lefts[i] + x] += weight));
    for (let j = 0; j < tops.length; j++) ramp(rows, tops[j], height).forEach((weight, y) => (downAll[tops[j] + y] += weight));
    for (let j = 0; j < tops.length; j++) {
      for (let i = 0; i < lefts.length; i++) {
        const place = { width, height, columns, rows, firstColumn: lefts[i], firstRow: tops[j], left, top };
        const map = yield* this.look(picture, index, place);
        const across = ramp(columns, lefts[i], width);
        const down = ramp(rows, tops[j], height);
        for (let y = 0; y < rows; y++) {
          let from = (y + top) * tileWidth + left;
          let to = (y + tops[j]) * width + lefts[i];
          for (let x = 0; x < columns; x++, from++, to++) total[to] += down[y] * across[x] * map[from];
        }
      }
    }
    for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++, at++) total[at] /= downAll[y] * acrossAll[x];
    return total;
  }

  /** Run the detector of number `index` on what `place` says of the picture. */
  *look(picture, index, place) {
    const shape = this.settings.detector.shapes[index];
    const { width, height, firstColumn, firstRow, columns, rows } = place;
    const isWhole = columns === width && rows === height;
    let quad = picture.quad || null;
    if (!isWhole) {
      quad = cellOfQuad(
        quad || [0, 0, picture.width, 0, picture.width, picture.height, 0, picture.height],
        firstColumn / width,
        (firstColumn + columns) / width,
        firstRow / height,
        (firstRow + rows) / height
      );
    }
    const map = yield {
      model: 'detector',
      index,
      shape,
      quad,
      fill: (input, layout) => fillDetectorInput(picture, place, input, shape[1], shape[0], layout),
    };
    requireLength(map, shape[0] * shape[1], `detector ${shape[0]}x${shape[1]}`);
    return map;
  }

  /**
   * Lines {quad, text, score, detScore, confidences, words, box} of a picture, in reading order; `box` is the quad as it
   * was found, and at the level of words `whole` the line that a word is of. Without a detector the picture is one line,
   * without a recognizer lines have no text. `known(box)` may give the line of an earlier picture that need not be read
   * again, or null.
   */
  *lines(picture, known = () => null) {
    if (!this.settings.detector) return [yield* this.readCrop(picture)];
    if (!this.settings.recognizer) return yield* this.boxesAsLines(picture);
    const lines = yield* this.readPage(picture, yield* this.boxes(picture), known);
    const kept = lines.filter((line) => line.text.trim() !== '' && line.score >= this.settings.options.drop_score);
    const order = readingOrder(lines.map((line) => line.quad));
    const shown = order.map((i) => lines[i]).filter((line) => kept.includes(line));
    if (this.settings.options.level !== 'word') return shown;
    return [].concat(...shown.map((line) => line.words.map((word) => Object.assign({}, line, word, { words: [word], whole: line }))));
  }

  /** The line of a picture that shows nothing else and is not upside down, as far as is known (`LineReader.read_crop`). */
  *readCrop(picture) {
    const { width, height } = picture;
    const quad = Float64Array.from([0, 0, width, 0, width, height, 0, height]);
    const page = new PageDirection();
    page.isKnown = !this.settings.classifier;
    return lineOf((yield* this.attempts(picture, quad, page))[0], { quad, score: 1 });
  }

  *boxesAsLines(picture) {
    const boxes = yield* this.boxes(picture);
    const page = likelyDirection(boxes.map((box) => box.quad));
    const lines = boxes.map((box) => lineOf({ quad: waysToRead(box.quad, page)[0], characters: [], confidences: [], spans: [] }, box));
    return readingOrder(lines.map((line) => line.quad)).map((i) => lines[i]);
  }

  /** The line of each box, in the order of the boxes: long ones first, as they are the surest (`LineReader.read_page`). */
  *readPage(picture, boxes, known) {
    const page = new PageDirection();
    const best = new Map();
    const squares = boxes.map(({ quad }) => squaresOf(quad));
    for (const index of boxes.map((_, i) => i).sort((a, b) => squares[b] - squares[a] || a - b)) {
      const line = known(boxes[index].quad);
      const attempts = line
        ? [{ quad: line.quad, characters: Array.from(line.text), confidences: line.confidences, line }]
        : yield* this.attempts(picture, boxes[index].quad, page);
      page.add(attempts);
      best.set(index, attempts[0]);
    }
    for (const [index, attempt] of best) {
      // Read before the page's direction was known, and against it.
      if (angleBetween(direction(attempt.quad), page.angle) > 90 && mean(attempt.confidences) < SURE) {
        best.set(index, (yield* this.attempts(picture, boxes[index].quad, page))[0]);
      }
    }
    return boxes.map((box, index) => best.get(index).line || lineOf(best.get(index), box));
  }

  /** A box read in one or several ways, the surest first. */
  *attempts(picture, quad, page) {
    const ways = yield* this.orderedWays(picture, quad, page);
    const first = yield* this.attempt(picture, ways[0], true);
    let attempts = [first];
    const doubted = waysInDoubt(first, ways, page);
    if (doubted) {
      // A variable of its own: QuickJS cannot compile a loop over a yield.
      const others = yield* this.others(picture, doubted, page);
      for (const other of others) {
        // The page's word counts for more than a reading that is not sure.
        if (!page.isKnown || mean(other.confidences) >= SURE) attempts.push(other);
      }
    }
    attempts = attempts.map((one) => [certainty(one), one]);
    attempts.sort((a, b) => b[0] - a[0]);
    attempts = attempts.map((one) => one[1]);
    if (attempts[0] !== first && !attempts[0].stacked) attempts[0] = yield* this.attempt(picture, attempts[0].quad, true);
    return attempts;
  }

  *attempt(picture, quad, retry) {
    return Object.assign({ quad }, yield* this.read(cropLine(picture, quad), retry));
  }

  /** The other ways, read once each, until one reads surely. */
  *others(picture, ways, page) {
    const attempts = [];
    for (const way of ways) {
      const attempt = yield* this.attempt(picture, way, false);
      attempts.push(attempt);
      if (mean(attempt.confidences) >= SURE) return attempts;
    }
    if (!picture.pixels) return attempts;
    const standing = upright(ways[0], page.angle);
    const [width, height] = sideLengths(standing);
    const letters = height >= VERTICAL_RATIO * width ? sideBySide(cropLine(picture, standing)) : null;
    if (letters) attempts.push(Object.assign({ quad: standing, stacked: true }, yield* this.read(letters, true)));
    return attempts;
  }

  /** The ways to read a box, the likeliest first; where there is a classifier it says which end comes first. */
  *orderedWays(picture, quad, page) {
    const ways = waysToRead(quad, page.angle);
    if (!this.settings.classifier || page.isKnown) return ways;
    const opposite = rolled(ways[0], 2);
    const index = ways.findIndex((way) => way.every((value, i) => Math.abs(value - opposite[i]) < 1e-6));
    if (index > 0 && (yield* this.isUpsideDown(cropLine(picture, ways[0])))) {
      [ways[0], ways[index]] = [ways[index], ways[0]];
    }
    return ways;
  }

  *isUpsideDown(crop) {
    const { shapes, padding } = this.settings.classifier;
    const shape = shapes[0];
    const length = Math.min(shape[1], inputLength(crop, shape[0]));
    const output = yield {
      model: 'classifier',
      index: 0,
      shape,
      quad: crop.quad,
      length,
      fill: (input, layout) => fillLineInput(crop, length, padding, false, input, shape[1], shape[0], layout),
    };
    requireLength(output, 2, 'classifier');
    return output[1] > TURN_ABOVE;
  }

  /** {characters, confidences, spans} of a crop, in the order in which they are read. */
  *read(crop, retry) {
    const { shapes, rightToLeft, directions } = this.settings.recognizer;
    const widest = shapes[shapes.length - 1];
    let reading;
    if (inputLength(crop, shapes[0][0]) <= MAX_SQUEEZE * widest[1]) {
      reading = yield* this.readWhole(crop, retry);
    } else {
      const parts = splitColumns(crop, Math.trunc((widest[1] * crop.height) / widest[0]));
      reading = yield* this.readParts(crop, parts, retry);
    }
    if (!rightToLeft) return reading;
    const { characters, order } = logicalOrder(reading.characters, directions, this.settings.options.bidi_order);
    return {
      characters,
      confidences: order.map((i) => reading.confidences[i]),
      spans: order.map((i) => reading.spans[i]),
    };
  }

  /** Read a crop, and with `retry` again, stretched, when that is not sure. */
  *readWhole(crop, retry) {
    const { shapes } = this.settings.recognizer;
    const length = inputLength(crop, shapes[0][0]);
    const first = yield* this.lookAt(crop, length);
    const stretched = Math.ceil(RETRY_STRETCH * length);
    const score = mean(first.decoded.confidences);
    // Without pixels a host cannot stretch a line.
    const isSure = !retry || !crop.pixels || score >= this.settings.options.retry_below;
    if (isSure || stretched > shapes[shapes.length - 1][1]) return this.reading(first);
    const second = yield* this.lookAt(crop, stretched);
    return this.reading(mean(second.decoded.confidences) > score ? second : first);
  }

  /** Run once on a crop scaled to `wanted` pixels, or to what fits. */
  *lookAt(crop, wanted) {
    const { shapes, padding, characters, output } = this.settings.recognizer;
    let index = shapes.findIndex((shape) => shape[1] >= wanted);
    if (index < 0) index = shapes.length - 1;
    const shape = shapes[index];
    const [height, width] = shape;
    const length = Math.min(wanted, width);
    let empty = null;
    const probabilities = yield {
      model: 'recognizer',
      index,
      shape,
      quad: crop.quad,
      length,
      fill: (input, layout) => {
        const scaled = fillLineInput(crop, length, padding, true, input, width, height, layout);
        if (this.spaceClasses.length) empty = emptiness(scaled, length, height);
      },
    };
    const steps = Math.floor(probabilities.length / characters.length);
    requireLength(probabilities, Math.max(1, steps) * characters.length, `recognizer ${height}x${width}`);
    if (output === 'scores') softmaxSteps(probabilities, characters.length);
    return {
      decoded: decode(probabilities, characters, this.allowed),
      space: spaceProbability(probabilities, characters.length, this.spaceClasses),
      empty,
      height,
      length,
      columnsPerStep: width / steps, // steps divide the input evenly
    };
  }

  /** {characters, confidences, spans} of a look, with the spaces that it saw. */
  reading(look) {
    let { decoded } = look;
    if (this.spaceClasses.length) {
      decoded = insertSpaces(
        decoded,
        look.space,
        look.empty,
        look.height,
        look.columnsPerStep,
        this.settings.recognizer.spaces
      );
    }
    // What lies in the padding belongs to the end of the crop.
    const toFraction = (step) => Math.min(1, (step * look.columnsPerStep) / look.length);
    return {
      characters: decoded.characters,
      confidences: decoded.confidences,
      spans: decoded.starts.map((start, i) => [toFraction(start), toFraction(decoded.ends[i])]),
    };
  }

  /** Read the parts of a long line one by one and put their texts together. */
  *readParts(crop, parts, retry) {
    const whole = { characters: [], confidences: [], spans: [] };
    for (const [start, end, wordGap] of parts) {
      const reading = yield* this.readWhole(columnsOf(crop, start, end), retry);
      if (wordGap && whole.characters.length && reading.characters.length) {
        whole.characters.push(' ');
        whole.confidences.push(1);
        whole.spans.push([start / crop.width, start / crop.width]);
      }
      whole.characters.push(...reading.characters);
      whole.confidences.push(...reading.confidences);
      for (const [first, last] of reading.spans) {
        whole.spans.push([
          (start + first * (end - start)) / crop.width,
          (start + last * (end - start)) / crop.width,
        ]);
      }
    }
    return whole;
  }
}

function requireLength(output, length, what) {
  if (!output || output.length !== length) {
    throw new Error(
      `${what}: output of ${output ? output.length : 'no'} numbers, expected ${length}; is it the model of this bundle?`
    );
  }
}

/** Words {quad, text, score, confidences} of a line, cut at the spaces read; stacked letters follow along the quad's other side. */
function wordsOf(quad, reading, stacked) {
  const words = [];
  let first = -1;
  for (let i = 0; i <= reading.characters.length; i++) {
    const inside = i < reading.characters.length && reading.characters[i].trim() !== '';
    if (inside && first < 0) first = i;
    if (inside || first < 0) continue;
    const [start, end] = extentOf(reading.spans, first, i);
    words.push({
      quad: stacked ? rolled(partOfQuad(rolled(quad, 1), start, end), 3) : partOfQuad(quad, start, end),
      text: reading.characters.slice(first, i).join(''),
      score: mean(reading.confidences.slice(first, i)),
      confidences: reading.confidences.slice(first, i),
    });
    first = -1;
  }
  return words;
}

/** Left and right end of characters [first, last): half way to the neighbours, or the line's own ends. */
function extentOf(spans, first, last) {
  let left = Infinity;
  let right = -Infinity;
  for (let i = first; i < last; i++) {
    left = Math.min(left, spans[i][0]);
    right = Math.max(right, spans[i][1]);
  }
  let before = -Infinity;
  let after = Infinity;
  spans.forEach(([start, end], i) => {
    if (i >= first && i < last) return;
    if (end <= left) before = Math.max(before, end);
    if (start >= right) after = Math.min(after, start);
  });
  return [before === -Infinity ? 0 : (before + left) / 2, after === Infinity ? 1 : (right + after) / 2];
}

module.exports = {
  OcrReader,
  waysInDoubt,
  evidence,
  waysToRead,
  mainDirection,
  sideBySide,
  allowedClasses,
  bestShape,
  cropLine,
  decode,
  emptiness,
  fillDetectorInput,
  fillLineInput,
  findBoxes,
  likelyDirection,
  inputLength,
  insertSpaces,
  letterbox,
  logicalOrder,
  outerContours,
  partOfQuad,
  planTiles,
  ramp,
  readingOrder,
  scaleLine,
  sideLengths,
  smallestRectangle,
  splitColumns,
  softmaxSteps,
  unclip,
  wholeOf,
};
