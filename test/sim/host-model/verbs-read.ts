import { createHash } from 'node:crypto';
import type { CurrentLink } from '../../../src/host/protocol/protocol.js';
import { asReleaseId, asRunId } from '../../../src/model/names.js';
import { parseEarlier, UNKNOWN } from '../../../src/model/releases/choose/earlier.js';
import { isOwn, recordOf } from './foreign.js';
import { before, type Doing } from './pause.js';
import { isOpen, type ProgramRun } from './program.js';
import { unitsOf } from './service.js';

export function* facts(run: ProgramRun): Doing {
  yield* before('look', 30);
  run.readState();
  yield* before('facts');
  if (run.host.broken.has('writes-in-facts')) {
    run.host.write({ recipes: new Map() }, []);
    run.tell({ kind: 'written', what: 'something' });
  }
  emitState(run);
  emitHost(run);
  emitUnits(run);
  emitUnitFiles(run);
  if (run.args.flag('releases')) emitReleases(run);
  run.succeed();
}

export function* status(run: ProgramRun): Doing {
  yield* before('status', 10);
  run.readState();
  emitState(run);
  emitUnits(run);
  run.succeed();
  run.tell({ kind: 'read' });
}

function emitState(run: ProgramRun): void {
  const { state, host } = run;
  const open = isOpen(state);
  run.emit({
    event: 'state',
    phase: state.phase,
    epoch: state.epoch,
    run: state.run === null ? null : asRunId(state.run),
    owner: state.owner,
    txn: state.txn,
    from: state.from === null ? null : asReleaseId(state.from),
    to: state.to === null ? null : asReleaseId(state.to),
    kind: state.kind,
    ran: parseEarlier(state.ran) ?? UNKNOWN,
    current: currentOf(run),
    left: state.left === null ? null : asReleaseId(state.left),
    bootId: host.bootId,
    lease: state.run === null ? null : run.leaseLeft(),
    switch: open ? (state.switch?.split(':')[0] ?? null) : null,
    deadline: open ? state.deadline - host.uptimeSeconds : null,
    rebooted: run.isRebooted(),
  });
}

function currentOf({ disk }: ProgramRun): CurrentLink {
  const { current } = disk;
  if (current === null) return { kind: 'absent' };
  const link = { kind: 'link', release: asReleaseId(current) } as const;
  if (isOwn(disk, current)) return link;
  const leads = disk.folders.has(current) ? 'somewhere' : 'nowhere';
  return { ...link, target: `/opt/shop/releases/${current}`, leads };
}

function emitHost(run: ProgramRun): void {
  const { host } = run;
  run.emit({
    event: 'host',
    user: null,
    uid: 1000,
    machineId: `machine-${host.name}`,
    rootPath: '/opt/shop',
    session: '',
    now: Math.floor(host.wallMs / 1000),
    root: 'ok',
    freeBytes: host.diskFull ? 0 : 10 ** 12,
    freeInodes: null,
    unwritten: [],
    readOnly: false,
    missingTools: [],
    unfitTools: [],
    tools: ['bash', 'curl'],
    sudo: 'ok',
    sudoSaid: null,
    systemctlIn: null,
    otherWays: [],
    deadMan: run.args.flag('tiers') ? [...host.tiers] : [],
    guard: host.guarded,
    missingRights: [],
    sudoVersion: null,
    unsafeTimer: false,
    missingShared: [],
    unsafe: [],
  });
}

function emitUnits(run: ProgramRun): void {
  for (const unit of unitsOf(run) ?? []) {
    const { name, active, sub, pid, invocation, restarts, serving } = unit;
    const { current } = run.disk;
    const verified = run.state.baseline?.get(name);
    run.emit({
      event: 'unit',
      unit: name,
      load: 'loaded',
      active,
      sub,
      type: 'simple',
      mainPid: pid,
      invocation,
      restarts,
      serving: serving === null ? null : asReleaseId(serving),
      // Every process may be looked at here.
      servingBy: serving === null ? null : 'process',
      pending: serving !== null && current !== null && serving !== current,
      restarted: unit.runs && verified !== undefined && verified.pid !== 0 && verified.pid !== pid,
    });
  }
}

function emitUnitFiles(run: ProgramRun): void {
  const { unitFile, unitFiles, current } = run.disk;
  const own = unitFiles.get(current ?? '');
  const asked = run.args.all('unit_file');
  const names = asked.length > 0 ? asked : own === undefined ? [] : [UNIT_FILE];
  const brought = own === undefined || own === unitFile ? {} : { brought: linesOf(own) };
  for (const unit of names) {
    const found =
      unitFile === null
        ? ({ found: 'absent' } as const)
        : ({ found: 'file', sha256: sumOf(unitFile), lines: linesOf(unitFile) } as const);
    run.emit({ event: 'unit_file', unit, ...found, ...brought, lacking: [] });
  }
}

const UNIT_FILE = 'shop.service';
const linesOf = (text: string): string[] => text.trimEnd().split('\n');
const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

function emitReleases(run: ProgramRun): void {
  for (const [id, { standing, since, meta }] of run.disk.markers) {
    const complete = run.disk.folders.has(id);
    run.emit({ event: 'release', id: asReleaseId(id), standing, since, complete, meta });
  }
  const { current, folders, markers } = run.disk;
  if (current === null || markers.has(current) || !folders.has(current)) return;
  const { standing, since, meta } = recordOf(run, current);
  run.emit({ event: 'release', id: meta.id, standing, since, complete: true, meta });
}
