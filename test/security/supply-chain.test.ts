import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { scratchFolder } from '../artifact/support/scratch.js';

const checkout = join(import.meta.dirname, '../..');
const Entry = z.looseObject({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  link: z.boolean().optional(),
  dev: z.boolean().optional(),
  devOptional: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
});
const Lock = z.object({ packages: z.record(z.string(), Entry) });
const Project = z.object({ name: z.string(), allowScripts: z.record(z.string(), z.boolean()) });
const Sbom = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string().regex(/^1\.\d+$/),
  metadata: z.object({ component: z.object({ name: z.literal('fleet') }) }),
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      purl: z.string(),
      hashes: z.array(z.object({ alg: z.literal('SHA-512'), content: z.string().length(128) })),
      licenses: z.array(z.object({ license: z.object({ id: z.string() }) })).min(1),
    }),
  ),
});

const read = (path: string): unknown => JSON.parse(readFileSync(join(checkout, path), 'utf8'));
const { packages } = Lock.parse(read('package-lock.json'));
const fetched = Object.entries(packages).filter(
  ([path, { link }]) => path.includes('node_modules/') && link !== true,
);
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 13);

describe('the lock file', () => {
  test('has the SHA-512 of everything that is fetched, of other platforms too', () => {
    const without = fetched.filter(
      ([, { integrity = '' }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity),
    );
    expect(without).toEqual([]);
    expect(fetched.length).toBeGreaterThan(250);
  });

  test('names no place to fetch from but the registry that npm is set to', () => {
    const places = fetched.flatMap(([, { resolved }]) => resolved ?? []);
    expect(places).toEqual([]);
  });
});

describe('scripts that run when fleet is installed', () => {
  test('are all in allowScripts, run or not, so that a new one is noticed', () => {
    const { allowScripts } = Project.parse(read('package.json'));
    const scripted = fetched.filter(([, entry]) => entry.hasInstallScript === true);
    const names = scripted.map(([path]) => nameOf(path));
    expect(names.sort()).toEqual(Object.keys(allowScripts).sort());
  });

  test('are named in the docs with what they do', () => {
    const docs = readFileSync(join(checkout, 'docs/supply-chain.md'), 'utf8');
    const { allowScripts } = Project.parse(read('package.json'));
    for (const name of Object.keys(allowScripts)) expect(docs).toContain(`| \`${name}\``);
  });

  test('build no cpu-features: what has its name is a file of this checkout', () => {
    expect(packages['node_modules/cpu-features']).toEqual({
      resolved: 'scripts/no-cpu-features',
      link: true,
    });
    const installed = join(checkout, 'node_modules/cpu-features');
    expect(readdirSync(installed).sort()).toEqual(['index.cjs', 'package.json']);
    expect(existsSync(join(checkout, 'node_modules/buildcheck'))).toBe(false);
  });
});

test('npm run sbom names every package that runs, with its licence and its checksum', () => {
  const file = join(scratchFolder(), 'sbom.json');
  execFileSync('node', ['scripts/sbom.mjs', file], { cwd: checkout, stdio: 'pipe' });
  const { components } = Sbom.parse(JSON.parse(readFileSync(file, 'utf8')));
  const running = fetched.filter(
    ([, { dev, devOptional }]) => dev !== true && devOptional !== true,
  );
  const wanted = running.map(([path, { version }]) => `${nameOf(path)}@${version}`);
  const named = components.map(({ name, version }) => `${name}@${version}`);
  expect(named.sort()).toEqual([...new Set(wanted)].sort());
  const licences = new Set(components.flatMap(({ licenses }) => licenses[0]?.license.id));
  expect([...licences].filter((licence) => /GPL/.test(licence ?? ''))).toEqual([]);
});
