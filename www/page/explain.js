/** One sentence about each term, where the question is: beside the field, on hover and on focus. */

import { make } from "./dom.js";

/** By the element that has the number or the choice. @type {Record<string, string>} */
const SENTENCES = {
  example: "What is inverted: a measurement of the menu, or your own file.",
  prototype: "How the atoms are arranged; a CIF or POSCAR that you open brings any other crystal.",
  element: "It gives the mass and the form factor of the atoms.",
  "lattice-a": "The edge of the conventional cell, to which h, k, l refer.",
  "lattice-c": "The length of the cell along its axis.",
  order:
    "How many quanta of vibration a photon takes or gives: one is fast, all of them are exact; the elastic limit fits elastic constants near Bragg peaks.",
  "real-space-range": "Pairs of atoms up to this distance are summed for what is beyond one phonon.",
  supercell: "The crystal in which snapshots are drawn, repeated in space.",
  samples: "Pictures of the moving crystal that are averaged in each step.",
  statistics:
    "Quantum: vibrations have zero-point motion and freeze out in the cold; classical: each has the energy kT.",
  temperature: "Of the crystal while it was measured: hotter atoms shake more and scatter more.",
  cutoff: "Bonds longer than this have no spring; more of them describe more and are harder to determine.",
  "potential-set": "Free constants, or the parameters of an interatomic potential that all springs follow from.",
  start: "Where the constants begin: published ones, springs along bonds, or those of a file.",
  spring: "Stiffness of the nearest bonds at the start; longer ones start softer.",
  method:
    "How the misfit is made smaller: with its curvature in a few large steps, or with its slope in many small ones.",
  weighing: "Where σ comes from: the file, or equivalent data where it has none or only roots of its own counts.",
  cores: "Workers that share the sums of a fit, from the next calculation on.",
  iterations: "Steps after which the fit ends, converged or not.",
  axial: "A spring along each pair of atoms and one across it, nothing else.",
  invariant: "No forces when the crystal is turned, and no stress in it.",
  ridge: "Every constant is expected where the fit starts, with this σ: what the data leave open stays there.",
  "bragg-radius": "Pixels this near a Bragg peak are left out: the peak itself is no diffuse scattering.",
  "bragg-within": "Pixels farther than this from every Bragg peak are left out: what is near them is about long waves.",
  "q-min": "Pixels nearer to the direct beam are left out.",
  "q-max": "Pixels farther out are left out.",
  "scale-mode":
    "Counts per electron²: fitted, or known. A free scale costs knowledge of how stiff all springs are together.",
  "scale-value": "Counts per electron² and primitive cell.",
  "background-constant": "As many counts everywhere.",
  "background-q2": "Counts that grow with the square of |Q|.",
  "background-air": "Counts that fall off from the direct beam, as scattering by air does.",
  energy: "Of the X-rays: it gives f′ and f″ of the elements, Compton scattering and polarization.",
  voxels: "A pixel is the mean over its volume, not the value at its centre.",
  fwhm: "How far the instrument smears a point, full width at half maximum.",
  compton: "Photons that have lost energy to an electron; from tables, on the scale of the rest.",
  polarized: "The beam is polarized, and some directions scatter less.",
  smooth: "Absorption and flux change slowly with direction: a factor that may leave one by a few percent.",
  calibrated: "The lattice of the file may be turned or stretched a little.",
  likelihood: "Gaussian: least squares; Poisson: counts; robust: hot pixels have next to no weight.",
  plane: "The plane of h, k, l that the maps show.",
  scale: "How intensities become colours.",
  range: "Which intensities the colours span.",
  colours: "Which colours stand for intensities, from few to many counts.",
  spread: "How many σ the colours of the residual span.",
  speed: "Steps that are shown in a second: the result is the same.",
  "fig-chi2": "Mean square of the residual in σ: about one where model and σ are right.",
  "fig-iterations": "Steps that the fit has taken.",
  "fig-data": "Pixels that are used.",
  "head-value": "Second derivatives of the energy: how stiff a bond is.",
  "head-sigma": "One standard deviation, from the noise of the data alone.",
  "head-systematic": "What the model may miss: by how much a constant moves with other masks, ranges and terms.",
  "head-truth": "What the simulation put in.",
};

/** So long a mouse rests on a term, ms. */
const REST = 600;
/** From the term to its sentence, and from the edges of the window, px. */
const GAP = 6;

const bubble = make("div", "", { id: "explanation", class: "explanation", role: "tooltip" });
let timer = 0;
/** What is explained now. @type {HTMLElement | null} */
let shown = null;
/** Whether a mouse rests on what is explained: then it goes when the mouse does. */
let isHovered = false;
/** What was pressed last: a kind of pointer, or a key. */
let pressedBy = "";

/** Who has the sentence of an element. @param {EventTarget | null} target @returns {HTMLElement | null} */
const ownerOf = (target) => (target instanceof Element ? target.closest("[data-explained]") : null);

/** Beside its term, and not to be seen while the term is scrolled away. @param {HTMLElement} owner */
function place(owner) {
  const of = owner.getBoundingClientRect();
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  bubble.hidden = of.bottom < 0 || of.top > height;
  if (bubble.hidden) return;
  const own = bubble.getBoundingClientRect();
  const below = of.bottom + GAP;
  bubble.style.left = `${Math.max(GAP, Math.min(of.left, width - own.width - GAP))}px`;
  bubble.style.top = `${below + own.height < height ? below : Math.max(GAP, of.top - GAP - own.height)}px`;
}

/** @param {HTMLElement} owner @param {boolean} hovered */
function show(owner, hovered) {
  isHovered = hovered;
  shown = owner;
  bubble.textContent = SENTENCES[owner.dataset.explained ?? ""] ?? "";
  // Dialogs and what is in full screen lie above everything else of the page.
  const layer = owner.closest("dialog") ?? document.fullscreenElement ?? document.body;
  if (bubble.parentElement !== layer) layer.append(bubble);
  place(owner);
}

function hide() {
  clearTimeout(timer);
  isHovered = false;
  shown = null;
  bubble.hidden = true;
}

/** Gives every term its sentence. */
export function explainTerms() {
  bubble.hidden = true;
  document.body.append(bubble);
  for (const [id, sentence] of Object.entries(SENTENCES)) {
    const element = document.getElementById(id);
    if (!element) continue;
    const owner = /** @type {HTMLElement} */ (
      element.closest(".checks label, .field, .speed, dl.figures > div") ?? element
    );
    owner.dataset.explained = id;
    // Read out with the name of the control.
    if (element.matches("input, select")) element.setAttribute("aria-description", sentence);
  }
  document.addEventListener("pointerover", (event) => {
    clearTimeout(timer);
    if (event.pointerType !== "mouse" || event.buttons) return;
    const owner = ownerOf(event.target);
    if (owner?.dataset.explained !== undefined) timer = setTimeout(() => show(owner, true), REST);
    else if (isHovered) hide();
  });
  document.addEventListener("focusin", ({ target }) => {
    const owner = ownerOf(target);
    // A mouse that has pressed knows what it wants.
    if (owner && pressedBy !== "mouse" && target instanceof Element && target.matches(":focus-visible"))
      show(owner, false);
    else hide();
  });
  document.addEventListener("focusout", hide);
  const press = (/** @type {PointerEvent} */ event) => {
    pressedBy = event.pointerType;
    hide();
  };
  document.addEventListener("pointerdown", press, true);
  const follow = () => {
    // A mouse that rests while the page scrolls below it waits for its sentence all the same.
    if (isHovered) bubble.hidden = true;
    // The focus brings its field into the window by scrolling, after it has been told.
    else if (shown) place(shown);
  };
  document.addEventListener("scroll", follow, { capture: true, passive: true });
  const type = (/** @type {KeyboardEvent} */ event) => {
    pressedBy = "";
    if (event.key === "Escape") hide();
  };
  document.addEventListener("keydown", type, true);
}
