/** Published frequencies that come with the page. */

/** By the elements of the crystal. */
const EXAMPLES = [
  {
    elements: "Cu",
    file: "cu_dispersion_298K.csv",
    words: "Neutrons: copper, Nicklow et al. 1967",
  },
];

/** @param {string[]} elements @returns {{words: string, load: () => Promise<File>} | null} */
export function example(elements) {
  const found = EXAMPLES.find((row) => row.elements === elements.join(" "));
  if (!found) return null;
  const { file, words } = found;
  return {
    words,
    async load() {
      const answer = await fetch(new URL(`../examples/${file}`, import.meta.url));
      if (!answer.ok) throw new Error(`${file} cannot be loaded: the server says ${answer.status}`);
      return new File([await answer.arrayBuffer()], file);
    },
  };
}
