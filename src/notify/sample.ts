import { asHostName, asReleaseId, asRunId } from '../model/names.js';
import type { NoticeKind } from '../model/runs/notices.js';
import type { Notice } from './notice.js';

/** Whose notices a test is like. */
export interface SampleOf {
  readonly app: string;
  readonly group: string;
  readonly operator: string;
  readonly at: Date;
}

const HOSTS = 12;

/** A notice as a run would give it, for `fleet notify test` and the docs: a deploy to 12 hosts. */
export function sampleNotice(kind: NoticeKind, { app, group, operator, at }: SampleOf): Notice {
  const isBad = kind === 'trip' || kind === 'rolled_back' || kind === 'recovery_needed';
  const hosts = ['web01', 'web02', 'web03'].map(asHostName);
  const back = kind === 'rolled_back' ? hosts.length : 0;
  const run = asRunId('20260131T120000Z-test');
  return {
    kind,
    run,
    seq: 1,
    at: at.toISOString(),
    work: 'deploy',
    app,
    group,
    operator,
    reason: null,
    release: { id: asReleaseId('20260131T115900Z-2f6c1ab'), version: '1.4.2' },
    from: [asReleaseId('20260130T090000Z-77aa001')],
    counts: {
      hosts: HOSTS,
      done: kind === 'ended' ? HOSTS : 0,
      back,
      failed: isBad ? hosts.length : 0,
      skipped: 0,
      unchanged: 0,
    },
    failed: isBad ? hosts.map((host) => ({ host, why: 'probe: 503 instead of 200' })) : [],
    wave: kind === 'paused' ? 1 : isBad ? 1 : null,
    waves: 4,
    stop: isBad ? { why: 'tripped', wave: 1, hosts, total: hosts.length, hook: null } : null,
    state: STATES[kind],
    durationMs: STATES[kind] === null ? null : 95_000,
    next: kind === 'paused' ? `fleet resume ${run}` : `fleet show ${run}`,
  };
}

const STATES = {
  start: null,
  paused: null,
  trip: null,
  rolled_back: 'rolled_back',
  recovery_needed: 'rollback_incomplete',
  ended: 'succeeded',
} as const;
