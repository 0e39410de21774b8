import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ownIdentity } from '../../../src/files/process-identity.js';
import type { Bastion } from './lying-fleet.js';

const planShape = z.looseObject({
  run: z.string(),
  epoch: z.number().optional(),
  hosts: z.array(
    z.looseObject({
      host: z.looseObject({ name: z.string() }),
      txn: z.string(),
      epoch: z.number().optional(),
    }),
  ),
});

/** What a planted journal is to hold. */
export interface Planted {
  readonly run: string;
  /** By name; those of the whole plan where none are given. */
  readonly hosts?: readonly string[];
  readonly owner: 'alive' | 'dead' | 'none';
  /** The epoch of each host; that of the deploy that is copied where none is given. */
  readonly epoch?: number;
}

const runsOf = ({ dir }: Bastion): string => join(dir, 'state/runs');

/** The newest run of a bastion. */
export const newestRun = (bastion: Bastion): string =>
  readdirSync(runsOf(bastion)).sort().at(-1) ?? '';

/** Puts the record of a run that never ended on a bastion, in the likeness of the newest of another. */
export function plantRun(from: Bastion, to: Bastion, planted: Planted): string {
  const like = join(runsOf(from), newestRun(from));
  const { run, hosts: names, epoch } = planted;
  const plan = planShape.parse(JSON.parse(readFileSync(join(like, 'plan.json'), 'utf8')));
  const hosts = plan.hosts
    .filter(({ host }) => names?.includes(host.name) ?? true)
    .map((host) => ({
      ...host,
      txn: host.txn.replace(plan.run, run),
      epoch: epoch ?? host.epoch ?? plan.epoch ?? 0,
    }));
  const waves = [hosts.map(({ host }) => host.name)];
  const folder = join(runsOf(to), run);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'plan.json'), `${JSON.stringify({ ...plan, run, hosts, waves })}\n`);
  const begun = { at: '2026-01-02T03:00:00.000Z', type: 'run-started', run, kind: 'deploy' };
  writeFileSync(join(folder, 'events.ndjson'), `${JSON.stringify(begun)}\n`);
  if (planted.owner === 'none') return folder;
  const owner = ownIdentity();
  const identity = planted.owner === 'alive' ? owner : { ...owner, start: '1' };
  writeFileSync(join(folder, 'owner.json'), JSON.stringify(identity));
  return folder;
}

/** Every file below a folder with its text; none where there is no folder. */
export function filesBelow(folder: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}
