import { printableLine } from '../../../errors/printable.js';
import { isForeign } from '../../../model/releases/release.js';
import { DEAD_MAN_TIERS } from '../../../model/runs/dead-man.js';
import { type HostPlan, type Plan, sizeOfSelection } from '../../../model/runs/plan.js';
import type { OnFailure } from '../../../model/runs/policy.js';
import { waveName } from '../../../model/runs/run-words.js';
import { countText } from '../../../model/text/count-text.js';
import { formatDuration } from '../../../model/text/duration.js';
import { groupBy } from '../../../model/text/group-by.js';
import { countedNames, namesText } from '../../../model/text/name-ranges.js';
import type { Style } from '../../terminal/style.js';
import { padEnd } from '../../terminal/width.js';
import { localDateTime } from '../../text/format.js';
import { deadManText, kindTitle } from '../../text/labels.js';
import { backupRows } from './backup-rows.js';
import { hookRows } from './hook-rows.js';
import { row } from './row.js';
import { serviceRows } from './service-rows.js';
import { unitRows } from './unit-rows.js';
import { uploadTexts } from './upload-rows.js';
import { waysBack } from './way-back-rows.js';

/** Columns of a plan: it is read in terminals of 80, and pasted into tickets. */
const NAMES_WIDTH = 40;

/** A plan as it is shown before the run: what goes where, in which order, and what stops it. */
export function planLines(plan: Plan, style: Style): readonly string[] {
  const { app, group, hosts } = plan;
  const title = style.bold(`${kindTitle(plan.kind)} ${app.name} to ${group}`);
  return [
    `${title}, run ${plan.run}, by ${printableLine(plan.operator)}`,
    '',
    ...originRows(plan, style),
    ...releaseRows(plan, style),
    ...fromRows(hosts, style),
    ...wayBackRows(hosts, style),
    ...(hosts.length === 0
      ? ['', 'Nothing to do: every host is on this release and healthy.']
      : [
          '',
          ...waveRows(plan, style),
          '',
          ...serviceRows(plan, style),
          ...unitRows(plan, style),
          ...backupRows(plan, style),
          ...policyRows(plan, style),
          ...hookRows(plan, style),
        ]),
    ...leftOutRows(plan, style),
  ];
}

/** Who made the plan, if it comes from a file, and why. */
function originRows({ madeFrom, reason }: Plan, style: Style): readonly string[] {
  const made = madeFrom === null ? '' : `by ${madeFrom.by}, ${localDateTime(madeFrom.at)}`;
  return [
    ...(madeFrom === null ? [] : [row('planned', printableLine(made), style)]),
    ...(reason === null ? [] : [row('reason', printableLine(reason), style)]),
  ];
}

function releaseRows(plan: Plan, style: Style): readonly string[] {
  const { release, hosts } = plan;
  const commit = release.commit === null ? '' : `, commit ${release.commit.slice(0, 7)}`;
  const digest = release.digest.replace(/^sha256:/, '').slice(0, 12);
  return [
    row(
      'release',
      `${release.id}${commit}${isForeign(release) ? ', not made by fleet' : `, sha256 ${digest}`}`,
      style,
    ),
    ...(hosts.length === 0
      ? []
      : uploadTexts(plan).map((sent, i) => row(i === 0 ? 'upload' : '', sent, style))),
  ];
}

function fromRows(hosts: readonly HostPlan[], style: Style): readonly string[] {
  const groups = groupBy(hosts, ({ from }) => from ?? '');
  return groups.map((group, i) => {
    const names = group.map(({ host }) => host.name);
    const where =
      groups.length === 1
        ? `on ${allOf(names.length)}`
        : `on ${names.length}: ${namesText(names, 24)}`;
    const what = group[0].from ?? 'nothing (first deploy)';
    return row(i === 0 ? 'from' : '', `${what} ${where}`, style);
  });
}

const wayBackRows = (hosts: readonly HostPlan[], style: Style): readonly string[] =>
  waysBack(hosts).map(({ text, doubtful }, i) =>
    row(i === 0 ? 'way back' : '', doubtful ? style.yellow(text) : text, style),
  );

function waveRows({ waves, approvals }: Plan, style: Style): readonly string[] {
  const digits = Math.max(...waves.map((wave) => String(wave.length).length));
  return waves.map((names, wave) => {
    const count = String(names.length).padStart(digits);
    const asked = approvals.includes(wave) ? ', after approval' : '';
    const hosts = `${namesText(names, NAMES_WIDTH - asked.length)}${asked}`;
    return `  ${padEnd(waveName(wave), 16)}  ${style.bold(count)}  ${hosts}`;
  });
}

function policyRows(plan: Plan, style: Style): readonly string[] {
  const { limits, app, hosts } = plan;
  const { policy } = app;
  const total = sizeOfSelection(plan);
  const bake = policy.bakeMs === 0 ? '' : `, bake ${formatDuration(policy.bakeMs)} after each wave`;
  const healthy = `healthy for ${formatDuration(policy.minHealthyMs)} within ${formatDuration(policy.healthyDeadlineMs)}`;
  return [
    row(
      'limits',
      `at most ${limits.maxUnavailable} of ${total} out of service; ${toleranceText(plan)}`,
      style,
    ),
    row('health', `${healthy}${bake}`, style),
    row('on failure', onFailureText(policy.onFailure), style),
    ...deadManRows(plan, style),
    ...noGuardRows(hosts, style),
  ];
}

function deadManRows({ app, hosts }: Plan, style: Style): readonly string[] {
  const { deadMan: policy, confirmDeadlineMs } = app.policy;
  const armed = hosts.some(({ deadMan }) => deadMan !== 'off');
  const tiers = [...DEAD_MAN_TIERS, 'off' as const].flatMap((tier) => {
    const names = hosts.filter(({ deadMan }) => deadMan === tier).map(({ host }) => host.name);
    if (names.length === 0) return [];
    const all = names.length === hosts.length;
    const where = all ? allOf(names.length) : `${names.length}: ${namesText(names, 24)}`;
    return [
      { text: `${deadManText(tier)} on ${where}`, paint: tier === 'off' ? style.yellow : asIs },
    ];
  });
  const shown =
    policy === 'off' ? [{ text: 'off, by policy.dead_man', paint: style.yellow }] : tiers;
  const deadline = `each host rolls back automatically unless confirmed within ${formatDuration(confirmDeadlineMs)}`;
  return [
    ...(armed ? [row('confirm', deadline, style)] : []),
    ...shown.map(({ text, paint }, i) => row(i === 0 ? 'timer' : '', paint(text), style)),
    ...(hosts.every(({ deadMan }) => deadMan !== 'off')
      ? []
      : [
          row(
            '',
            style.yellow('no automatic rollback if contact is lost during activation'),
            style,
          ),
        ]),
  ];
}

/** A reboot ends every dead-man timer. Without a boot guard, `current` of such a host stays as it was linked. */
function noGuardRows(hosts: readonly HostPlan[], style: Style): readonly string[] {
  const without = hosts.filter(({ guard }) => !guard).length;
  if (without === 0) return [];
  const where = without === hosts.length ? allOf(without) : `${without} of ${hosts.length}`;
  const gap = 'a reboot during activation keeps the new release';
  return [row('boot guard', `none on ${where}: ${gap}`, style)];
}

const asIs = (text: string): string => text;

function toleranceText({ limits }: Plan): string {
  const wave = Math.max(0, ...limits.tolerateWave);
  if (wave === 0 || limits.tolerateRun === 0) return 'any failed host stops the run';
  return `stops at more than ${wave} failed in a wave or ${limits.tolerateRun} in all`;
}

function onFailureText(policy: OnFailure): string {
  switch (policy) {
    case 'hold':
      return 'hold: stop, roll nothing back';
    case 'rollback-host':
      return 'rollback-host: roll back the failed hosts, leave the others';
    case 'rollback-wave':
      return 'rollback-wave: roll back every host of the failed wave';
    case 'rollback-run':
      return 'rollback-run: roll back every host that the run has touched';
  }
}

function leftOutRows(plan: Plan, style: Style): readonly string[] {
  const { skipped, unchanged } = plan;
  const same =
    unchanged.length === 0 ? [] : [row('unchanged', countedNames(unchanged, NAMES_WIDTH), style)];
  const left = groupBy(skipped, ({ reason }) => reason).flatMap((group, i) => {
    const label = i === 0 ? 'skipped' : '';
    const names = group.map(({ host }) => host.name);
    const why = printableLine(group[0].reason);
    if (names.length === 1) return [row(label, `${names[0]}: ${why}`, style)];
    const first = row(label, `${countText(names.length, 'host')}: ${why}`, style);
    return [first, row('', namesText(names, NAMES_WIDTH), style)];
  });
  return [...same, ...left.map(style.yellow)];
}

const allOf = (count: number): string => (count === 1 ? 'the host' : `all ${count}`);
