import { asciiJson } from '../../errors/unicode-escape.js';
import type { ReleaseId } from '../../model/names.js';
import type { ReleaseMeta, ReleaseStanding } from '../../model/releases/release.js';
import type { Step } from '../protocol/protocol.js';
import { type Ownership, ownArgs } from './steps.js';

/** Reads what other tools left in releases/, and their records. */
export const inspectStep: Step = { verb: 'inspect', args: [] };

/** Lists the folder of a release: its manifest is kept, and its digest is told. */
export function digestStep(by: Ownership, id: ReleaseId): Step {
  return { verb: 'digest', args: [...ownArgs(by), ['id', id]] };
}

/** What is known of a release that another tool made. */
export interface Registration {
  readonly meta: ReleaseMeta;
  readonly standing: ReleaseStanding;
  /** Since when, RFC 3339. */
  readonly since: string;
}

/** Records a release of another tool. The host keeps the standing that fleet itself has found since. */
export function registerStep(by: Ownership, { meta, standing, since }: Registration): Step {
  const { id, version, commit, digest, app, run, deployer, deployedAt } = meta;
  const fields = { id, version, commit, digest, app, run, deployer, deployedAt };
  return {
    verb: 'register',
    args: [
      ...ownArgs(by),
      ['id', id],
      ['meta', asciiJson(JSON.stringify({ foreign: true, ...fields }))],
      ['standing', standing],
      ['since', since],
    ],
  };
}

/** Makes `current` a relative link. */
export function relinkStep(by: Ownership): Step {
  return { verb: 'relink', args: ownArgs(by) };
}
