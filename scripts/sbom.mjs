// `npm run sbom [-- FILE]`: what fleet is made of when it runs, as CycloneDX in sbom.cdx.json. npm
// writes it out of the lock file; a licence that a package names in its old way is added here.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = fileURLToPath(new URL('..', import.meta.url));
const target = process.argv[2] ?? join(checkout, 'sbom.cdx.json');
const read = (path) => JSON.parse(readFileSync(join(checkout, path), 'utf8'));

// Not `--omit dev`: npm then leaves out what a developer's tool needs as well, such as yaml and zod.
const asked = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
const { status, stdout, stderr } = spawnSync('npm', asked, {
  cwd: checkout,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 ** 2,
});
if (status !== 0) {
  process.stderr.write(`npm sbom failed: ${stderr}\n`);
  process.exit(1);
}

const { packages } = read('package-lock.json');
const sbom = JSON.parse(stdout);
sbom.metadata.component.name = read('package.json').name;
const running = new Set(Object.entries(packages).filter(runs).map(nameAndVersion));
sbom.components = sbom.components.filter((part) => running.has(`${part.name}@${part.version}`));
const named = new Set(sbom.components.map((part) => part['bom-ref']));
const root = sbom.metadata.component['bom-ref'];
sbom.dependencies = sbom.dependencies
  .filter(({ ref }) => ref === root || named.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => named.has(each)) }));
for (const part of sbom.components) {
  if (part.licenses !== undefined) continue;
  const licence = licenceOf(part.name);
  if (licence !== undefined) part.licenses = [{ license: { id: licence } }];
}
writeFileSync(target, `${JSON.stringify(sbom, null, 2)}\n`);
process.stderr.write(`${named.size} packages, in ${target}\n`);

/** Neither a developer's tool nor a folder of this checkout, which is fleet itself. */
function runs([path, { dev, devOptional, link }]) {
  return path.includes('node_modules/') && !dev && !devOptional && !link;
}

function nameAndVersion([path, { name, version }]) {
  return `${name ?? path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`;
}

/** Before `license` there was `licenses`, a list, which npm does not take over. */
function licenceOf(name) {
  const { license, licenses } = read(`node_modules/${name}/package.json`);
  return license?.type ?? license ?? licenses?.[0]?.type;
}
