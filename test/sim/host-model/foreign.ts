import { createHash } from 'node:crypto';
import { asReleaseId, asRunId } from '../../../src/model/names.js';
import { isForeign, type ReleaseMeta } from '../../../src/model/releases/release.js';
import type { Disk, Marker, StateFile } from './disk.js';
import { isComplete } from './disk.js';
import { before, type Doing } from './pause.js';
import { type ProgramRun, StepRefusal } from './program.js';
import { unitsOf } from './service.js';

/** `28-links.sh`: what another tool made, of which a link is kept before `current` is replaced. */

const hasForeignRecord = (disk: Disk, id: string): boolean => {
  const marker = disk.markers.get(id);
  return disk.links.has(id) && marker !== undefined && isForeign(marker.meta);
};

/** Whether it is put back whatever has become of it. */
export const isKept = (disk: Disk, id: string): boolean =>
  disk.links.has(id) && (!disk.markers.has(id) || hasForeignRecord(disk, id));

/** Whether fleet made what `current` names. */
export const isOwn = (disk: Disk, id: string): boolean =>
  isComplete(disk, id) && !hasForeignRecord(disk, id);

export const isKnownForeign = hasForeignRecord;

/** Keeps the link where fleet would make another; says whether it leads anywhere. */
export function* keepLink(run: ProgramRun): Doing<Pick<StateFile, 'back'>> {
  const { current, links, folders } = run.disk;
  if (current === null || isOwn(run.disk, current)) return { back: null };
  yield* before('keep the link');
  run.failIfFull();
  run.host.write({ links: new Set([...links, current]) }, []);
  run.tell({ kind: 'written', what: 'a link' });
  return { back: folders.has(current) ? null : 'none' };
}

/** From here on it is a release like others, healthy if its units run. */
export function* keepForeign(run: ProgramRun): Doing {
  const { phase, from, back } = run.state;
  const { markers, links } = run.disk;
  if (phase !== 'armed' || from === null || markers.has(from) || !links.has(from)) return;
  if (back === 'none') return;
  yield* before('marker');
  if (run.host.diskFull) throw new StepRefusal('disk_full', 'no space left');
  const marker = { ...recordOf(run, from), since: run.args.text('at') ?? '', run: run.run };
  run.host.write({ markers: new Map(markers).set(from, marker) }, ['markers']);
  run.tell({ kind: 'written', what: 'a marker' });
}

/** The same on every host that has it. */
export function recordOf(run: ProgramRun, id: string): Marker {
  const units = unitsOf(run) ?? [];
  const up = units.length > 0 && units.every(({ active }) => active === 'active');
  const meta: ReleaseMeta = {
    id: asReleaseId(id),
    version: id,
    commit: null,
    digest: `sha256:${createHash('sha256').update(`foreign ${id}`).digest('hex')}`,
    app: '',
    run: asRunId('before-fleet'),
    deployer: 'another tool',
    deployedAt: '1970-01-01T00:00:00Z',
  };
  return { standing: up ? 'healthy' : 'staged', since: meta.deployedAt, run: meta.run, meta };
}
