import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseConfigs } from '../../src/config/fleet/file.js';
import { FLEET_TEXT, INVENTORY_TEXT } from '../../src/config/init/scaffold-text.js';
import { mergeInventory } from '../../src/config/inventory/merge.js';
import { readNative } from '../../src/config/inventory/read/native.js';
import { sshDefaults } from '../../src/config/inventory/resolve/defaults.js';
import { createSshConfigs } from '../../src/config/ssh-config/read.js';
import { readYaml } from '../../src/config/yaml/file.js';
import { FleetError } from '../../src/errors/fleet-error.js';
import { renderProblem } from '../../src/errors/render-problem.js';
import { person } from './support/inventory-folder.js';

/** Every refusal has a mistake to show, and every mistake a place inside of the file. */
function outcomeOf(text: string): void {
  try {
    parseConfigs({ file: '/srv/fleet.yaml', text, home: '/home/me' });
  } catch (error) {
    if (!(error instanceof FleetError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    const lines = text.split('\n');
    for (const problem of error.problems) {
      const { location } = problem;
      expect(location?.text).toBe(lines[(location?.line ?? 0) - 1]?.replace(/\r$/, ''));
      expect(location?.column ?? 0).toBeLessThanOrEqual((location?.text.length ?? 0) + 1);
      expect(renderProblem(problem).length).toBeGreaterThan(2);
    }
  }
}

async function inventoryOutcomeOf(text: string): Promise<void> {
  const base = { dir: '/srv', home: '/home/me' };
  const { part, problems } = readNative(readYaml('a.yaml', text), base);
  if (part === null) expect(problems.length).toBeGreaterThan(0);
  const defaults = await sshDefaults(person);
  const machine = { ...person, cwd: '/srv', loginHome: null, owners: null, runPrograms: true };
  const configs = createSshConfigs(machine, defaults.knownHosts);
  await mergeInventory(part === null ? [] : [part], { defaults, agentSocket: null, configs });
}

const scrap = fc.constantFrom(
  '\t',
  '\n',
  ' ',
  ':',
  '- ',
  '&a ',
  '*a',
  '<<: ',
  '{',
  ']',
  '"',
  '#',
  '0',
  '%',
  '\u001b',
  'é',
  '🚀',
);
const wounded = (text: string) =>
  fc
    .array(fc.tuple(fc.nat(text.length), fc.nat(12), scrap), { minLength: 1, maxLength: 5 })
    .map((cuts) =>
      cuts.reduce((left, [at, gone, put]) => left.slice(0, at) + put + left.slice(at + gone), text),
    );

describe('a damaged file', () => {
  test('is read, or refused with places that exist: fleet.yaml', () => {
    fc.assert(fc.property(wounded(FLEET_TEXT), outcomeOf), { numRuns: 150 });
  });

  test('is read, or refused: inventory', async () => {
    const property = fc.asyncProperty(wounded(INVENTORY_TEXT), inventoryOutcomeOf);
    await fc.assert(property, { numRuns: 150 });
  });

  test('with any value under any key is read, or refused', () => {
    const keys = [
      'app',
      'root',
      'service',
      'release',
      'shared',
      'probes',
      'policy',
      'environments',
    ];
    const inner = ['from', 'unit', 'waves', 'http', 'tcp', 'tolerate', 'bake', 'prod'];
    const value = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom(...inner), fc.jsonValue()),
    );
    const file = fc.dictionary(fc.constantFrom(...keys), value);
    fc.assert(
      fc.property(file, (written) => outcomeOf(stringify(written))),
      { numRuns: 150 },
    );
  });
});
