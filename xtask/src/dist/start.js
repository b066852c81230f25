/**
 * Start of the page as one file: unpacks what lies in it, then runs the page. Workers find the texts of other workers in
 * what was put before their own; a page from a disk gives no address of a file that a worker of it could open.
 */
(() => {
  // Modules are no workers where a page comes from a disk; these are whole already.
  const PlainWorker = class extends Worker {
    /** @param {string | URL} url @param {WorkerOptions} [options] */
    constructor(url, options) {
      super(url, { ...options, type: "classic" });
    }
  };

  /** `packed(path, from)` in place of `new URL(path, import.meta.url)`. @param {(path: string) => string | undefined} addressOf */
  const finder = (addressOf) => (/** @type {string} */ path, /** @type {string} */ from) => {
    const name = new URL(path, `packed:/${from}`).pathname.slice(1);
    const address = addressOf(name);
    if (!address) throw new Error(`${name} is not in this file`);
    // The name is for those who look at what runs.
    return new URL(`${address}#/${name}`);
  };

  /** Runs before a worker, with the texts of those that it starts itself. @param {Record<string, string>} texts */
  const before = (texts) => {
    /** @type {Record<string, string>} */
    const addresses = {};
    Object.assign(globalThis, {
      Worker: PlainWorker,
      packed: finder((name) => {
        const text = texts[name];
        if (text !== undefined) addresses[name] ??= URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
        return addresses[name];
      }),
    });
  };
  const helpers = `const PlainWorker = ${PlainWorker}, finder = ${finder};`;

  /** What lies in the file. @returns {Promise<ArrayBuffer>} */
  async function unpack() {
    const store = document.getElementById("packed");
    const text = store?.textContent ?? "";
    const digits = new Uint8Array(128);
    const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&_>()[]{}@%$#";
    for (let i = 0; i < alphabet.length; i++) digits[alphabet.charCodeAt(i)] = i;
    const bytes = new Uint8Array((text.length / 5) * 4);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < text.length; i += 5) {
      let word = 0;
      for (let j = 0; j < 5; j++) word = word * 85 + (digits[text.charCodeAt(i + j)] ?? 0);
      view.setUint32((i / 5) * 4, word);
    }
    const length = Number(store?.dataset.length);
    store?.remove();
    const stream = new Blob([bytes.subarray(0, length)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Response(stream).arrayBuffer();
  }

  async function start() {
    const all = await unpack();
    const head = new DataView(all).getUint32(0);
    const text = (/** @type {number} */ at, /** @type {number} */ length) =>
      new TextDecoder().decode(new Uint8Array(all, at, length));
    /**
     * `starts`: the workers that a worker starts, which stand before it; `also`: another name.
     * @type {{name: string, type: string, length: number, starts?: string[] | null, also?: string | null}[]}
     */
    const list = JSON.parse(text(4, head));
    /** @type {Record<string, string>} */
    const addresses = {};
    /** @type {Record<string, string>} */
    const workers = {};
    let page = "";
    let at = 4 + head;
    for (const { name, type, length, starts, also } of list) {
      let content = /** @type {BlobPart} */ (new Uint8Array(all, at, length));
      if (name === "page") page = text(at, length);
      else {
        if (starts) {
          const texts = Object.fromEntries(starts.map((other) => [other, workers[other]]));
          content = `${helpers}(${before})(${JSON.stringify(texts)});${text(at, length)}`;
          workers[name] = content;
        }
        addresses[name] = URL.createObjectURL(new Blob([content], { type }));
        if (also) addresses[also] = addresses[name] ?? "";
      }
      at += length;
    }
    Object.assign(globalThis, { Worker: PlainWorker, packed: finder((name) => addresses[name]) });
    const script = document.createElement("script");
    script.type = "module";
    script.textContent = page;
    document.body.append(script);
  }

  start().catch((error) => {
    console.error(error);
    document.documentElement.dataset.state = "failed";
    const status = document.getElementById("status");
    if (status) {
      status.textContent =
        "This file could not be unpacked: it is damaged, or this browser is older than 2023. Load it again, or use another browser.";
    }
  });
})();
