// Part of the build: tsc leaves out what is not TypeScript, and the host program and the practice
// fleet's shims are shell texts that are read at run time.
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

for (const folder of ['host/program', 'lab/shims']) {
  cpSync(at(`src/${folder}`), at(`dist/${folder}`), { recursive: true });
}
