import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createDeployLog, deployLogLine } from '../../src/history/deploy-log.js';
import { asHostName, asReleaseId } from '../../src/model/names.js';
import { planView } from '../../src/model/runs/plan-view.js';
import { eventAt } from '../fixtures/events.js';
import { NEW, OLD, planOf } from '../fixtures/plan.js';

const root = mkdtempSync(join(tmpdir(), 'fleet-deploy-log-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const plan = planView(planOf({ waves: [1, 1] }));
const result = (host: string, state: 'done' | 'reverted') => ({
  host: asHostName(host),
  state,
  wave: 0,
  from: OLD,
  to: NEW,
});
const ended = eventAt('2026-02-02T00:00:12.340Z', {
  type: 'run-ended',
  startedAt: '2026-02-02T00:00:00.000Z',
  run: plan.run,
  state: 'stopped_mixed',
  exitCode: 5,
  hosts: [
    result('h1', 'done'),
    { ...result('h2', 'reverted'), error: { code: 'probe_failed', message: '503' } },
  ],
});
const started = eventAt(ended.startedAt, {
  type: 'run-started',
  run: plan.run,
  kind: 'deploy',
  plan,
});

describe('a line of deploy.log', () => {
  test('says who did what, from where to where, and how it ended', () => {
    expect(deployLogLine(plan, ended)).toBe(
      '2026-02-02T00:00:12.340Z run=20260202T000000Z-0001 kind=deploy app=shop group=prod ' +
        'from=20260101T000000Z-aaaaaaa to=20260202T000000Z-bbbbbbb ' +
        'version=20260202T000000Z-bbbbbbb commit=- operator=ada@bastion ' +
        'state=stopped_mixed exit=5 hosts=2 ok=1 failed=1 duration=12.3s',
    );
  });

  test('stays one line of printable ASCII, whoever the operator is', () => {
    const operator = `O'Neil "x" $(id)\nJörg\u001b[31m\u2028@b`;
    const line = deployLogLine({ ...plan, operator }, ended);
    expect(line).toMatch(/^[\x20-\x7e]+$/);
    const quoted = /operator=("(?:[^"\\]|\\.)*")/.exec(line)?.[1] ?? '';
    expect(JSON.parse(quoted)).toBe(operator);
  });

  test('says why at its end, where that was given', () => {
    const line = deployLogLine({ ...plan, reason: 'fix "login", Jörg asked' }, ended);
    expect(line).toMatch(/ duration=12\.3s reason="fix \\"login\\", J\\u00f6rg asked"$/);
    expect(deployLogLine(plan, ended)).not.toContain('reason');
  });

  test('says where hosts came from different releases', () => {
    const [first, ...others] = plan.hosts;
    if (first === undefined) throw new Error('the plan has hosts');
    const mixed = { ...plan, hosts: [{ ...first, from: asReleaseId('x') }, ...others] };
    expect(deployLogLine(mixed, ended)).toContain(' from=mixed ');
  });
});

describe('deploy.log', () => {
  test('gets one line a run, for its owner alone', () => {
    const file = join(root, 'state', 'deploy.log');
    for (let run = 0; run < 2; run += 1) {
      const listener = createDeployLog(file, (message) => expect.unreachable(message));
      listener(started);
      expect(existsSync(file)).toBe(run > 0);
      listener(ended);
    }
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('that cannot be written is a warning', () => {
    const file = join(root, 'folder');
    mkdirSync(file);
    chmodSync(file, 0o700);
    const warnings: string[] = [];
    const listener = createDeployLog(file, (message) => warnings.push(message));
    listener(started);
    listener(ended);
    expect(warnings).toEqual([expect.stringContaining('has no line for this run')]);
  });
});
