/** Zoom and pan of linked maps by wheel, drag, keys and two fingers. */

/** @typedef {import("./window.js").Window} Window */
/** @typedef {import("./map-panel.js").MapPanel} MapPanel */

/** Closer by one turn of the wheel, or one press of a key. */
const STEP = 1.25;

/**
 * Lets a map be zoomed and panned. A wheel belongs to the page unless the map has the focus or Ctrl is held; a drag
 * pans what is enlarged.
 * @param {MapPanel} panel @param {Window} window
 * @param {{free: () => boolean, changed: () => void}} parts  `free`: whether pointers are not wanted for something else.
 */
export function zooms(panel, window, { free, changed }) {
  const { canvas } = panel;
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && document.activeElement !== canvas) return;
      const spot = panel.placeAt(event);
      if (!spot) return;
      event.preventDefault();
      window.zoom(STEP ** -Math.sign(event.deltaY), spot);
      changed();
    },
    { passive: false },
  );
  /** Fingers or the mouse on the map, by their number. @type {Map<number, PointerEvent>} */
  const down = new Map();
  canvas.addEventListener("pointerdown", (event) => {
    if (!free() || event.button !== 0) return;
    down.set(event.pointerId, event);
    // A pan goes on beyond the rim; a tap stays with what is under it.
    if (window.isClose) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const others = [...down.values()].filter(({ pointerId }) => pointerId !== event.pointerId);
    const [from, to] = [panel.placeAt(before), panel.placeAt(event)];
    const [other] = others;
    if (!from || !to) return;
    down.set(event.pointerId, event);
    if (other) {
      const apart = (/** @type {PointerEvent} */ e) => Math.hypot(e.clientX - other.clientX, e.clientY - other.clientY);
      const middle = panel.placeAt({
        clientX: (event.clientX + other.clientX) / 2,
        clientY: (event.clientY + other.clientY) / 2,
      });
      if (middle) window.zoom(apart(event) / Math.max(1, apart(before)), middle);
      // What is between the fingers moves half as far as one of them.
      window.pan(0.5 * (from.x - to.x), 0.5 * (from.y - to.y));
    } else if (window.isClose && (event.pointerType !== "touch" || others.length > 0)) {
      window.pan(from.x - to.x, from.y - to.y);
    } else return;
    changed();
  });
  for (const type of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"]))
    canvas.addEventListener(type, ({ pointerId }) => down.delete(pointerId));
  canvas.addEventListener("dblclick", (event) => {
    const spot = free() ? panel.placeAt(event) : null;
    if (!spot) return;
    if (window.isClose) window.home();
    else window.zoom(STEP ** 5, spot);
    changed();
  });
}

/**
 * A key that zooms: says whether it did.
 * @param {string} key @param {Window} window @param {import("./window.js").Spot} spot
 */
export function zoomKey(key, window, spot) {
  if (key === "+" || key === "=") window.zoom(STEP, spot);
  else if (key === "-") window.zoom(1 / STEP, spot);
  else if (key === "0" || key === "Home") window.home();
  else return false;
  return true;
}
