import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OUTPUT_SCHEMAS } from '../../src/ui/json-schema.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { practiceBastion } from './support/practice-bastion.js';

const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

/** A bastion whose history is a file in which no database can be until `repair`. */
function bastionWithoutHistory() {
  const at = practiceBastion(practice.lab);
  const file = join(at.dir, 'history.db');
  const config = readFileSync(join(at.dir, 'fleet.yaml'), 'utf8');
  const useHistory = (path: string): void =>
    writeFileSync(join(at.dir, 'fleet.yaml'), `${config}history: sqlite:${path}\n`);
  useHistory(file);
  mkdirSync(file);
  return { ...at, file, useHistory, repair: () => rmSync(file, { recursive: true }) };
}

let count = 0;

type Bastion = ReturnType<typeof bastionWithoutHistory>;

/** Each time another release, so that there is something to do. */
async function deploy(at: Bastion) {
  count += 1;
  writeFileSync(join(at.dir, 'releases/good/count'), `${count}`);
  const ended = await at.fleet('deploy', '--yes', '--json');
  return { ...ended, run: String(JSON.parse(ended.stdout).run) };
}

async function sync(at: Bastion, ...flags: readonly string[]) {
  const { stdout, code } = await at.typed('history', 'sync', '--json', ...flags);
  return { code, ...OUTPUT_SCHEMAS['history-sync'].parse(JSON.parse(stdout)) };
}

const marks = (at: Bastion): readonly string[] => readdirSync(join(at.dir, 'state/history-sync'));

const journal = (at: Bastion, run: string): string =>
  join(at.dir, 'state/runs', run, 'events.ndjson');

describe('a run whose history cannot be written', () => {
  test('ends as it would, warns once with the remedy, and is written by the next command', async () => {
    const at = bastionWithoutHistory();
    const { code, stderr, run } = await deploy(at);
    expect(code).toBe(0);
    const warnings = stderr.split('\n').filter((line) => line.includes('history'));
    expect(warnings).toEqual([
      expect.stringContaining(`the history of run ${run} is incomplete: `),
    ]);
    expect(warnings[0]).toContain('fleet history sync');
    expect(await at.typed('history')).toMatchObject({ code: 2 });
    at.repair();
    const shown = await at.typed('show', run, '--json');
    expect(shown.stderr).toBe(`The history lacked all of it of run ${run}; it has it now.\n`);
    expect(JSON.parse(shown.stdout)).toMatchObject({
      state: 'succeeded',
      operator: 'ada@bastion',
      hosts: [{ state: 'done' }, { state: 'done' }],
    });
    expect(marks(at)).toEqual([]);
    expect((await at.typed('history', 'sync')).stdout).toBe(
      'The history lacks nothing of the runs of this bastion.\n',
    );
  }, 60_000);

  test('is written while the next run goes on', async () => {
    const at = bastionWithoutHistory();
    const first = await deploy(at);
    at.repair();
    const second = await deploy(at);
    const { stdout, stderr } = await at.typed('history', '--json');
    expect(stderr).toBe('');
    const runs = JSON.parse(stdout).runs.map(({ run }: { run: string }) => run);
    expect(runs.toSorted()).toEqual([first.run, second.run].toSorted());
  }, 60_000);

  test('is written by `history sync`, also one whose controller was killed, as far as it came', async () => {
    const at = bastionWithoutHistory();
    const { run } = await deploy(at);
    at.repair();
    const whole = readFileSync(journal(at, run), 'utf8').trimEnd().split('\n');
    writeFileSync(journal(at, run), `${whole.slice(0, -1).join('\n')}\n{"at":"2026-`);
    const dry = await sync(at, '--dry-run');
    expect(dry).toMatchObject({
      code: 0,
      runs: [{ run, did: 'would-write', detail: 'all of it' }],
    });
    expect(await sync(at)).toMatchObject({ runs: [{ run, did: 'written' }] });
    const show = async () => JSON.parse((await at.typed('show', run, '--json')).stdout);
    expect(await show()).toMatchObject({ state: null, hosts: [{ state: 'done' }, {}] });
    expect(marks(at)).toEqual([run]);
    writeFileSync(journal(at, run), `${whole.join('\n')}\n`);
    expect(await show()).toMatchObject({ state: 'succeeded' });
    expect(marks(at)).toEqual([]);
  }, 60_000);

  test('is written with `--all` into a new history, and only what that lacks', async () => {
    const at = bastionWithoutHistory();
    at.repair();
    const { run } = await deploy(at);
    expect(await sync(at, '--all')).toMatchObject({ runs: [{ run, did: 'complete' }] });
    at.useHistory(join(at.dir, 'other.db'));
    expect(await sync(at)).toMatchObject({ runs: [] });
    expect(await sync(at, '--all')).toMatchObject({ runs: [{ run, did: 'written' }] });
    expect(await sync(at, run)).toMatchObject({ runs: [{ run, did: 'complete' }] });
    expect(await at.typed('history', 'sync', 'nothing')).toMatchObject({ code: 2 });
  }, 60_000);

  test('is told where its journal cannot be used', async () => {
    const at = bastionWithoutHistory();
    const { run } = await deploy(at);
    at.repair();
    writeFileSync(join(at.dir, 'state/runs', run, 'plan.json'), '{}');
    expect(await sync(at)).toMatchObject({ code: 3, runs: [{ run, did: 'unusable' }] });
    expect((await at.typed('history')).stderr).toBe('');
  }, 60_000);
});
