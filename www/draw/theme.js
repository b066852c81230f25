/** Colours and type for what is drawn on canvas, taken from the style sheet. */

/** @returns {import("./map-panel.js").Look} */
export function look() {
  const style = getComputedStyle(document.documentElement);
  const property = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    ink: property("--ink"),
    muted: property("--muted"),
    line: property("--line"),
    paper: property("--panel"),
    hatch: property("--hatch"),
    accent: property("--accent"),
    font: getComputedStyle(document.body).fontFamily,
  };
}

/** Canvas pixels per CSS pixel in charts: twice the screen's, since their backend counts whole pixels. */
export const chartRatio = () => 2 * Math.min(3, window.devicePixelRatio || 1);

/** The theme of `draw_lines` and `draw_dispersion`. */
export function chartTheme() {
  const style = getComputedStyle(document.documentElement);
  const property = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    pixel_ratio: chartRatio(),
    font_family: getComputedStyle(document.body).fontFamily,
    font_size: 11,
    background: property("--panel"),
    ink: property("--muted"),
    grid: property("--line"),
    accent: property("--accent"),
    start: property("--start"),
    truth: property("--truth"),
    /** For curves that stand side by side. */
    hues: ["--hue-1", "--hue-2", "--hue-3"].map(property),
  };
}

/**
 * Calls back when the colour scheme or the resolution of the screen changes, and around printing: paper
 * is white.
 * @param {() => void} changed
 */
export function onLookChange(changed) {
  for (const [event, printing] of /** @type {const} */ ([
    ["beforeprint", true],
    ["afterprint", false],
  ])) {
    window.addEventListener(event, () => {
      document.documentElement.classList.toggle("printing", printing);
      changed();
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  matchMedia("(resolution: 1dppx)").addEventListener("change", changed);
}

const reduced = matchMedia("(prefers-reduced-motion: reduce)");

/** True if the person asked for less motion. */
export const wantsStillness = () => reduced.matches;
/** @param {() => void} changed */
export const onStillnessChange = (changed) => reduced.addEventListener("change", changed);
