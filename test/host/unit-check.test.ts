import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFacts } from '../../src/host/reply/facts.js';
import { readUnitChecks } from '../../src/host/reply/unit-files.js';
import { confirmStep, factsStep, unclaimStep } from '../../src/host/steps/steps.js';
import { checkUnitsStep, unitsStep } from '../../src/host/steps/unit-file-step.js';
import { activationSteps, claim, deploy, ownership, revert } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE, SHELLS } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';

const one = fakeRelease(1);
const two = fakeRelease(2);

let host: FakeHost;
afterEach(() => host.stop());

const FILE = { name: 'shop.service', text: '[Service]\nExecStart=/bin/true\n' };

/** systemd-analyze that prints these lines, where FILE is the path that it was given. */
const analyze = (exit: number, ...lines: readonly string[]): void =>
  host.tool(
    'systemd-analyze',
    `#!/bin/sh\nfor file; do :; done\n${lines.map((line) => `printf '%s\\n' "${line}" >&2\n`).join('')}exit ${exit}\n`,
  );

async function check(files = [FILE], scope = 'system') {
  const outcome = await host.run([checkUnitsStep(scope, files)]);
  expect(outcome).toMatchObject({ kind: 'ok' });
  return readUnitChecks(outcome.events);
}

const folders = () => readdirSync('/tmp').filter((name) => name.startsWith('fleet-units.'));

describe.each(SHELLS)('unit files that a host checks, in %s', (shell) => {
  test('are read by systemd-analyze, refused by its words, and leave nothing', async () => {
    host = createFakeHost(shell);
    const before = folders();
    const seen = join(host.dir, 'seen');
    host.tool(
      'systemd-analyze',
      `#!/bin/sh\nfor file; do :; done\ncat "$file" >>'${seen}'\necho "$file:2: Failed to parse service restart specifier, ignoring: perhaps" >&2\n`,
    );
    const text = `[Service]\n# it's "a" $(id) \`id\` %% \\x *\nExecStart=/bin/true\n`;
    expect(await check([{ name: 'shop.service', text }])).toEqual([
      {
        unit: 'shop.service',
        refused: 'shop.service:2: Failed to parse service restart specifier, ignoring: perhaps',
        ignored: [],
      },
    ]);
    expect(readFileSync(seen, 'utf8')).toBe(text);
    expect(folders()).toEqual(before);
    expect(existsSync(join(host.root, '.fleet'))).toBe(false);
  });
});

describe('a unit file that a host checks', () => {
  beforeEach(() => {
    host = createFakeHost();
  });

  test.each([
    ['a section that systemd does not know', 0, ["$file:5: Unknown section 'Instal'. Ignoring."]],
    ['a line that it leaves out', 0, ["$file:8: Missing '=', ignoring line."]],
    ['a setting that it cannot read', 1, ['$file:2: Failed to parse it, ignoring: x']],
    ['no program', 1, ['shop.service: Service has no ExecStart=. Refusing.']],
    [
      'a unit that it needs and that is not there',
      1,
      ['Failed to create shop.service/start: Unit db.service not found.'],
    ],
    ['what no version takes', 1, ['Unit shop.service has a bad unit file setting.']],
  ])('is refused for %s', async (_, exit, lines) => {
    analyze(exit, ...lines);
    expect(await check()).toMatchObject([
      { refused: (lines[0] ?? '').replace('$file', 'shop.service') },
    ]);
  });

  test('is refused by the line that is to blame, not by what follows from it', async () => {
    analyze(
      1,
      '$file:7: Standard output type syslog is obsolete, automatically updating to journal.',
      '$file:9: WorkingDirectory= path is not absolute: relative',
      'shop.service: Unit configuration has fatal error, unit will not be started.',
    );
    expect(await check()).toMatchObject([
      { refused: 'shop.service:9: WorkingDirectory= path is not absolute: relative' },
    ]);
  });

  test.each([
    [
      'programs that come with the release',
      1,
      ['shop.service: Command /x is not executable: No such file'],
    ],
    ['another unit', 1, ['/lib/systemd/system/other.service:1: Unknown section, ignoring.']],
    [
      'forms that systemd still takes',
      0,
      ['$file:7: Unit uses MemoryLimit=; please use MemoryMax= instead.'],
    ],
  ])('is not refused for %s', async (_, exit, lines) => {
    analyze(exit, ...lines);
    expect(await check()).toEqual([{ unit: 'shop.service', refused: null, ignored: [] }]);
  });

  test('has the settings named that only a newer systemd knows', async () => {
    analyze(
      0,
      "$file:4: Unknown key 'ProtectProc' in section [Service], ignoring.",
      '$file:5: Failed to parse system call, ignoring: new_call',
    );
    expect(await check()).toEqual([
      {
        unit: 'shop.service',
        refused: null,
        ignored: [
          "shop.service:4: Unknown key 'ProtectProc' in section [Service], ignoring.",
          'shop.service:5: Failed to parse system call, ignoring: new_call',
        ],
      },
    ]);
  });

  test('is checked as a template by an instance of it, and in the scope of the app', async () => {
    const words = join(host.dir, 'words');
    host.tool('systemd-analyze', `#!/bin/sh\necho "$@" >>'${words}'\n`);
    await check([{ ...FILE, name: 'job@.service' }], 'user');
    expect(readFileSync(words, 'utf8')).toMatch(
      /--user --man=no verify \/tmp\/\S+\/job@x\.service$/m,
    );
  });
});

describe('facts of unit files', () => {
  const folder = (): string => join(host.dir, 'etc/systemd/system');
  const file = (): string => join(folder(), 'shop.service');
  const NEW = '[Service]\nExecStart=/bin/true\n';

  /** Release two runs, and has brought a unit file in place of `old`. */
  beforeEach(async () => {
    host = createFakeHost();
    host.tool('systemd-analyze', '#!/bin/sh\nexit 0\n');
    host.unit('shop.service', { cwd: join(host.root, 'current') });
    mkdirSync(folder(), { recursive: true });
    writeFileSync(file(), 'old\n');
    await deploy(host, ownership(1), { from: null, to: one });
    const by = ownership(2);
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    const files = [{ name: 'shop.service', text: NEW, hosts: [], before: null }];
    await host.run([unitsStep(by, two.id, { scope: 'system', files })]);
    await host.run(activationSteps(by, one.id, two.id));
    expect(await host.run([confirmStep(by, NOW), unclaimStep(by)])).toMatchObject({ kind: 'ok' });
  });

  async function facts(options: Parameters<typeof factsStep>[2] = {}) {
    const { events } = await host.run([factsStep(SERVICE, [], options)]);
    return readFacts(events);
  }

  test('say nothing of a change by hand where there is none', async () => {
    expect((await facts())?.unitFiles).toMatchObject([{ unit: 'shop.service', found: 'file' }]);
    expect((await facts())?.unitFiles?.[0]).not.toHaveProperty('brought');
  });

  test('have what the release brought beside what someone has made of it', async () => {
    writeFileSync(file(), `${NEW}Nice=5\n`);
    expect((await facts())?.unitFiles).toMatchObject([
      {
        found: 'file',
        lines: ['[Service]', 'ExecStart=/bin/true', 'Nice=5'],
        brought: ['[Service]', 'ExecStart=/bin/true'],
      },
    ]);
  });

  test('say nothing of it where the same release was tried with another file, and went back', async () => {
    const by = ownership(3);
    await host.run([claim(by, two.id)]);
    const files = [{ name: 'shop.service', text: `${NEW}Nice=9\n`, hosts: [], before: null }];
    await host.run([unitsStep(by, two.id, { scope: 'system', files })]);
    const kept = join(host.root, '.fleet/units', two.id, 'shop.service');
    expect(readFileSync(kept, 'utf8')).toBe(NEW);
    await host.run(activationSteps(by, two.id, two.id));
    expect(readFileSync(kept, 'utf8')).toBe(`${NEW}Nice=9\n`);
    expect(await host.run([revert(by), unclaimStep(by)])).toMatchObject({ kind: 'ok' });
    expect(readFileSync(file(), 'utf8')).toBe(NEW);
    expect(readFileSync(kept, 'utf8')).toBe(NEW);
    expect((await facts())?.unitFiles?.[0]).not.toHaveProperty('brought');
  });

  test('have what each release keeps if they are asked for it, and each text once', async () => {
    expect((await facts())?.keptUnits).toBeUndefined();
    const kept = (await facts({ kept: true }))?.keptUnits ?? [];
    expect(new Map(kept.map(({ release, lines }) => [release, lines]))).toEqual(
      new Map([
        [one.id, ['old']],
        [two.id, ['[Service]', 'ExecStart=/bin/true']],
      ]),
    );
    const step = factsStep(SERVICE, [], { kept: true });
    const { events } = await host.run([step]);
    const texts = events.filter((event) => 'lines' in event && event.lines !== undefined);
    expect(texts).toHaveLength(2);
  });
});
