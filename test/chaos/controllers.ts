import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bastion, Ended, Running } from '../e2e/support/bastion.js';
import { BACKUP_CONFIG } from './backups.js';
import { hooksConfig } from './hooks.js';
import { chanceOf } from './random.js';
import {
  entriesOf,
  type Flaw,
  type KnownRelease,
  RELEASE_LINKS,
  releaseFiles,
} from './releases.js';
import type { Job, Scenario } from './scenario.js';
import { CONFIRM_DEADLINE_MS, HEALTHY_DEADLINE_MS, LEASE_MS, MIN_HEALTHY_MS } from './times.js';

/** What a controller was started for; figures count exit codes by it. */
export type Role =
  | Job
  | 'recover'
  | 'resume'
  | `resume --hook-${HookDecision}`
  | 'restore'
  | `${Job} after takeover`
  | 'takeover';

/** What a person says of a hook that was interrupted. */
export type HookDecision = 'done' | 'again';

/** How a controller ended. */
export interface ControllerEnd {
  readonly role: Role;
  readonly code: number | null;
  /** It was ended on purpose, so that it has no exit code to be judged. */
  readonly killed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `--json` of a deploy or a rollback says, as far as it is held to. */
export interface RunReport {
  readonly run: string;
  readonly state: string;
  readonly release: string;
  readonly hosts: readonly { readonly host: string; readonly state: string }[];
}

/** fleet.yaml for one run. */
export function chaosConfig(policy: Scenario['policy'] | Readonly<Record<string, unknown>>) {
  return {
    release: { keep: 3 },
    hooks: hooksConfig(),
    ...BACKUP_CONFIG,
    probes: [{ http: { url: 'http://127.0.0.1:8080/health', body: 'well' } }],
    policy: {
      min_healthy_time: `${MIN_HEALTHY_MS}ms`,
      healthy_deadline: `${HEALTHY_DEADLINE_MS}ms`,
      confirm_deadline: `${CONFIRM_DEADLINE_MS}ms`,
      lease: `${LEASE_MS}ms`,
      // biome-ignore lint/suspicious/noThenProperty: the word of the file's form; nothing awaits this
      on_inconclusive: { pause: '2s', then: 'rollback-run' },
      ...policy,
    },
  };
}

/** Writes a release into the bastion's working folder, and answers with what it is made of. */
export function makeRelease(bastion: Bastion, id: string, flaw: Flaw): KnownRelease {
  const files = releaseFiles(id, flaw);
  for (const [path, text] of files) bastion.write(join('made', id, path), text);
  for (const [path, target] of RELEASE_LINKS) {
    const link = join(bastion.dir, 'made', id, path);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link);
  }
  return { flaw, entries: entriesOf(files) };
}

export function deployArgs(id: string): readonly string[] {
  return ['deploy', '-g', 'web', '--from', `./made/${id}`, '--release', id, '--yes', '--json'];
}

/** To the release before, or to one of those that can be had; the scenario's number says which. */
export function rollbackArgs(scenario: Scenario, candidates: readonly string[]): readonly string[] {
  const chance = chanceOf(scenario.number, candidates.length);
  const to = candidates.length > 0 && chance.likely(0.85) ? ['--to', chance.pick(candidates)] : [];
  return ['rollback', '-g', 'web', ...to, '--yes', '--json'];
}

export function endOf(role: Role, { child }: Running, ended: Ended): ControllerEnd {
  const { code, stdout, stderr } = ended;
  return { role, code, killed: child.signalCode !== null, stdout, stderr };
}

/** The run that a controller tells of, null where it has refused or was killed. */
export function reportOf({ stdout }: ControllerEnd): RunReport | null {
  try {
    const report = JSON.parse(stdout);
    return Array.isArray(report.hosts) && typeof report.release === 'string' ? report : null;
  } catch {
    return null;
  }
}
