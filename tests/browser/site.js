// What `cargo xtask dist` makes, and a server of other people's kind for it: below a path, with everything cached by browsers.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { fromXtask } from "./chromium.js";

/** Where both are. */
export const DIST = fromXtask("TDS_DIST");
export const SITE = join(DIST, "site");
export const SINGLE = pathToFileURL(join(DIST, "tds-inversion.html")).href;

/** @type {Record<string, string>} */
const TYPES = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  css: "text/css",
  json: "application/json",
  wasm: "application/wasm",
  svg: "image/svg+xml",
};

/** Serves a folder below /course/tds/; the address of that and how to end it. @param {string} folder */
export async function serve(folder) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "", "http://localhost").pathname;
    const name = path.startsWith("/course/tds/") ? path.slice("/course/tds/".length) || "index.html" : "";
    const bytes = name && !name.includes("..") ? await readFile(join(folder, name)).catch(() => null) : null;
    const type = TYPES[name.split(".").pop() ?? ""] ?? "text/plain; charset=utf-8";
    response.writeHead(bytes ? 200 : 404, { "content-type": type, "cache-control": "max-age=600" });
    response.end(bytes ?? "There is no such file.");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return {
    address: `http://127.0.0.1:${port}/course/tds/`,
    end: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
