// How fast the package is under Node: run by `cargo xtask bench`.

import { load } from './load.js';

const tds = load();
console.log(`tds-inversion ${tds.version()}, Node ${process.version}`);
