/** What draws on a map with a pointer or a finger: at most one pen holds the pointer. */

/** @typedef {import("./map-panel.js").MapPanel} MapPanel */
/** @typedef {import("./map-panel.js").Pixel} Pixel */
/**
 * `active`: its tool is chosen; `grabs`: whether it wants a pointer that goes down there although it is not. Places are
 * in numbers of pixels, fractions allowed; `reach` is how far two of them are apart that a pointer can tell.
 * @typedef {{
 *   readonly active: boolean,
 *   grabs: (at: Pixel, reach: Pixel) => boolean,
 *   down: (at: Pixel, reach: Pixel) => void,
 *   move: (at: Pixel) => void,
 *   up: (at: Pixel, reach: Pixel) => void,
 *   giveUp: () => void,
 *   putDown: () => void,
 *   key: (key: string, at: Pixel) => boolean,
 *   readonly strokes: import("./map-panel.js").Stroke[],
 * }} Pen
 */

/**
 * Lets pens draw on a map.
 * @param {MapPanel} panel @param {Pen[]} pens @param {() => boolean} isMap  Whether a map is in sight, and no curves.
 * @returns {() => boolean} Whether the pointer is a pen's; where it goes up that has its default prevented.
 */
export function draws(panel, pens, isMap) {
  const { canvas } = panel;
  /** @type {{pen: Pen, pointer: number} | null} */
  let held = null;
  let wasPen = false;
  const chosen = () => pens.find(({ active }) => active);
  /** @param {{clientX: number, clientY: number}} event */
  const wanted = (event) => {
    const place = isMap() && panel.pixelAt(event) ? panel.placeAt(event) : null;
    const pen = place && (chosen() ?? pens.find((pen) => pen.grabs(place, panel.reach)));
    return place && pen ? { place, pen } : null;
  };
  canvas.addEventListener("pointerdown", (event) => {
    const found = event.button === 0 && !held ? wanted(event) : null;
    wasPen = found !== null;
    if (!found) return;
    canvas.setPointerCapture(event.pointerId);
    held = { pen: found.pen, pointer: event.pointerId };
    found.pen.down(found.place, panel.reach);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (held && held.pointer !== event.pointerId) return;
    const place = isMap() ? panel.placeAt(event) : null;
    const pen = held?.pen ?? chosen();
    if (place) pen?.move(place);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (held?.pointer !== event.pointerId) return;
    const { pen } = held;
    held = null;
    event.preventDefault();
    const place = panel.placeAt(event);
    if (place) pen.up(place, panel.reach);
  });
  canvas.addEventListener("pointercancel", () => {
    held?.pen.giveUp();
    held = null;
  });
  // What a pen drew presses no pixel.
  canvas.addEventListener("click", (event) => {
    if (wasPen) event.stopImmediatePropagation();
  });
  // A finger that takes hold of a line does not scroll the page.
  canvas.addEventListener(
    "touchstart",
    (event) => {
      const [touch] = event.touches;
      if (touch && event.cancelable && !chosen() && wanted(touch)) event.preventDefault();
    },
    { passive: false },
  );
  return () => held !== null || chosen() !== undefined;
}
