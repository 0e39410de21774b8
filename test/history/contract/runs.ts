import { type Stamp, stampOf } from '../../../src/history/stamp.js';
import type { HostProgress, RunEnd, RunStart, StampedEvent } from '../../../src/history/store.js';
import { asHostName, asReleaseId, asRunId } from '../../../src/model/names.js';

/** Text that meets the syntax of SQL, of shells and of patterns, in several languages. */
export const ODD = `O'Neil "x" \\ $(id) Jörg 张伟 \u{1F680} %_*`;

/** A run on the given day of November, of two hosts. */
export function runOn(day: number, change: Partial<RunStart> = {}): RunStart {
  const date = `202611${String(day).padStart(2, '0')}`;
  const release = asReleaseId(`${date}T100000Z-1a2b3c4`);
  const startedAt = `2026-11-${String(day).padStart(2, '0')}T10:00:00.000Z`;
  const host = (name: string, wave: number) => ({
    host: asHostName(name),
    wave,
    from: asReleaseId('older'),
    to: release,
  });
  return {
    run: asRunId(`${date}T100000Z-r${day}`),
    stamp: stampOf(startedAt, 1),
    kind: 'deploy',
    app: 'shop',
    group: 'prod',
    operator: 'ana@bastion',
    bastion: 'bastion',
    person: null,
    identity: null,
    release: {
      id: release,
      version: `v${day}`,
      commit: null,
      digest: `sha256:${day}`,
      committedAt: null,
    },
    reason: null,
    startedAt,
    hosts: [host('web2', 0), host('web1', 1)],
    ...change,
  };
}

/** The stamp of an event of that run. */
const stampIn = (run: RunStart, seq: number): Stamp => stampOf(run.startedAt, seq);

const END = 900;

/** How a run of {@link runOn} ends, by default well on both hosts. */
export function endOf(run: RunStart, change: Partial<RunEnd> = {}): RunEnd {
  const hosts = run.hosts.map((host) => ({ ...host, state: 'done' as const }));
  const endedAt = '2026-11-30T10:00:00.000Z';
  const stamp = stampIn(run, END);
  return { stamp, endedAt, state: 'succeeded', exitCode: 0, hosts, ...change };
}

/** A line of the timeline of a run. */
export function lineOf(run: RunStart, seq: number, detail = `${seq}`): StampedEvent {
  return { at: run.startedAt, type: 'warning', detail, stamp: stampIn(run, seq) };
}

/** What a host of a run came to. */
export function hostIn(
  run: RunStart,
  host: string,
  change: Partial<HostProgress> & { readonly seq: number },
): HostProgress {
  const { seq, ...rest } = change;
  const at = new Date(Date.parse(run.startedAt) + seq * 1000).toISOString();
  const stamp = stampIn(run, seq);
  return { host: asHostName(host), stamp, state: 'done', at, error: null, ...rest };
}
