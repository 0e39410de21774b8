import { basename, dirname } from 'node:path';
import { printableLine } from '../../../errors/printable.js';
import { causeKey, causesOf } from '../../../model/runs/alike.js';
import { countText } from '../../../model/text/count-text.js';
import { groupBy } from '../../../model/text/group-by.js';
import { namesText } from '../../../model/text/name-ranges.js';
import type { Style } from '../../terminal/style.js';
import { durationText } from '../../text/format.js';
import { deadManText, failureText } from '../../text/labels.js';
import type { DoctorNote, DoctorRow } from './rows.js';

type Group = readonly [DoctorRow, ...DoctorRow[]];

/** What was found, with equal hosts in one block: problems first, the count last. */
export function doctorLines(rows: readonly DoctorRow[], style: Style): readonly string[] {
  const groups = groupBy(rows, alikeness).toSorted((a, b) => weight(a[0]) - weight(b[0]));
  return [...groups.flatMap((group) => [...groupLines(group, style), '']), countsText(rows)];
}

/** A key that is equal for hosts with equal findings. It ignores counters of seconds, and what {@link causeKey} ignores. */
function alikeness({
  host,
  claim,
  open,
  clockSkewSeconds: _,
  notes,
  stops,
  error,
  ...row
}: DoctorRow): string {
  const lasting = {
    ...row,
    stops: stops.map((failure) => causeKey({ host, failure })),
    error: error && causeKey({ host, failure: error }),
    claim: claim && [claim.run, claim.owner, claim.leaseSeconds === 0],
    open: open && [open.phase, open.from, open.to, open.switch],
    notes: notes.map((note) => (note.code === 'clock_skew' ? note.code : note)),
  };
  return JSON.stringify(lasting);
}

function weight({ reachable, stops, notes }: DoctorRow): number {
  if (!reachable) return 0;
  if (stops.length > 0) return 1;
  return notes.length > 0 ? 2 : 3;
}

function groupLines(group: Group, style: Style): readonly string[] {
  const [first] = group;
  const names = namesText(group.map(({ host }) => host));
  const title = style.bold(group.length === 1 ? names : `${names} (${group.length})`);
  const { ok, failed } = style.symbols;
  const errors = group.flatMap(({ host, error }) =>
    error === undefined ? [] : [{ host, failure: error }],
  );
  if (errors.length > 0) {
    return causesOf(errors).flatMap(({ message, hint, first: failure }) => [
      `${style.red(failed)} ${title}  ${failureText({ ...failure, message })}`,
      ...(hint === undefined ? [] : [`    ${printableLine(hint)}`]),
    ]);
  }
  const stops = first.stops.length;
  const verdict = stops === 0 ? 'nothing would stop a run' : 'would stop a run:';
  const mark = stops === 0 ? style.green(ok) : style.red(failed);
  return [
    `${mark} ${title}  ${verdict}`,
    ...stopLines(group, style),
    ...claimLines(group),
    ...timerLines(first),
    ...first.notes.map((note) =>
      style.yellow(`  ${style.symbols.warning} ${noteText(note, group)}`),
    ),
    ...sudoersLines(first),
  ];
}

function stopLines(group: Group, style: Style): readonly string[] {
  const printed = group[0].sudoers.some(({ purpose }) => purpose === 'service');
  const findings = group.flatMap(({ host, stops }) => stops.map((failure) => ({ host, failure })));
  return causesOf(findings).flatMap(({ message, hint, first: { code } }) => [
    style.red(`  ${style.symbols.failed} ${printableLine(message)}`),
    ...(hint === undefined || (code.startsWith('sudo_') && printed)
      ? []
      : [`    ${printableLine(hint)}`]),
  ]);
}

function claimLines(group: Group): readonly string[] {
  const [{ claim, open }] = group;
  const leases = group.map((row) => row.claim?.leaseSeconds ?? 0);
  const left = durationText(Math.max(...leases) * 1000);
  const lease =
    Math.max(...leases) === 0 ? 'its lease has expired' : `its lease expires in ${left}`;
  const due = group.map((row) => row.open?.deadlineSeconds ?? 0);
  const within = Math.min(...due) <= 0 ? '' : ` within ${durationText(Math.max(...due) * 1000)}`;
  const armed = open !== null && open.switch !== null && open.switch !== 'off';
  return [
    ...(claim === null ? [] : [`  locked by run ${printableLine(claim.run)}, ${lease}`]),
    ...(open === null
      ? []
      : [
          `  unfinished: phase ${open.phase}, from ${open.from ?? 'no release'} to ${open.to ?? 'no release'}`,
        ]),
    ...(armed ? [`  automatic rollback is due${within}`] : []),
  ];
}

function timerLines({ deadMan, guard }: DoctorRow): readonly string[] {
  if (deadMan === null) return [];
  const { offered, used, off } = deadMan;
  const others = offered.filter((tier) => tier !== used).map(deadManText);
  const more =
    others.length === 0 ? '' : ` (${off ? 'possible' : 'also possible'}: ${others.join(', ')})`;
  const how = off ? 'off, by policy.dead_man' : deadManText(used);
  return [
    `  automatic rollback timer: ${how}${more}`,
    ...(guard === true ? ['  boot guard: installed'] : []),
  ];
}

function noteText({ code, message }: DoctorNote, group: Group): string {
  if (code !== 'clock_skew' || group.length === 1) return printableLine(message);
  const skews = group.map((row) => row.clockSkewSeconds ?? 0);
  const most = durationText(Math.max(...skews.map(Math.abs)) * 1000);
  return `their clocks differ from this machine's, by up to ${most}`;
}

function sudoersLines({ sudoers }: DoctorRow): readonly string[] {
  const titles = {
    settings: 'add to sudoers.d; without it, no sudo rule helps a run:',
    service: 'add to sudoers.d, so that a run may control the service:',
    unit_files: 'add to sudoers.d, so that a run may install the unit files:',
    dead_man:
      'add to sudoers.d, so that a run may use the system timer for the automatic rollback:',
  } as const;
  return groupBy(sudoers, ({ purpose }) => purpose).flatMap((lines) => [
    `  ${titles[lines[0].purpose]}`,
    ...lines.flatMap(({ line, file }) => [`    ${printableLine(line)}`, ...placing(file)]),
  ]);
}

/** sudo ignores names with a dot: a new file is moved into place once visudo has checked it. */
function placing(file: string): readonly string[] {
  const [folder, name] = [dirname(file), basename(file)];
  const fresh = `${name}.new`;
  return [
    `  as root on the host: write only this line to ${folder}/${fresh}, then`,
    `    cd ${folder} && visudo -cf ${fresh} && chmod 440 ${fresh} && mv ${fresh} ${name}`,
  ];
}

function countsText(rows: readonly DoctorRow[]): string {
  const unread = rows.filter(({ reachable }) => !reachable).length;
  const unfit = rows.filter(({ stops }) => stops.length > 0).length;
  const parts = [
    ...(unfit === 0 ? [] : [`a run would stop at ${unfit}`]),
    ...(unread === 0 ? [] : [`${unread} could not be read`]),
  ];
  const rest = parts.length === 0 ? 'nothing would stop a run' : parts.join(', ');
  return `${countText(rows.length, 'host')}: ${rest}.`;
}
