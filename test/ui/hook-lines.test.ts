import { expect, test } from 'vitest';
import { asHostName } from '../../src/model/names.js';
import { type HookRow, hookLines } from '../../src/ui/reports/history/hooks.js';
import { createStyle } from '../../src/ui/terminal/style.js';

const style = createStyle({ color: false, unicode: true });
const look = { style, width: 80 };
const web = (number: number) => asHostName(`web0${number}`);

const row = (changes: Partial<HookRow> = {}): HookRow => ({
  hook: 'before_activate-1',
  name: './balancer drain "$FLEET_HOST" --wait-for-connections --no-new-ones',
  point: 'before_activate',
  per: 'host',
  where: 'bastion',
  host: web(1),
  wave: 0,
  attempt: 1,
  ms: 1000,
  end: 'ok',
  ifFails: 'fail-host',
  failure: null,
  settled: null,
  ...changes,
});

test('hosts on which a hook ended alike share a line, which fits 80 columns with its end', () => {
  const rows = [1, 2, 3].map((number) =>
    row({ host: web(number), wave: number, ms: number * 1000 }),
  );
  const [, line = '', ...rest] = hookLines(rows, [], look);
  expect(rest).toEqual(['']);
  expect(line).toMatch(/^\.\/balancer drain .*… .*bastion, for 3: web\[01:03\] .*done$/);
});

test('a failure is shown with its last lines, once, and not again if its host has it', () => {
  const failure = {
    code: 'hook_failed',
    message: 'before_activate hook drain: exit 1',
    stderr: ['no such \u001b[31mpool'],
  } as const;
  const failed = row({ end: 'failed', failure });
  const lines = hookLines([failed], [], look);
  expect(lines.slice(-4)).toEqual([
    '✖ web01  before_activate hook drain: exit 1',
    '  output:',
    '  │ no such pool',
    '',
  ]);
  const result = { host: web(1), state: 'failed', wave: 0, from: null, to: null } as const;
  expect(hookLines([failed], [{ ...result, error: failure }], look)).toHaveLength(3);
});

test('a hook that a person has settled says who, and no command to type', () => {
  const failure = { code: 'hook_interrupted', message: 'migrate: cut', hint: 'do this' } as const;
  const settled = { how: 'again', by: 'ada@bastion' } as const;
  const interrupted = row({ name: 'migrate', per: 'run', where: 'host', end: 'interrupted' });
  const lines = hookLines([{ ...interrupted, failure, settled }], [], look).join('\n');
  expect(lines).toContain('interrupted, run again by ada@bastion');
  expect(lines).not.toContain('do this');
});

test('a run without hooks has no lines', () => {
  expect(hookLines([], [], look)).toEqual([]);
});
