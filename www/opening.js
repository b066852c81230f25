/**
 * What can be said before, or without, the modules of the page. No module itself, because browsers that
 * have none and pages opened from a disk run none.
 */

(() => {
  /** @param {string} sentence */
  const fail = (sentence) => {
    document.documentElement.dataset.state = "failed";
    const say = () => {
      const status = document.getElementById("status");
      if (!status) return;
      status.classList.add("bad");
      status.textContent = sentence;
    };
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", say);
    else say();
  };

  if (location.protocol === "file:" && !("single" in document.documentElement.dataset)) {
    fail(
      "This page was opened from a disk, and browsers load no engine from there. Let a server on this machine " +
        "hand it out instead: “cargo xtask serve”, or “python3 -m http.server” in the folder above www, then open " +
        "the address that it prints, with /www/ at its end.",
    );
    return;
  }
  if (!("noModule" in HTMLScriptElement.prototype) || typeof WebAssembly !== "object") {
    fail(
      "This browser is too old for the engine, which needs JavaScript modules and WebAssembly. Use a browser of 2023 or later.",
    );
    return;
  }
  // Scripts that do not load tell it to nobody else; such events do not bubble.
  window.addEventListener(
    "error",
    ({ target }) => {
      if (!(target instanceof HTMLScriptElement)) return;
      fail(
        navigator.onLine
          ? "A part of the page did not load. Reload the page; if that does not help, its files are not all where they should be."
          : "The network is gone, and with it a part of the page. Reload when it is back.",
      );
    },
    true,
  );
})();
