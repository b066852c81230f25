/** Published frequencies over the dispersion: files, what is kept of them, and how they are drawn. */

/** @typedef {import("../engine/protocol.js").Published} Published */

/** Longer files are no list of frequencies. */
const LARGEST = 1_000_000;

/** A file as text, in whichever of the usual codes. @param {File} file */
export async function textOfFile(file) {
  if (file.size > LARGEST) throw new Error(`${file.name}: this is too long for a table of frequencies`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** What the settings keep. @param {string} kept @returns {{name: string, text: string} | null} */
export function readPoints(kept) {
  if (kept === "") return null;
  const { name, text } = JSON.parse(kept);
  return { name: String(name), text: String(text) };
}

/** @param {HTMLCanvasElement} canvas @param {Published} published @param {Float64Array} frame
 * @param {ReturnType<typeof import("../draw/theme.js").chartTheme>} theme */
export function drawPoints(canvas, { points }, frame, theme) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const [from = 0, to = 1, low = 0, high = 1, left = 0, right = 1, bottom = 1, top = 0] = frame;
  const ratio = theme.pixel_ratio;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.lineWidth = 1.2 * ratio;
  for (const { distance, frequency, sigma } of points) {
    const x = left + ((distance - from) / (to - from)) * (right - left);
    const y = (/** @type {number} */ f) => bottom + ((f - low) / (high - low)) * (top - bottom);
    context.strokeStyle = theme.hues[2] ?? theme.ink;
    context.fillStyle = theme.background;
    if (sigma) {
      context.beginPath();
      context.moveTo(x, y(frequency - sigma));
      context.lineTo(x, y(frequency + sigma));
      for (const end of [-1, 1]) {
        context.moveTo(x - 2.5 * ratio, y(frequency + end * sigma));
        context.lineTo(x + 2.5 * ratio, y(frequency + end * sigma));
      }
      context.stroke();
    }
    context.beginPath();
    context.arc(x, y(frequency), 2.6 * ratio, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}
