import type { HostsOutcome, RunOutcome } from '../../../../src/history/store.js';
import { bastionOf } from '../../../../src/model/hosts/operator.js';
import { asReleaseId, asRunId } from '../../../../src/model/names.js';

/** Minutes after the beginning of Monday, 2 November 2026, in UTC. */
export const at = (minutes: number): string =>
  new Date(Date.UTC(2026, 10, 2) + minutes * 60_000).toISOString();

export const DAY = 24 * 60;

let count = 0;

/** A deploy of ten minutes that succeeded on one host in each of two waves. */
export function deployAt(minutes: number, change: Partial<RunOutcome> = {}): RunOutcome {
  count += 1;
  const id = asReleaseId(`release-${count}`);
  return {
    run: asRunId(`run-${count}`),
    ...{
      kind: 'deploy',
      app: 'shop',
      group: 'prod',
      operator: 'ana@b',
      bastion: bastionOf('ana@b'),
    },
    ...{ person: null, identity: null, reason: null, hostCount: 2 },
    release: { id, version: 'v1', commit: null, digest: 'sha256:1', committedAt: null },
    startedAt: at(minutes),
    endedAt: at(minutes + 10),
    state: 'succeeded',
    exitCode: 0,
    outcomes: [hosts(0, 'done', minutes + 2), hosts(1, 'done', minutes + 9)],
    ...change,
  };
}

export function rollbackAt(minutes: number, to: RunOutcome): RunOutcome {
  return deployAt(minutes, { kind: 'rollback', release: to.release });
}

/** With a commit some minutes before the end of the deploy. */
export function withCommit(deploy: RunOutcome, minutesBefore: number, commit: string): RunOutcome {
  const ended = Date.parse(deploy.endedAt ?? deploy.startedAt);
  const committedAt = new Date(ended - minutesBefore * 60_000).toISOString();
  return { ...deploy, release: { ...deploy.release, commit, committedAt } };
}

export const hosts = (
  wave: number | null,
  state: HostsOutcome['state'],
  minutes: number,
): HostsOutcome => ({ wave, state, hosts: 1, firstAt: at(minutes), lastAt: at(minutes) });

/** It failed after its canary: hosts of both waves had it, and were rolled back. */
export const failedAt = (minutes: number, change: Partial<RunOutcome> = {}): RunOutcome =>
  deployAt(minutes, {
    state: 'rolled_back',
    exitCode: 4,
    outcomes: [hosts(0, 'reverted', minutes + 3), hosts(1, 'reverted', minutes + 6)],
    ...change,
  });

/** It failed on its canary: no other host had it. */
export const canaryAt = (minutes: number): RunOutcome =>
  failedAt(minutes, { outcomes: [hosts(0, 'reverted', minutes + 3), hosts(1, 'staged', minutes)] });
