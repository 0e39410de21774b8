import type { PreparedRelease } from '../../src/artifact/prepare.js';
import type { Host } from '../../src/model/hosts/host.js';
import { asHostName, asReleaseId, asRunId, type HostName } from '../../src/model/names.js';
import { NO_BACKUP } from '../../src/model/releases/backup.js';
import type { ReleaseMeta } from '../../src/model/releases/release.js';
import type { RenderedUnits } from '../../src/model/releases/unit-file.js';
import type { App } from '../../src/model/runs/app.js';
import { hostFixture } from '../fixtures/host.js';
import { appOf } from '../fixtures/plan.js';
import type { Disk } from './host-model/disk.js';
import { EMPTY_DISK } from './host-model/disk.js';
import { HostModel, type HostOptions, type Surroundings } from './host-model/host.js';
import { hostNameOf, type Scenario } from './scenario.js';
import { hooksOf } from './sim-hooks.js';

const UNIT = 'shop.service';

/** In the order in which they were deployed; the last is what a deploy brings. */
export const RELEASES = {
  older: asReleaseId('20260101T000000Z-aaaaaaa'),
  old: asReleaseId('20260102T000000Z-bbbbbbb'),
  next: asReleaseId('20260103T000000Z-ccccccc'),
} as const;

/** What another tool made. */
export const FOREIGN = '20240101120000';

/** Where a run of this scenario goes to. */
export const targetOf = ({ kind }: Pick<Scenario, 'kind'>) =>
  kind === 'deploy' ? RELEASES.next : RELEASES.older;

function metaOf(id: string): ReleaseMeta {
  return {
    id: asReleaseId(id),
    version: id,
    commit: null,
    digest: `sha256:${id.slice(-1).repeat(64)}`,
    app: 'shop',
    run: asRunId('earlier'),
    deployer: 'ada@bastion',
    deployedAt: `2026-01-0${Object.values<string>(RELEASES).indexOf(id) + 1}T00:00:00.000Z`,
  };
}

/** What a deploy sends; nothing is read of its payload, so it is empty. */
export const PREPARED: PreparedRelease = {
  release: metaOf(RELEASES.next),
  format: 'gzip',
  archivePath: '/nowhere',
  bytes: 100_000,
  sha256: 'c'.repeat(64),
  unpackedBytes: 300_000,
  files: 3,
  warnings: [],
  manifest: [],
  packedManifest: { sha256: 'd'.repeat(64), bytes: 1000 },
  payload: () => new Uint8Array(),
  dispose: async () => undefined,
};

export function appFor(scenario: Scenario): App {
  const { policy, waves } = scenario;
  const { maxUnavailable, tolerateWave, tolerateRun, tolerateUnreachable, ...others } = policy;
  const { pauseMs, approvals, ...rest } = others;
  const counted = (count: number) => ({ kind: 'count', count }) as const;
  const app = appOf({
    ...rest,
    waves: { kind: 'sizes', sizes: [...waves.map(counted), { kind: 'rest' }], approvals },
    maxUnavailable: { kind: 'percent', percent: maxUnavailable },
    tolerate: { wave: counted(tolerateWave), run: counted(tolerateRun) },
    tolerateUnreachable: counted(tolerateUnreachable),
    onInconclusive: { pauseMs, otherwise: 'hold' },
  });
  const probe = { kind: 'http', url: 'http://127.0.0.1/', status: 200, body: null } as const;
  const hooks = hooksOf(scenario);
  const backup = scenario.backup === true ? { backup: { ...NO_BACKUP, paths: ['shared'] } } : {};
  const release = { ...app.release, keep: 1 };
  const templates = scenario.unitFiles === true ? [{ name: UNIT, path: '/shop.service' }] : [];
  const service = { ...app.service, templates };
  return { ...app, service, hooks, probes: [{ kind: 'unit' }, probe], release, ...backup };
}

/** The unit files of a deploy; none for an app that brings none. */
export function unitFilesFor(app: App, hosts: readonly Host[]): RenderedUnits {
  const files = (app.service.templates ?? []).map(({ name }) => ({ name, text: 'of the next\n' }));
  return new Map(hosts.map(({ name }) => [name, files]));
}

export function inventoryOf(scenario: Scenario): readonly Host[] {
  return Array.from({ length: scenario.hosts }, (_, i) => hostFixture(hostNameOf(i)));
}

/** The hosts of a scenario, as an earlier run has left them. */
export function fleetOf(
  scenario: Scenario,
  around: Surroundings,
  broken?: HostOptions['broken'],
): ReadonlyMap<HostName, HostModel> {
  const hosts = new Map<HostName, HostModel>();
  for (let index = 0; index < scenario.hosts; index += 1) {
    const name = asHostName(hostNameOf(index));
    const { tiers, restart } = scenario;
    const guarded = scenario.guarded.includes(index);
    const host = new HostModel(around, { name, units: [UNIT], restart, tiers, guarded, broken });
    host.failingHooks = scenario.hooks?.fails ?? [];
    hosts.set(name, host);
    if (!scenario.installed || scenario.fresh.includes(index)) continue;
    const release = scenario.foreign?.includes(index) === true ? FOREIGN : RELEASES.old;
    host.disk = installedDisk(release, scenario.unitFiles === true);
    host.durable = host.disk;
    for (const unit of host.units.values()) {
      if (!scenario.sick.includes(index)) unit.begin(99, release, true);
    }
  }
  return hosts;
}

function installedDisk(current: string, hasUnitFiles: boolean): Disk {
  const ids = [RELEASES.older, RELEASES.old];
  const markers = ids.map((id) => {
    const since = '2026-01-02T00:00:00.000Z';
    return [id, { standing: 'healthy', since, run: 'earlier', meta: metaOf(id) }] as const;
  });
  return {
    ...EMPTY_DISK,
    current,
    folders: new Map([...ids, current].map((id) => [id, 'whole'] as const)),
    markers: new Map(markers),
    unitFile: 'by hand\n',
    // The older release was deployed with a unit file, the one that runs without.
    unitFiles: new Map(hasUnitFiles ? [[RELEASES.older, 'of the older\n']] : []),
  };
}
