import { createHash } from 'node:crypto';
import type { AdoptResult } from '../../engine/adopt/adopt-hosts.js';
import type { AdoptableRelease, HostAdoption } from '../../engine/adopt/adoption.js';
import { deployerOf } from '../../engine/adopt/records-to-write.js';
import { EXIT } from '../../errors/codes.js';
import { reasonOf } from '../../errors/reason.js';
import { stampOf } from '../../history/stamp.js';
import type { HistoryStore } from '../../history/store.js';
import { storableTime } from '../../history/texts.js';
import { bastionOf } from '../../model/hosts/operator.js';
import { asRunId, type ReleaseId, type RunId } from '../../model/names.js';
import type { HostResult } from '../../model/runs/run.js';
import { compactTime } from '../../model/text/compact-time.js';
import type { Context } from '../context/context.js';
import type { Target } from '../context/workspace.js';
import { useHistory } from './records.js';

interface Adopted {
  readonly target: Target;
  readonly hosts: readonly HostAdoption[];
  readonly result: AdoptResult;
}

/** One deploy of the other tool, with the hosts that have it. */
interface OlderDeploy {
  readonly run: RunId;
  readonly release: AdoptableRelease;
  readonly operator: string;
  readonly hosts: readonly HostResult[];
}

/**
 * Adds the deploys of the other tool to the history, each at its own time. Only those that ran, at a known time. The
 * run's id comes from time and release, so that the same deploy is never there twice. A history that cannot be
 * written stops nothing.
 */
export async function recordAdopted(
  context: Context,
  adopted: Adopted,
): Promise<{ readonly warnings: readonly string[] }> {
  try {
    const bastion = bastionOf(context.operator);
    await useHistory(context, adopted.target.app, { ms: WRITES_MS }, async (store) => {
      for (const deploy of olderDeploys(adopted)) {
        await recordOne(store, deploy, { ...adopted, bastion });
      }
    });
    return { warnings: [] };
  } catch (error) {
    return { warnings: [`the history has no record of the earlier deploys: ${reasonOf(error)}`] };
  }
}

/** Hundreds of deploys may be there. */
const WRITES_MS = 60_000;

function olderDeploys({ target, hosts, result }: Adopted): readonly OlderDeploy[] {
  const deploys = new Map<RunId, OlderDeploy>();
  const failed = new Set(
    result.hosts.flatMap(({ host, state }) => (state === 'failed' ? host : [])),
  );
  for (const { host, tool, releases } of hosts) {
    if (failed.has(host.name)) continue;
    let from: ReleaseId | null = null;
    for (const release of releases) {
      if (!release.isTimeKnown || release.standing === 'staged') continue;
      const run = runOf(target.app.name, release);
      const before = deploys.get(run);
      const state = release.standing === 'bad' ? 'reverted' : 'done';
      const on: HostResult = { host: host.name, state, wave: null, from, to: release.id };
      const operator = deployerOf(tool, release.by);
      deploys.set(run, { run, release, operator, hosts: [...(before?.hosts ?? []), on] });
      if (release.standing !== 'bad') from = release.id;
    }
  }
  return [...deploys.values()];
}

/** Runs sort by time; what follows is the same for the same release. */
function runOf(app: string, { id, deployedAt }: AdoptableRelease): RunId {
  const sum = createHash('sha256').update(`${app}\0${id}`).digest('hex').slice(0, 4);
  return asRunId(`${compactTime(new Date(deployedAt))}-${sum}`);
}

async function recordOne(
  store: HistoryStore,
  { run, release, operator, hosts }: OlderDeploy,
  { target, result, bastion }: Adopted & { readonly bastion: string },
): Promise<void> {
  const { id, name, commit, deployedAt, standing } = release;
  const digest = result.digests.get(id)?.digest;
  const known = await store.getRun(run).catch(() => null);
  if (digest === undefined) return;
  const names = new Set(hosts.map(({ host }) => host));
  const all = [...(known?.hosts.filter(({ host }) => !names.has(host)) ?? []), ...hosts];
  await store.recordStart({
    run,
    stamp: stampOf(storableTime(deployedAt), 0),
    kind: 'deploy',
    app: target.app.name,
    group: known?.group ?? target.group,
    operator,
    bastion,
    person: null,
    identity: null,
    release: { id, version: name, commit, digest, committedAt: null },
    startedAt: deployedAt,
    reason: null,
    hosts: all,
  });
  const isBad = standing === 'bad';
  await store.recordEnd(run, {
    stamp: stampOf(storableTime(deployedAt), 1),
    endedAt: deployedAt,
    state: isBad ? 'rolled_back' : 'succeeded',
    exitCode: isBad ? EXIT.failed : EXIT.ok,
    hosts: all,
  });
}
