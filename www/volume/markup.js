/** The markup of the dialog “Measurement”, which is put into the page when it is first needed. */

/** @param {string} letter */
const limits = (letter) => `
  <div class="field limits" role="group" aria-label="Limits of ${letter}">
    <span class="label">${letter}</span>
    <input id="volume-${letter}-from" type="text" inputmode="decimal" spellcheck="false" aria-label="${letter} from">
    <span aria-hidden="true">to</span>
    <input id="volume-${letter}-to" type="text" inputmode="decimal" spellcheck="false" aria-label="${letter} to">
  </div>`;

/** @param {string} id @param {string} label @param {string} [value] */
const text = (id, label, value = "") => `
  <div class="field"><label for="${id}">${label}</label><input id="${id}" type="text" inputmode="decimal" spellcheck="false" value="${value}"></div>`;

/** @param {number} axis @param {string} label */
const slice = (axis, label) => `
  <figure class="map" data-axis="${axis}">
    <figcaption></figcaption>
    <canvas role="img" tabindex="0" aria-label="${label}"></canvas>
  </figure>`;

/** @param {string} id @param {string} title */
const axis = (id, title) => `
  <fieldset class="axis" id="volume-${id}">
    <legend>${title}</legend>
    <div class="field"><label for="volume-${id}-along">Along</label><select id="volume-${id}-along"><option>h</option><option>k</option><option>l</option><option value="other">a direction</option></select></div>
    ${text(`volume-${id}-direction`, "Direction <small>in hkl</small>", "1 1 0")}
    ${text(`volume-${id}-first`, "First")}
    ${text(`volume-${id}-last`, "Last")}
    ${text(`volume-${id}-step`, "Step")}
    <button type="button" id="volume-${id}-flip">Flip ${title.toLowerCase()}</button>
  </fieldset>`;

/** @param {number} n */
const peak = (n) => `
  <div class="field peak"><label for="volume-peak-${n}">Peak ${n}</label><output id="volume-place-${n}">not clicked</output><input id="volume-peak-${n}" type="text" spellcheck="false" placeholder="h k l" aria-label="h k l of peak ${n}"></div>`;

export const MARKUP = `
<dialog lang="en" id="volume-dialog" class="volume" aria-labelledby="volume-title">
  <div class="dialog-head">
    <h2 id="volume-title" tabindex="-1" autofocus>Measurement</h2>
    <button type="button" id="volume-cancel">Cancel</button>
  </div>
  <p class="facts" id="volume-what"></p>
  <p class="status" id="volume-status" role="status"></p>
  <progress id="volume-progress" max="1" aria-label="Read so far" hidden></progress>
  <p class="notice" id="volume-missing" hidden><button type="button" id="volume-add">Add file</button></p>
  <input type="file" id="volume-file" multiple hidden aria-label="Files that the measurement needs as well">

  <form id="volume-axes" autocomplete="off" hidden>
    <h3>Where the voxels lie</h3>
    <p class="facts" id="volume-axes-hint"></p>
    <div class="placing">
      <div id="volume-picture">
        <figure class="map">
          <figcaption>The array, first row on top</figcaption>
          <canvas id="volume-array" role="img" tabindex="0" aria-label="The array, pixel by pixel"></canvas>
        </figure>
        <div class="field" id="volume-page-field"><label for="volume-page">Page</label><input id="volume-page" type="range" min="0" step="1" value="0"></div>
        <p class="facts" id="volume-pixel"></p>
      </div>
      <div>
        <fieldset id="volume-peaks">
          <legend>By three Bragg peaks</legend>
          <p class="facts">Click a peak that you know and type its h k l; three that are not on a line.</p>
          ${peak(1)}${peak(2)}${peak(3)}
          <div class="buttons"><button type="button" id="volume-solve">Place by these peaks</button><button type="button" id="volume-forget">Forget peaks</button></div>
          <p class="problem" id="volume-peaks-problem" role="alert"></p>
        </fieldset>
        <div class="axes">${axis("pages", "Pages")}${axis("rows", "Rows")}${axis("columns", "Columns")}</div>
        <button type="button" id="volume-transpose">Exchange rows and columns</button>
        ${text("volume-origin", "Origin <small>h k l</small>", "0 0 0")}
        <p class="facts">Added to the coordinates: 0 0 0.5 puts a plane of h and k at l = ½.</p>
      </div>
    </div>
    <p class="problem" id="volume-axes-problem" role="alert"></p>
  </form>

  <section id="volume-seen" aria-label="Slices" hidden>
    <div class="slices" id="volume-slices">
      ${slice(2, "Slice one")}${slice(1, "Slice two")}${slice(0, "Slice three")}
    </div>
    <canvas class="bar" id="volume-bar" role="img" aria-label="Colour scale of the slices"></canvas>
    <p class="readout" id="volume-readout" aria-live="polite"></p>
    <label class="check"><input type="checkbox" id="volume-log"> Logarithmic</label>
  </section>

  <form id="volume-choice" autocomplete="off" hidden>
    <dl class="understood" id="volume-facts"></dl>
    <fieldset id="volume-marks" hidden>
      <legend>Values that may mark voxels without a measurement</legend>
      <div class="checks" id="volume-candidates"></div>
    </fieldset>
    <fieldset id="volume-masks">
      <legend>Mask files</legend>
      <p class="facts">An array with as many voxels along each index, dropped here or <button type="button" id="volume-mask-add">opened</button>: what is not zero is left out.</p>
      <input type="file" id="volume-mask-file" multiple hidden aria-label="Mask files of the measurement">
      <ul class="mask-files" id="volume-mask-list" aria-label="Mask files"></ul>
      <p class="problem" id="volume-mask-problem" role="alert"></p>
    </fieldset>
    <fieldset>
      <legend>What to take</legend>
      <div class="taking">
        <div>${limits("h")}${limits("k")}${limits("l")}</div>
        <div>
          ${text("volume-stride", "Every n-th voxel", "1")}
          <div class="field"><label for="volume-plane">Part</label><select id="volume-plane"><option value="">the whole</option><option value="0">a plane h =</option><option value="1">a plane k =</option><option value="2">a plane l =</option><option value="oblique">an oblique plane</option></select></div>
          ${text("volume-value", "Plane at <small>r.l.u.</small>", "0")}
          ${text("volume-thickness", "Thickness <small>r.l.u.</small>")}
        </div>
        <div id="volume-oblique" hidden>
          ${text("volume-point", "Point <small>h k l</small>", "0 0 0")}
          ${text("volume-first-vector", "First vector", "1 1 0")}
          ${text("volume-second-vector", "Second vector", "0 0 1")}
          <button type="button" id="volume-show-plane">Show this plane</button>
          <figure class="map" hidden><figcaption>The plane, interpolated</figcaption><canvas id="volume-plane-map" role="img" aria-label="The oblique plane"></canvas></figure>
        </div>
      </div>
      <label class="check" id="volume-temperature-field" hidden><input type="checkbox" id="volume-temperature" checked> <span></span></label>
    </fieldset>
  </form>
  <div class="dialog-foot">
    <p id="volume-count" aria-live="polite"></p>
    <div class="buttons" id="volume-proposals"></div>
    <button type="button" class="primary" id="volume-use" disabled>Use these data</button>
  </div>
</dialog>`;
