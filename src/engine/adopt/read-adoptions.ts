import type { HostFailure } from '../../errors/host-failure.js';
import { readFound } from '../../host/reply/found.js';
import { inspectStep } from '../../host/steps/adopt-steps.js';
import type { Found } from '../../model/adopt/found.js';
import { judgeFound } from '../../model/adopt/judge.js';
import { TOOL_TRAITS } from '../../model/adopt/tool.js';
import { isAdopted, isForeign } from '../../model/releases/release.js';
import type { App } from '../../model/runs/app.js';
import type { HostReading, ReadHost } from '../reading/host-reading.js';
import { unitsFault } from '../reading/unit-health.js';
import type { Caller } from '../run/calls/caller.js';
import type { AdoptionReading } from './adoption.js';

/** A large current release takes long to walk. */
const INSPECT_MS = 120_000;

export interface ReadAdoptions {
  readonly app: App;
  readonly surveys: readonly HostReading[];
  readonly trustEarlier: boolean;
  readonly call: Caller;
  readonly signal: AbortSignal;
}

/** Reads what other tools left on every host that can be adopted now. Writes nothing. */
export function readAdoptions(request: ReadAdoptions): Promise<readonly AdoptionReading[]> {
  return Promise.all(request.surveys.map((survey) => readOne(survey, request)));
}

async function readOne(survey: HostReading, request: ReadAdoptions): Promise<AdoptionReading> {
  if (survey.kind === 'failed') return refused(survey, survey.failure);
  const why = whyNot(survey);
  if (why !== null) return refused(survey, why);
  const outcome = await request.call(
    {
      kind: 'work',
      host: survey.host.name,
      txn: 'inspect',
      steps: [inspectStep],
      limits: { timeoutMs: INSPECT_MS, patienceMs: INSPECT_MS },
      payload: null,
    },
    request.signal,
  );
  if (outcome.kind !== 'ok') return refused(survey, outcome.failure);
  return adoptionOf(survey, readFound(outcome.events), request);
}

const refused = ({ host }: Pick<HostReading, 'host'>, failure: HostFailure): AdoptionReading => ({
  kind: 'refused',
  host,
  failure,
});

/** A host in the hands of a run, or without a link, is not adopted. */
function whyNot({ facts, twin }: ReadHost): HostFailure | null {
  const { run, owner, phase, current, root } = facts;
  if (twin !== undefined) {
    return { code: 'same_machine', message: `${twin} is the same app on the same machine` };
  }
  if (run !== null) {
    const message = `run ${run} of ${owner ?? 'unknown'} has locked it`;
    return { code: 'locked', message, hint: 'wait for it, or settle its hosts: fleet recover' };
  }
  if (phase !== 'idle' && phase !== 'down') {
    const message = `an activation is unfinished there (phase ${phase})`;
    return { code: 'undecided', message, hint: 'settle it first: fleet recover' };
  }
  if (current.kind === 'foreign') {
    return { code: 'current_not_a_link', message: `current is ${current.what}, not a link` };
  }
  if (root === 'not-writable') {
    return { code: 'root_not_writable', message: 'the login user cannot write the root' };
  }
  return null;
}

function adoptionOf(read: ReadHost, found: Found, request: ReadAdoptions): AdoptionReading {
  const { facts } = read;
  const byId = new Map(facts.releases.map((each) => [each.id, each.meta]));
  const own = [...byId].filter(([, meta]) => !isForeign(meta)).map(([id]) => id);
  const known = [...byId].filter(([, meta]) => isForeign(meta)).map(([id]) => id);
  const { units } = request.app.service;
  const { tool, lock, folders } = judgeFound(found, {
    isUp: units.length > 0 && unitsFault(units, facts) === null,
    own: new Set(own),
    known: new Set(known),
    trustEarlier: request.trustEarlier,
  });
  if (lock !== null) {
    const label = tool === null ? 'Another tool' : TOOL_TRAITS[tool].label;
    const message = `${label} deploys there now, or was cut off: ${lock} is in the root`;
    return refused(read, {
      code: 'locked',
      message,
      hint: 'let it end, or remove its lock with it',
    });
  }
  return {
    ...read,
    kind: 'ready',
    tool,
    releases: folders.flatMap((each) => {
      if (each.kind === 'left') return [];
      const meta = byId.get(each.id);
      return [{ ...each, adopted: meta !== undefined && isAdopted(meta) }];
    }),
    left: folders.filter((each) => each.kind === 'left'),
    relink: needsRelink(read, found),
    shares: found.shares,
  };
}

/** `current` leads to a folder in releases/, by another text than fleet's. */
function needsRelink({ facts: { current } }: ReadHost, { folders }: Found): boolean {
  const target = folders.find((each) => each.current);
  if (target === undefined || current.kind !== 'link' || current.target === undefined) return false;
  return current.target !== `releases/${target.name}`;
}
