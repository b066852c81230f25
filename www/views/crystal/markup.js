/** What the view “Crystal” consists of. */

import { make } from "../../page/dom.js";

const ICONS = {
  play: "M4 2.5v11l9-5.5z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  home: "M8 2 1.500 8H3.500v5.500h3.500V10h2v3.500h3.500V8h2z",
};

/** @param {string} text @param {string} icon @param {Record<string, string>} attributes */
function iconButton(text, icon, attributes) {
  const button = make("button", "", { type: "button", ...attributes });
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", icon);
  svg.append(path);
  button.append(svg, text);
  return button;
}

/** @template {HTMLElement} T @param {T} parent @param {...(Node | string)} children */
function filled(parent, ...children) {
  parent.append(...children);
  return parent;
}

/** @param {HTMLElement} section */
export function furnish(section) {
  const sheet = make("link", "", { rel: "stylesheet", href: new URL("./crystal.css", import.meta.url).href });
  document.head.append(sheet);

  const canvas = make("canvas", "", {
    tabindex: "0",
    role: "application",
    "aria-roledescription": "crystal in three dimensions",
    "aria-label": "Crystal",
  });
  const legend = make("ul", "", { class: "elements", "aria-label": "Elements" });
  const scene = filled(make("figure", "", { class: "scene" }), canvas, legend);

  const play = iconButton("Play", ICONS.play, { class: "primary", disabled: "" });
  const pause = iconButton("Pause", ICONS.pause, { class: "pause", disabled: "" });
  const home = iconButton("Home", ICONS.home, { title: "The view from the beginning" });
  const slider = make("input", "", {
    type: "range",
    min: "0",
    max: "10",
    step: "0.1",
    value: "4",
    id: "crystal-times",
  });
  const times = make("output", "", { for: "crystal-times" });
  const arrows = make("input", "", { type: "checkbox" });
  const cells = make("select", "", { id: "crystal-cells" });
  const tools = filled(
    make("form", "", { class: "tools", autocomplete: "off" }),
    filled(make("div", "", { class: "buttons" }), play, pause, home),
    filled(make("div", "", { class: "times" }), make("label", "Exaggeration", { for: "crystal-times" }), slider, times),
    filled(make("label", "", { class: "check" }), arrows, "Arrows"),
    filled(make("div", "", { class: "cells" }), make("label", "Cells", { for: "crystal-cells" }), cells),
  );
  const status = make("p", "Preparing the crystal …", { class: "status", role: "status" });
  const moving = make("p", "", { class: "facts" });

  const field = make("input", "", {
    type: "text",
    id: "crystal-hkl",
    spellcheck: "false",
    "aria-describedby": "crystal-where",
  });
  const take = make("button", "", { type: "button", hidden: "" });
  const where = make("p", "", { class: "facts", id: "crystal-where" });
  const problem = make("p", "", { class: "problem", id: "crystal-problem", hidden: "" });
  const place = filled(
    make("form", "", { class: "place", autocomplete: "off" }),
    filled(
      make("div", "", { class: "field" }),
      make("label", "Q, as h k l", { for: "crystal-hkl" }),
      filled(make("div", "", { class: "go" }), field, make("button", "Show", { type: "submit" })),
    ),
    problem,
    take,
    where,
  );

  const body = make("tbody");
  const head = make("tr");
  for (const [text, small] of [
    ["", "THz"],
    ["", "meV"],
    ["Share", "%"],
  ]) {
    head.append(filled(make("th", text, { scope: "col", class: "number" }), " ", make("small", small)));
  }
  head.append(make("th", "Character", { scope: "col" }));
  const table = filled(make("table", "", { class: "modes", "aria-label": "Modes" }), filled(make("thead"), head), body);
  const note = make("p", "", { class: "facts" });

  const chart = make("canvas", "", {
    tabindex: "0",
    role: "application",
    "aria-roledescription": "chart",
    "aria-label": "Dispersion",
  });
  const dispersion = filled(
    make("figure", "", { class: "chart" }),
    filled(make("figcaption", "Dispersion "), make("small", "THz; click a place to go there")),
    chart,
  );

  const unit = make("small");
  const springs = make("ul");
  const scale = make("p", "", { class: "stiffness" });
  const shells = filled(
    make("div", "", { class: "shells", role: "group", "aria-label": "Springs" }),
    filled(make("h3", "Springs "), unit),
    springs,
    scale,
  );
  const aside = make("p", "", { class: "facts" });

  section.removeAttribute("aria-label");
  section.setAttribute("aria-labelledby", "crystal-heading");
  section.replaceChildren(
    filled(
      make("div", "", { class: "intro" }),
      make("h2", "Crystal", { id: "crystal-heading" }),
      make(
        "p",
        "The diffuse light at any place of reciprocal space comes from waves that run through the crystal. Choose a place, and one click on a wave shows how the atoms move in it.",
      ),
    ),
    filled(
      make("div", "", { class: "crystal" }),
      filled(make("div", "", { class: "looked-at" }), scene, tools, status, moving),
      filled(
        make("div", "", { class: "beside" }),
        place,
        filled(make("div", "", { class: "scroll" }), table),
        note,
        dispersion,
        shells,
        aside,
      ),
    ),
  );
  for (const form of [tools, place]) form.addEventListener("submit", (event) => event.preventDefault());
  return {
    section,
    canvas,
    legend,
    play,
    pause,
    home,
    slider,
    times,
    arrows,
    cells,
    status,
    moving,
    place,
    field,
    take,
    where,
    problem,
    body,
    note,
    chart,
    unit,
    springs,
    scale,
    aside,
  };
}

/** @typedef {ReturnType<typeof furnish>} Markup */
