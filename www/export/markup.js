/** What the dialog “Pictures and tables” is made of. */

import { make } from "../page/dom.js";

/** @type {[string, string, [string, string][]][]} */
const PICTURES = [
  [
    "Maps",
    "maps",
    [
      ["maps", "All three side by side"],
      ["data", "Data"],
      ["model", "Model"],
      ["residual", "Residual"],
    ],
  ],
  [
    "Charts",
    "charts",
    [
      ["cut", "Cut or profile"],
      ["dispersion", "Dispersion"],
      ["course", "Course of χ²/n"],
      ["potential", "Functions of the potential"],
    ],
  ],
];

/** @param {string} name @param {string} give @param {string} [label] */
function giver(name, give, label) {
  const button = make("button", name, { type: "button", ...(label ? { "aria-label": label } : {}) });
  button.dataset.give = give;
  return button;
}

/** @param {string} id @param {string} label @param {HTMLElement} control */
function field(id, label, control) {
  control.id = id;
  const home = make("div", "", { class: "field" });
  home.append(make("label", label, { for: id }), control);
  return home;
}

/** @param {string} id @param {string} label */
function check(id, label) {
  const home = make("label", "", { class: "check" });
  home.append(make("input", "", { type: "checkbox", id, checked: "" }), ` ${label}`);
  return home;
}

/** A name, and what can be had of it. @param {string | Node} name @param {Node[]} buttons */
function row(name, buttons) {
  const home = make("div", "", { class: "row" });
  const words = make("p");
  words.append(name);
  const list = make("div", "", { class: "buttons" });
  list.append(...buttons);
  home.append(words, list);
  return home;
}

/** @returns {HTMLDialogElement} On the page, not open yet. */
export function furnish() {
  if (!document.querySelector('link[href$="export/export.css"]'))
    document.head.append(make("link", "", { rel: "stylesheet", href: new URL("export.css", import.meta.url).href }));
  const dialog = make("dialog", "", { id: "export-dialog", lang: "en", "aria-labelledby": "export-title" });
  const head = make("div", "", { class: "dialog-head" });
  const form = make("form", "", { method: "dialog" });
  form.append(make("button", "Close", { class: "primary" }));
  head.append(make("h2", "Pictures and tables", { id: "export-title" }), form);

  const what = make("select");
  for (const [group, , list] of PICTURES) {
    const home = make("optgroup", "", { label: group });
    for (const [value, name] of list) home.append(make("option", name, { value, "data-name": name }));
    what.append(home);
  }
  const width = make("select");
  width.append(
    make("option", "one column, 86 mm", { value: "one" }),
    make("option", "two columns, 178 mm", { value: "two" }),
  );
  width.value = "two";
  const controls = make("div", "", { class: "controls" });
  const buttons = make("div", "", { class: "buttons" });
  buttons.append(giver("SVG", "svg"), giver("PNG, 300 dpi", "png300"), giver("PNG, 600 dpi", "png600"));
  controls.append(
    field("picture-what", "Picture", what),
    field("picture-width", "Width", width),
    check("picture-bragg", "Bragg points"),
    check("picture-hatch", "Hatch what is left out"),
    buttons,
  );
  const preview = make("figure", "", { class: "preview" });
  preview.append(make("img", "", { id: "picture-preview", alt: "" }));
  const picture = make("div", "", { class: "picture" });
  picture.append(controls, preview);

  const numbers = make("section", "", { class: "numbers-out", "aria-labelledby": "export-numbers" });
  const plane = make("span", "", { id: "export-plane" });
  const inPlane = make("span", "Plane in sight, ");
  inPlane.append(plane);
  numbers.append(
    make("h3", "Tables", { id: "export-numbers" }),
    row("Constants and elastic constants", [
      giver("CSV", "constants-csv", "Constants, CSV"),
      giver("LaTeX", "constants-tex", "Constants, LaTeX"),
    ]),
    row(inPlane, [
      giver("CSV", "plane-csv", "Plane, CSV"),
      ...["data", "sigma", "model", "residual", "used"].map((name) =>
        giver(`${name === "sigma" ? "σ" : name}.npy`, name),
      ),
      giver("axes.json", "axes"),
      giver("NPZ", "plane-npz", "Plane, NPZ"),
    ]),
    row(make("span", "The whole data set", { id: "export-sets" }), [
      giver("CSV", "all-csv", "All data, CSV"),
      giver("NPZ", "all-npz", "All data, NPZ"),
    ]),
    row(make("span", "Cut or profile", { id: "export-cut" }), [
      giver("CSV", "cut-csv", "Cut, CSV"),
      giver("NPZ", "cut-npz", "Cut, NPZ"),
    ]),
    row("Dispersion", [giver("CSV", "bands", "Dispersion, CSV")]),
    row("Potential", [
      giver("For LAMMPS", "lammps", "Potential, for LAMMPS"),
      giver("CSV", "curves-csv", "Functions of the potential, CSV"),
    ]),
  );
  const whole = make("section", "", { "aria-labelledby": "export-report" });
  whole.append(
    make("h3", "Report", { id: "export-report" }),
    row("What was measured, what was found and how to repeat it, on one page that opens and prints anywhere", [
      giver("Report, HTML", "report"),
    ]),
  );
  const note = make(
    "p",
    "Pictures show the part, the colours and the scale that are on the screen, on white paper; tables hold the whole plane.",
    { class: "facts" },
  );
  dialog.append(head, note, picture, numbers, whole, make("p", "", { id: "export-status", role: "status" }));
  document.body.append(dialog);
  return dialog;
}
