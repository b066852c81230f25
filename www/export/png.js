/** A figure as PNG with the size in it that it has on paper. */

/** Where the first chunk of a PNG, the one of its size, ends. */
const BEHIND_HEAD = 33;
const METRE_PER_INCH = 0.0254;

/** @param {string} svg */
export const dataOf = (svg) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;

/** @param {string} svg With a width and height in millimetres. @param {number} dpi Dots per inch. @returns {Promise<BlobPart[]>} */
export async function png(svg, dpi) {
  const image = new Image();
  image.src = dataOf(svg);
  await image.decode();
  const [width = 0, height = 0] = [/ width="([\d.]+)mm"/, / height="([\d.]+)mm"/].map((pattern) =>
    Math.round(((Number(pattern.exec(svg)?.[1]) / 1000) * dpi) / METRE_PER_INCH),
  );
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  // Whole pixels are a little more than its size: the rim is white, too.
  const context = canvas.getContext("2d", { alpha: false });
  if (context) context.fillStyle = "#fff";
  context?.fillRect(0, 0, width, height);
  context?.drawImage(image, 0, 0, width, height);
  /** @type {Blob | null} */
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("This browser could not make a picture of that size; a smaller one may work");
  return sized(new Uint8Array(await blob.arrayBuffer()), Math.round(dpi / METRE_PER_INCH));
}

/** Puts the chunk pHYs in. @param {Uint8Array<ArrayBuffer>} file @param {number} perMetre Pixels. @returns {BlobPart[]} */
function sized(file, perMetre) {
  const chunk = new DataView(new ArrayBuffer(21));
  chunk.setUint32(0, 9);
  new Uint8Array(chunk.buffer).set(new TextEncoder().encode("pHYs"), 4);
  chunk.setUint32(8, perMetre);
  chunk.setUint32(12, perMetre);
  chunk.setUint8(16, 1);
  chunk.setUint32(17, checksum(new Uint8Array(chunk.buffer, 4, 13)));
  return [file.slice(0, BEHIND_HEAD), chunk.buffer, file.slice(BEHIND_HEAD)];
}

/** CRC-32, as PNG has it (ISO 3309). @param {Uint8Array} bytes */
function checksum(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
