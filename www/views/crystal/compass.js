/** Directions in the corner of a picture in three dimensions. */

/** @typedef {import("../../draw/map-panel.js").Look} Look */
/** @typedef {{name: string, vector: number[], colour: string, length: number, width: number}} Mark  `vector` in units of `length`, CSS pixels. */

/** Three axes as marks, the longest as long as a mark. @param {number[][]} vectors @param {string[]} names @param {Look} look @returns {Mark[]} */
export function axesOf(vectors, names, look) {
  const longest = Math.max(...vectors.map((vector) => Math.hypot(...vector)));
  return vectors.map((vector, i) => ({
    name: names[i] ?? "",
    vector: vector.map((x) => x / longest),
    colour: look.muted,
    length: 24,
    width: 1.3,
  }));
}

/** @param {CanvasRenderingContext2D} context @param {import("./camera.js").Camera} camera @param {Mark[]} marks @param {Look} look
 * @param {number} height Of the canvas, CSS pixels. */
export function drawCompass(context, camera, marks, look, height) {
  const [[rx = 1, ry = 0, rz = 0] = [], [ux = 0, uy = 1, uz = 0] = []] = camera.axes;
  const [left, low] = [58, height - 52];
  context.font = `italic 12px ${look.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const { name, vector, colour, length, width } of marks) {
    const [x = 0, y = 0, z = 0] = vector;
    const [right, up] = [rx * x + ry * y + rz * z, ux * x + uy * y + uz * z];
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(left, low);
    context.lineTo(left + length * right, low - length * up);
    context.stroke();
    context.fillText(name, left + (length + 8) * right, low - (length + 8) * up);
  }
}
