import { basename, dirname } from 'node:path';
import { printableLine } from '../../../errors/printable.js';
import { causeKey, causesOf } from '../../../model/runs/alike.js';
import { countText } from '../../../model/text/count-text.js';
import { fold } from '../../../model/text/group-by.js';
import { namesText } from '../../../model/text/name-ranges.js';
import type { Style } from '../../terminal/style.js';
import { durationText } from '../../text/format.js';
import { deadManText, failureText } from '../../text/labels.js';
import type { DoctorNote, DoctorRow } from './rows.js';

type Group = readonly [DoctorRow, ...DoctorRow[]];

/** What was found, hosts alike together: what is wrong first, the count last, where the eye ends. */
export function doctorLines(rows: readonly DoctorRow[], style: Style): readonly string[] {
  const groups = fold(rows, alikeness).toSorted((a, b) => weight(a[0]) - weight(b[0]));
  return [...groups.flatMap((group) => [...groupLines(group, style), '']), countsText(rows)];
}

/** What goes on by itself, seconds that is, makes no difference; nor what {@link causeKey} leaves out. */
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
    ...switchLines(first),
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
  const lease = Math.max(...leases) === 0 ? 'has run out' : `is good for ${left} more`;
  const due = group.map((row) => row.open?.deadlineSeconds ?? 0);
  const fires =
    Math.min(...due) <= 0 ? 'is due' : `fires within ${durationText(Math.max(...due) * 1000)}`;
  const armed = open !== null && open.switch !== null && open.switch !== 'off';
  return [
    ...(claim === null ? [] : [`  the lease of run ${printableLine(claim.run)} ${lease}`]),
    ...(open === null
      ? []
      : [`  phase ${open.phase}, from ${open.from ?? 'no release'} to ${open.to ?? 'no release'}`]),
    ...(armed ? [`  the dead-man's switch of it ${fires}`] : []),
  ];
}

function switchLines({ deadMan, guard }: DoctorRow): readonly string[] {
  if (deadMan === null) return [];
  const { offered, used, off } = deadMan;
  const others = offered.filter((tier) => tier !== used).map(deadManText);
  const more =
    others.length === 0 ? '' : ` (${off ? 'offers' : 'also offers'} ${others.join(', ')})`;
  const how = off ? 'off, by policy.dead_man' : deadManText(used);
  return [`  dead-man's switch: ${how}${more}`, ...(guard === true ? ['  guard: installed'] : [])];
}

function noteText({ code, message }: DoctorNote, group: Group): string {
  if (code !== 'clock_skew' || group.length === 1) return printableLine(message);
  const skews = group.map((row) => row.clockSkewSeconds ?? 0);
  const most = durationText(Math.max(...skews.map(Math.abs)) * 1000);
  return `their clocks differ from this machine's, by up to ${most}`;
}

function sudoersLines({ sudoers }: DoctorRow): readonly string[] {
  const titles = {
    settings: 'for sudoers.d there, without which no rule of sudo helps a run:',
    service: 'for sudoers.d there, so that a run may act on the service:',
    dead_man: 'for sudoers.d there, for the automatic rollback timer as a timer of the system:',
  } as const;
  return fold(sudoers, ({ purpose }) => purpose).flatMap((lines) => [
    `  ${titles[lines[0].purpose]}`,
    ...lines.flatMap(({ line, file }) => [`    ${printableLine(line)}`, ...placing(file)]),
  ]);
}

/** A new file under a name that sudo passes over takes the other's place once visudo has checked it. */
function placing(file: string): readonly string[] {
  const [folder, name] = [dirname(file), basename(file)];
  const fresh = `${name}.new`;
  return [
    `  as root there: write that line, and no other, to ${folder}/${fresh}; then`,
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
