import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Step } from '../../src/host/protocol/protocol.js';
import { type BackupRun, backupStep, restoreStep } from '../../src/host/steps/backup-steps.js';
import { hookStep } from '../../src/host/steps/hook-step.js';
import {
  type Arming,
  activateStep,
  adoptStep,
  armStep,
  claimStep,
  confirmStep,
  factsStep,
  holdStep,
  type Ownership,
  probeStep,
  pruneSteps,
  renewStep,
  revertStep,
  statusStep,
  unclaimStep,
  verifyStep,
} from '../../src/host/steps/steps.js';
import { undoStep } from '../../src/host/steps/undo-step.js';
import { unitsStep } from '../../src/host/steps/unit-file-step.js';
import type { Watch } from '../../src/host/steps/watch-args.js';
import { asReleaseId, asRunId, type ReleaseId } from '../../src/model/names.js';
import { NO_BACKUP } from '../../src/model/releases/backup.js';
import type { Earlier } from '../../src/model/releases/choose/earlier.js';
import type { HookPoint } from '../../src/model/runs/hooks/hooks.js';
import { SERVICE } from '../host/support/fake-host.js';
import {
  type FakeRelease,
  fakeRelease,
  NOW,
  releaseOf as packedRelease,
} from '../host/support/fake-release.js';

/** Something that is done to the model and to a real host program alike. */
export type Op =
  | { readonly kind: 'call'; readonly verbs: readonly OpVerb[]; readonly by: number }
  /** A release is sent; the fourth has the id of the first and other content. */
  | {
      readonly kind: 'stage';
      readonly release: number;
      readonly by: number;
      /** The release that it is built on; absent if the whole is sent. */
      readonly base?: number | undefined;
    }
  /** The dead-man timer of a transaction fires. */
  | { readonly kind: 'fire'; readonly by: number }
  | { readonly kind: 'guard' }
  | { readonly kind: 'lapse' }
  | { readonly kind: 'reboot' }
  /** Another tool deploys what it made, where no run is at it. */
  | { readonly kind: 'foreign' }
  /** Someone changes a file of a release. */
  | { readonly kind: 'tamper'; readonly release: number }
  /** Someone writes the unit file in systemd's folder, or deletes it. */
  | { readonly kind: 'edit-unit-file'; readonly text: string | null }
  | { readonly kind: 'kill-unit' }
  | { readonly kind: 'break-start'; readonly broken: boolean }
  | { readonly kind: 'sicken'; readonly sick: boolean };

export type OpVerb =
  | { readonly verb: 'claim'; readonly expect: number }
  /** The claim of another host of the run, that has come to this root by another name. */
  | { readonly verb: 'claim-twin'; readonly expect: number }
  | { readonly verb: 'adopt'; readonly over: number; readonly force: boolean }
  | { readonly verb: 'arm'; readonly from: number; readonly to: number }
  | { readonly verb: 'prune'; readonly release: number }
  /** The unit file of a release. */
  | { readonly verb: 'units'; readonly release: number; readonly text: string }
  /** The backup of a transaction of that owner. */
  | { readonly verb: 'restore'; readonly of: number }
  | {
      readonly verb: 'hook';
      readonly point: HookPoint;
      readonly key: number;
      readonly fails: boolean;
    }
  | {
      readonly verb:
        | 'renew'
        | 'backup'
        | 'activate'
        | 'verify'
        | 'confirm'
        | 'revert'
        | 'roll-back'
        | 'undo'
        | 'hold'
        | 'unclaim'
        | 'facts'
        | 'status'
        | 'probe';
    };

const RUN_OF_BACKUP: BackupRun = {
  app: 'shop',
  host: 'web1',
  kind: 'deploy',
  from: null,
  to: null,
};

/** The command of a hook that fails. */
export const FAILING_HOOK = 'exit 1';

const IMPOSTOR = { ...fakeRelease(1), meta: { ...fakeRelease(1).meta, digest: 'sha256:9' } };
const MADE: readonly FakeRelease[] = [fakeRelease(1), fakeRelease(2), fakeRelease(3)];

function releaseOf(number: number): FakeRelease {
  const release = MADE[number - 1];
  if (release !== undefined) return release;
  const { id, archive } = IMPOSTOR;
  // Its own digest in the step, under the id of the first.
  const stage: FakeRelease['stage'] = (by) => ({
    verb: 'stage',
    args: [
      ...(MADE[0]?.stage(by).args ?? []).filter(([key]) => key !== 'digest'),
      ['digest', IMPOSTOR.meta.digest],
    ],
  });
  return { ...IMPOSTOR, id, archive, stage };
}

/** As fleet packs it: the list of what differs under the name `version.json`, which no `./` precedes. */
function packedDifference(app: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-difference-'));
  writeFileSync(join(folder, 'version.json'), 'app\nversion.json\n');
  writeFileSync(join(folder, 'app'), app, { mode: 0o755 });
  const packed = execFileSync('tar', ['-czf', '-', '-C', folder, 'version.json', 'app']);
  rmSync(folder, { recursive: true });
  return packed;
}

/** The same release, built on another: the one file of both differs. */
function builtOn(base: number, number: number): FakeRelease {
  const packed = packedDifference(`release ${number}`);
  const release = packedRelease(number, packed, 'gzip', [...releaseOf(number).manifest]);
  const id = releaseOf(base).id;
  return {
    ...release,
    stage(by) {
      const { verb, args } = release.stage(by);
      return { verb, args: [...args, ['base', id]] };
    },
  };
}

/** What is sent by an op. */
export function sentBy({ release, by, base }: Extract<Op, { readonly kind: 'stage' }>) {
  const sent =
    base === undefined || MADE[release - 1] === undefined
      ? releaseOf(release)
      : builtOn(base, release);
  return { steps: [sent.stage(ownerOf(by))], payload: sent.payload };
}

/** The release of that number, from 1. */
export const numbered = (number: number): ReleaseId => releaseOf(number).id;

/** Stands for whatever release is current when the op is performed. */
export const CURRENT = 9;

/** 0 is no release. */
const idOf = (number: number, current: ReleaseId | null): ReleaseId | null =>
  number === CURRENT ? current : number === 0 ? null : (MADE[number - 1]?.id ?? null);

/** Who acts: a run, its epoch and transaction; two runs share an epoch, one run has two. */
export const OWNERS: readonly Ownership[] = [
  ['run1', 1],
  ['run2', 2],
  ['run3', 2],
  ['run2', 3],
  ['run4', 4],
].map(([run, epoch]) => ({
  epoch: Number(epoch),
  run: asRunId(String(run)),
  txn: `${run}.${epoch}.0`,
}));

const WATCH: Watch = {
  service: SERVICE,
  probes: [{ kind: 'command', command: 'test ! -e ../../sick' }],
  minHealthyMs: 0,
  healthyDeadlineMs: 150,
};

const EARLIER: Earlier = {
  ran: [{ kind: 'release', id: asReleaseId('r0') }, { kind: 'foreign' }],
  isWhole: true,
};

const ARMING: Arming = { deadMan: 'system', withinMs: 900_000 };

export function ownerOf(by: number): Ownership {
  const owner = OWNERS[by % OWNERS.length];
  if (owner === undefined) throw new Error('there are owners');
  return owner;
}

/** The steps of an op that is a call. */
export function stepsOf(
  op: Extract<Op, { readonly kind: 'call' }>,
  current: ReleaseId | null,
): readonly Step[] {
  return op.verbs.flatMap((verb) => stepOf(verb, ownerOf(op.by), current));
}

function stepOf(op: OpVerb, by: Ownership, current: ReleaseId | null): readonly Step[] {
  const tenure = { owner: 'ada@bastion', leaseMs: 60_000 };
  switch (op.verb) {
    case 'claim':
      return [claimStep(by, { ...tenure, expect: idOf(op.expect, current) })];
    case 'claim-twin': {
      const twin = { ...by, txn: `${by.txn}1` };
      return [claimStep(twin, { ...tenure, expect: idOf(op.expect, current), as: 'web2' })];
    }
    case 'adopt': {
      const over = op.over < 0 ? null : ownerOf(op.over).run;
      return [adoptStep(by, { ...tenure, over, force: op.force })];
    }
    case 'arm': {
      const to = idOf(op.to, current) ?? releaseOf(1).id;
      const move = {
        from: idOf(op.from, current),
        to,
        version: '{"v":1}',
        check: 'stamp' as const,
        record: { kind: op.to === 1 ? 'rollback' : 'deploy', earlier: EARLIER } as const,
      };
      return [armStep(by, { ...move, ...ARMING }, WATCH)];
    }
    case 'prune':
      return pruneSteps(by, [releaseOf(op.release).id]);
    case 'units': {
      const files = [{ name: 'shop.service', text: op.text, hosts: [], before: null }];
      return [unitsStep(by, releaseOf(op.release).id, { scope: 'system', files })];
    }
    case 'backup':
      return [backupStep(by, RUN_OF_BACKUP, { backup: { ...NO_BACKUP, paths: ['shared'] } })];
    case 'restore': {
      const backup = { restoreCommand: null, timeoutMs: NO_BACKUP.timeoutMs };
      return [restoreStep(by, RUN_OF_BACKUP, { backup, id: ownerOf(op.of).txn })];
    }
    case 'hook':
      return [
        hookStep(by, {
          key: `${op.point}-${op.key}`,
          point: op.point,
          work: { kind: 'command', command: op.fails ? FAILING_HOOK : 'true' },
          folder: { kind: 'root' },
          timeoutMs: 10_000,
          env: [],
        }),
      ];
    case 'renew':
      return [renewStep(by, 60_000)];
    case 'activate':
      return [activateStep(by, SERVICE)];
    case 'verify':
      return [verifyStep(by, WATCH)];
    case 'confirm':
      return [confirmStep(by, NOW)];
    case 'revert':
      return [revertStep(by, NOW, WATCH)];
    case 'undo':
      return [undoStep(by, NOW, WATCH)];
    case 'roll-back':
      return [revertStep(by, NOW, WATCH, ARMING)];
    case 'hold':
      return [holdStep(by, NOW)];
    case 'unclaim':
      return [unclaimStep(by)];
    case 'facts':
      return [factsStep(SERVICE, [], { releases: true })];
    case 'status':
      return [statusStep(SERVICE)];
    case 'probe':
      return [probeStep(SERVICE, WATCH.probes)];
  }
}
