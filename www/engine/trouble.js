/** What went wrong in a worker, in the form that messages carry. */

/** @param {unknown} error After a trap the instance must not be used again. */
export function isFatal(error) {
  return error instanceof WebAssembly.RuntimeError;
}

/** @param {unknown} error @returns {import("./protocol.js").Trouble} */
export function trouble(error) {
  const { code, message } = /** @type {{code?: string, message?: string}} */ (error ?? {});
  return { code: code ?? "unknown", message: message ?? String(error) };
}
