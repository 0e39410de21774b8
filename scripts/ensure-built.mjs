// Makes a fresh checkout usable: what `npm test` and `npm run demo` need is installed and built.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = dirname(dirname(fileURLToPath(import.meta.url)));

/** Installs where packages are missing or not those of the lock file; builds where sources are newer. */
export function ensureBuilt() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(`fleet needs Node 20.19 or newer; this is ${process.versions.node}\n`);
    process.exit(1);
  }
  if (!installed()) npm('ci', '--no-fund', '--no-audit');
  const sources = Math.max(
    changed('package.json'),
    changed('tsconfig.json'),
    ...['build.ts', 'bundle.ts', 'warm-up.mjs'].map((name) => changed(join('scripts', name))),
    ...filesBelow('bin').map(changed),
    ...filesBelow('src').map(changed),
  );
  if (changed('dist/main.cjs') < sources) npm('run', '--silent', 'build');
}

/** Whether every package of the lock file is there in its version; optional ones may be missing. */
function installed() {
  const wanted = packages('package-lock.json');
  const found = packages('node_modules/.package-lock.json');
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || optional === true || found[path]?.version === version,
  );
}

function packages(path) {
  const file = join(checkout, path);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

/** When a file was written, in milliseconds; 0 where there is none. */
function changed(path) {
  return statSync(join(checkout, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function filesBelow(folder) {
  const path = join(checkout, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true }).map((name) => join(folder, String(name)));
}

function npm(...args) {
  process.stderr.write(`npm ${args.join(' ')}\n`);
  const { status } = spawnSync('npm', args, { cwd: checkout, stdio: ['inherit', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

/** What vitest calls before the end-to-end tests, which run what was built. */
export { ensureBuilt as setup };
