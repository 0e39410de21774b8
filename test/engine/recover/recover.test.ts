import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recoveryActionFor } from '../../../src/engine/recover/recovery-action.js';
import type { HostPhase, HostState } from '../../../src/host/protocol/protocol.js';
import { asReleaseId, asRunId } from '../../../src/model/names.js';
import { UNKNOWN } from '../../../src/model/releases/choose/earlier.js';
import { type PracticeRun, startPracticeRun } from '../support/practice-run.js';

const stateIn = (phase: HostPhase, run: string | null): HostState => ({
  phase,
  epoch: 1,
  run: run === null ? null : asRunId(run),
  owner: null,
  txn: run,
  from: null,
  to: null,
  kind: null,
  ran: UNKNOWN,
  current: { kind: 'link', release: asReleaseId('r1') },
  left: null,
  bootId: 'b',
  lease: null,
  switch: null,
  deadline: null,
  rebooted: false,
});

test('a host is recovered by the phase that it is in', () => {
  expect(recoveryActionFor(stateIn('idle', null))).toBe('none');
  expect(recoveryActionFor(stateIn('down', null))).toBe('none');
  for (const phase of ['idle', 'claimed', 'staged', 'down'] as const) {
    expect(recoveryActionFor(stateIn(phase, 'run'))).toBe('release');
  }
  for (const phase of ['armed', 'linked', 'restarted', 'verified', 'reverting'] as const) {
    expect(recoveryActionFor(stateIn(phase, 'run'))).toBe('revert');
  }
});

describe('a fleet whose controller was killed in the middle of a wave', () => {
  let run: PracticeRun;
  let good = '';
  const settle = { minHealthyMs: 300, healthyDeadlineMs: 8000 };

  beforeAll(async () => {
    run = await startPracticeRun(3);
    good = (await run.deploy('good', settle)).plan.release.id;
  });
  afterAll(async () => {
    await run.close();
  });

  test('refuses the next run, naming the command that settles it', async () => {
    const killed = new AbortController();
    run.watch((event) => {
      if (event.type === 'host-note' && event.note.startsWith('restarted')) killed.abort();
    });
    const cut = run.deploy('better', { ...settle, minHealthyMs: 5000 }, killed.signal);
    await expect(cut).rejects.toThrow('disconnected from run');
    await expect(run.deploy('better', settle)).rejects.toMatchObject({
      code: 'locked',
      problems: expect.arrayContaining([
        expect.objectContaining({ hint: expect.stringContaining('fleet recover') }),
      ]),
    });
  });

  test('is recovered to the release that it came from, and free again', async () => {
    const recovered = await run.recover();
    expect(recovered.map(({ state }) => state).sort()).toEqual([
      'released',
      'released',
      'reverted',
    ]);
    for (const { home } of run.lab.hosts) {
      expect(readlinkSync(join(home, 'shop/current'))).toBe(`releases/${good}`);
    }
    expect(await run.recover()).toEqual([]);
    const { conclusion } = await run.deploy('better', settle);
    expect(conclusion.state).toBe('succeeded');
  });
});
