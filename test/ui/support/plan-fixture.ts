import { asHostName, asReleaseId, asRunId, type HostName } from '../../../src/model/names.js';
import { UNKNOWN } from '../../../src/model/releases/choose/earlier.js';
import type { RunKind } from '../../../src/model/run-kind.js';
import type { App } from '../../../src/model/runs/app.js';
import type { HostPlan, Plan } from '../../../src/model/runs/plan.js';
import type { OnFailure } from '../../../src/model/runs/policy.js';
import { hostFixture as host } from '../../fixtures/host.js';

export const NEW = asReleaseId('20261123T160000-1f3c9a0');
const OLD = asReleaseId('20261101T090000-77aa001');
export const RUN = asRunId('20261123T164154-k3vq');

const app = (onFailure: OnFailure = 'rollback-run'): App => ({
  name: 'shop',
  root: '/opt/shop',
  service: { units: ['shop.service'], action: 'restart', scope: 'system' },
  release: { from: null, keep: 5, links: 'inside', pull: null },
  build: null,
  shared: [],
  probes: [],
  policy: {
    waves: { kind: 'sizes', sizes: [{ kind: 'count', count: 1 }, { kind: 'rest' }] },
    maxUnavailable: { kind: 'percent', percent: 25 },
    tolerate: { wave: { kind: 'count', count: 0 }, run: { kind: 'count', count: 0 } },
    tolerateUnreachable: { kind: 'count', count: 0 },
    minHealthyMs: 5_000,
    healthyDeadlineMs: 60_000,
    bakeMs: 0,
    confirmDeadlineMs: 120_000,
    onFailure,
    deadMan: 'auto',
    leaseMs: 60_000,
    onInconclusive: { pauseMs: 1_800_000, otherwise: 'hold' },
  },
  hooks: [],
  history: null,
});

export interface PlanFixture {
  readonly waves: readonly (readonly string[])[];
  readonly kind?: RunKind;
  readonly onFailure?: OnFailure;
  readonly skipped?: readonly string[];
  readonly unchanged?: readonly string[];
  readonly firstDeploy?: readonly string[];
  readonly uploadBytes?: number;
  readonly backTo?: string | null;
}

/** A plan of hosts `web1`, `web2` …, from OLD to NEW, with the waves as given. */
export function planFixture(fixture: PlanFixture): Plan {
  const { waves, kind = 'deploy', uploadBytes = 1_600_000 } = fixture;
  const hosts = waves.flatMap((names, wave) =>
    names.map(
      (name): HostPlan => ({
        host: host(name),
        machineId: name,
        epoch: 2,
        txn: `${RUN}.2.${name}`,
        deadMan: 'system',
        guard: true,
        from: fixture.firstDeploy?.includes(name) ? null : OLD,
        to: NEW,
        upload: uploadBytes > 0,
        condition: { kind: 'serving' },
        earlier: UNKNOWN,
        prune: [],
        wave,
        done: false,
      }),
    ),
  );
  return {
    run: RUN,
    kind,
    app: app(fixture.onFailure),
    group: 'prod',
    release: {
      id: NEW,
      version: NEW,
      commit: '1f3c9a0b'.repeat(5),
      digest: `sha256:${'4be1'.repeat(16)}`,
      app: 'shop',
      run: RUN,
      deployer: 'ann@bastion',
      deployedAt: '2026-11-23T16:41:54Z',
    },
    operator: 'ann@bastion',
    createdAt: '2026-11-23T16:41:54.000Z',
    reason: null,
    madeFrom: null,
    hosts,
    waves: waves.map((names) => names.map(asHostName)),
    approvals: [],
    hooksBegun: [],
    skipped: (fixture.skipped ?? []).map((name) => ({
      host: host(name),
      reason: 'connection refused',
    })),
    unchanged: (fixture.unchanged ?? []).map(asHostName),
    backTo: fixture.backTo === null ? null : asReleaseId(fixture.backTo ?? OLD),
    uploadBytes,
    limits: {
      maxUnavailable: Math.max(1, Math.floor(hosts.length / 4)),
      tolerateWave: waves.map(() => 0),
      tolerateRun: 0,
    },
  };
}

export const names = (count: number, from = 1): readonly HostName[] => {
  const width = String(count + from - 1).length;
  return Array.from({ length: count }, (_, i) =>
    asHostName(`web${String(from + i).padStart(width, '0')}`),
  );
};

/** Waves of 1, 10 %, 50 % and the rest. */
export function wavesOf(count: number): readonly (readonly HostName[])[] {
  const all = names(count);
  const sizes = [1, Math.max(1, Math.floor(count / 10)), Math.max(1, Math.floor(count / 2)), count];
  const waves: HostName[][] = [];
  let at = 0;
  for (const size of sizes) {
    if (at < count) waves.push(all.slice(at, at + size));
    at += size;
  }
  return waves;
}
