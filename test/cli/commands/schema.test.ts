import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { OUTPUT_SCHEMAS } from '../../../src/ui/json-schema.js';
import { createBastion } from '../support/fake-context.js';

const RELEASES = join(import.meta.dirname, '../../../examples/shop/releases');
const POLICY = 'policy: { waves: [1, rest], min_healthy_time: 200ms, healthy_deadline: 20s }';
const HOOKS = "hooks: { before_activate: ['true'], after_run: [{ local: 'echo no; exit 1' }] }";

const bastion = createBastion();
const { dir } = bastion;
writeFileSync(
  join(dir, 'fleet.yaml'),
  `app: shop\nroot: ~/shop\nservice: { unit: shop.service }\nshared: [.env]\n${POLICY}\n${HOOKS}\n`,
);
mkdirSync(join(dir, 'inventories'));
// Outside of this repository, so that ids come from the content and not from its commit.
cpSync(RELEASES, join(dir, 'releases'), { recursive: true });
afterAll(() => bastion.fleet('lab', 'down'));

/** Runs a command with `--json` and holds what it prints against its schema, which is strict. */
async function obeys(name: keyof typeof OUTPUT_SCHEMAS, ...argv: readonly string[]) {
  // Of an exec, everything after its first word belongs to the command.
  const asked = argv.includes('--json') ? argv : [...argv, '--json'];
  const { code, stdout, stderr } = await bastion.fleet(...asked);
  const printed: unknown = JSON.parse(stdout);
  const { error } = OUTPUT_SCHEMAS[name].safeParse(printed);
  expect(error?.issues, `${argv.join(' ')}: ${stdout}\n${stderr}`).toBeUndefined();
  return { code, printed };
}

describe('what --json prints obeys its published schema', () => {
  test('of every command on a practice fleet', async () => {
    const up = await obeys('lab', 'lab', 'up', '--hosts', '2');
    const { inventoryFile } = OUTPUT_SCHEMAS.lab.parse(up.printed) as { inventoryFile: string };
    cpSync(inventoryFile, join(dir, 'inventories/lab.yaml'));
    const prod = ['-g', 'prod'];
    const from = (release: string) => ['--from', `releases/${release}`, ...prod];

    await obeys('check', 'check');
    await obeys('inventory-list', 'inventory');
    await obeys('inventory-origin', 'inventory', '--origin');
    await obeys('plan', 'plan', 'deploy', ...from('good'));
    expect((await obeys('deploy', 'deploy', '-y', ...from('good'))).code).toBe(0);
    expect((await obeys('deploy', 'deploy', '-y', ...from('dies'))).code).toBe(4);
    await obeys('status', 'status', ...prod);
    expect((await obeys('doctor', 'doctor', ...prod)).code).toBe(0);
    const guard = ['doctor', '-y', ...prod];
    expect((await obeys('doctor', ...guard, '--install-guard')).code).toBe(0);
    expect((await obeys('doctor', ...guard, '--remove-guard')).code).toBe(0);
    await obeys('error', ...guard, '--install-guard', '--remove-guard');
    await obeys('releases', 'releases', ...prod);
    await obeys('exec', 'exec', ...prod, '--json', 'exit 3');
    expect((await obeys('recover', 'recover', '-y', ...prod)).code).toBe(0);
    expect((await obeys('lock', 'lock', 'status', ...prod)).code).toBe(0);
    await obeys('error', 'lock', 'release', ...prod);
    expect((await obeys('lock', 'lock', 'release', '--force', ...prod)).code).toBe(0);
    await obeys('error', 'pause', 'no-such-run');
    await obeys('error', 'rollback', '-y', ...prod, '--to', 'nothing');

    const { runs } = OUTPUT_SCHEMAS.history.parse((await obeys('history', 'history')).printed);
    expect(runs.map(({ state }) => state).sort()).toEqual(['rolled_back', 'succeeded']);
    for (const { run } of runs) await obeys('show', 'show', run);

    await obeys('lab', 'lab', 'fault', 'web01', 'down');
    expect((await obeys('status', 'status', ...prod)).code).toBe(3);
    expect((await obeys('doctor', 'doctor', ...prod)).code).toBe(3);
    expect((await obeys('doctor', ...guard, '--install-guard')).code).toBe(3);
    await obeys('lab', 'lab', 'fault', 'web02', 'sudo-password');
    expect((await obeys('doctor', 'doctor', ...prod)).code).toBe(2);
    await obeys('lab', 'lab', 'fault', 'web02', 'sudo-password', '--off');
    await obeys('exec', 'exec', ...prod, '--json', 'true');
    await obeys('recover', 'recover', '-y', ...prod);
    await obeys('lab', 'lab', 'status');
    await obeys('lab', 'lab', 'down');
    await obeys('lab', 'lab', 'status');
  }, 60_000);

  test('of a refusal, with the place of each mistake', async () => {
    const other = createBastion();
    await obeys('error', 'show', '2020');
    writeFileSync(join(other.dir, 'fleet.yaml'), 'app: [\npolcy: {}\n');
    for (const [name, command] of [
      ['check', ['check']],
      ['error', ['status', '-g', 'web']],
    ] as const) {
      const { stdout } = await other.fleet(...command, '--json');
      OUTPUT_SCHEMAS[name].parse(JSON.parse(stdout));
    }
    const fresh = createBastion();
    OUTPUT_SCHEMAS.init.parse(JSON.parse((await fresh.fleet('init', '--json')).stdout));
  });
});

describe('fleet schema', () => {
  const docs = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
  const section = /^### fleet schema\n(.*?)^##/ms.exec(docs)?.[1] ?? '';

  test.each(['fleet', 'inventory', ...Object.keys(OUTPUT_SCHEMAS)])(
    'prints that of %s, and docs/cli.md names it',
    async (name) => {
      const { code, stdout } = await bastion.fleet('schema', name);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
      });
      expect(section).toContain(`\`${name}\``);
      await obeys('schema', 'schema', name);
    },
  );

  test('suggests the name that was meant', async () => {
    expect(await bastion.fleet('schema', 'flet')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean fleet?'),
    });
  });
});
