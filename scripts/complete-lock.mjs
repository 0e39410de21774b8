// Completes package-lock.json after `npm install`. A registry mirror may lack the builds of a
// package for other platforms; npm then leaves them out of the lock file, and its own `npm ci`
// refuses that file. They are never installed here, so their name, version and checksum are all it takes;
// the checksum is asked of the registry, for other machines install them.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const systems = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
  'aix',
  'wasi',
];
const processors = [
  'arm64',
  'arm',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'x64',
  'wasm32',
];

let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(path, name) || !/^\d+\.\d+\.\d+/.test(version)) continue;
    const os = systems.filter((system) => name.includes(system));
    const cpu = processors.filter((processor) => name.split(/[-/]/).includes(processor));
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(cpu.length > 0 ? { cpu } : {}),
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      ...(os.length > 0 ? { os } : {}),
    };
    added += 1;
  }
}
let asked = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  // The project itself, and what lies in the checkout, come from no registry.
  if (!path.includes('node_modules/') || entry.link || entry.integrity || entry.inBundle) continue;
  const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  lock.packages[path] = withIntegrity(entry, integrityOf(`${name}@${entry.version}`));
  asked += 1;
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(
  file,
  `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`,
);
process.stdout.write(`added ${added} packages of other platforms, ${asked} checksums\n`);

function integrityOf(spec) {
  const { status, stdout } = spawnSync('npm', ['view', spec, 'dist.integrity'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const integrity = stdout.trim();
  if (status === 0 && /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity)) return integrity;
  throw new Error(`the registry has no checksum of ${spec}`);
}

/** Where npm itself writes it: after the version. */
function withIntegrity({ version, ...others }, integrity) {
  return { version, integrity, ...others };
}

/** npm looks in each folder from the package upwards. */
function isLocked(path, name) {
  for (let folder = path; ; folder = folder.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    if (lock.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}
