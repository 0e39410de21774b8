import { lingerCommand } from '../engine/admin-commands.js';
import { EXIT, type ExitCode, exitCodeOf } from '../errors/codes.js';
import { FleetError } from '../errors/fleet-error.js';
import type { HostFailure } from '../errors/host-failure.js';
import type { StepOutcome } from '../host/client.js';
import { installGuardStep, removeGuardStep } from '../host/guard-steps.js';
import { type GuardUnit, guardHead, guardUnit } from '../host/guard-unit.js';
import type { Step } from '../host/protocol.js';
import type { App } from '../model/app.js';
import { countText } from '../model/count-text.js';
import type { Host } from '../model/host.js';
import { namesText } from '../model/name-ranges.js';
import { type GuardChange, type GuardRow, guardLines, guardsJson } from '../ui/guard-report.js';
import { confirm } from '../ui/prompt.js';
import type { Context } from './context.js';
import { mayConfirm, unaskedBecause } from './may-confirm.js';
import { hostFields, noted, tally } from './noted.js';
import type { CommonOptions } from './options.js';
import { printJson, printLines, styleFor } from './output.js';
import { withLink } from './reading.js';
import { openTarget, type Target } from './workspace.js';

/** Installing waits for systemd to read its units anew, which is slow where there are many. */
const GUARD_TIMEOUT_MS = 120_000;

/** Installs or removes the guard on every host of the target, after asking. */
export async function changeGuards(
  context: Context,
  options: CommonOptions,
  change: GuardChange,
): Promise<ExitCode> {
  if (options.yes !== true && !mayConfirm(context, options)) {
    throw unattended(change, unaskedBecause(context, options));
  }
  const target = await openTarget(context, options);
  const { app, hosts } = target;
  if (options.yes !== true && !(await confirm(questionFor(target, change), context))) {
    context.stderr.write('Not confirmed; nothing was changed.\n');
    return EXIT.refused;
  }
  const rows = await noted(context, deedOf(target, change), () =>
    withLink(context, options, (link, signal) => {
      const clients = link.clients(app, hosts);
      const changeOn = async (host: Host): Promise<GuardRow> => {
        signal.throwIfAborted();
        const unit = guardUnit(app, host.ssh.user);
        const step = stepFor(change, { app, host, unit });
        if (step === null) return { host: host.name, state: 'refused', error: unfit(unit) };
        const outcome = await clients.of(host.name).run([step], {
          timeoutMs: GUARD_TIMEOUT_MS,
          signal,
        });
        signal.throwIfAborted();
        return { host: host.name, ...judge(outcome, change, { app, host, unit }) };
      };
      return Promise.all(hosts.map((host) => link.limit(() => changeOn(host))));
    }),
  );
  const described = { app: app.name, group: target.group, change };
  if (options.json === true) printJson(context, guardsJson(described, rows));
  else printLines(context.stdout, guardLines(rows, styleFor(context, options, 'stdout')));
  return exitFor(rows);
}

function deedOf({ app, group, hosts }: Target, change: GuardChange) {
  const fields = { app: app.name, group, ...hostFields(hosts.map(({ name }) => name)) };
  const outcome = (rows: readonly GuardRow[]) => ({
    states: tally(rows.map(({ state }) => state)),
  });
  return {
    kind: change === 'install' ? 'guard-install' : 'guard-remove',
    fields,
    outcome,
  } as const;
}

interface Asked {
  readonly app: App;
  readonly host: Host;
  readonly unit: GuardUnit;
}

/** Null where the unit cannot be composed. */
function stepFor(change: GuardChange, { app, host, unit }: Asked): Step | null {
  if (change === 'remove') return removeGuardStep(app, guardHead(app.root, host.ssh.user));
  return unit.kind === 'unit' ? installGuardStep(app, unit.lines) : null;
}

function judge(outcome: StepOutcome, change: GuardChange, asked: Asked): Omit<GuardRow, 'host'> {
  if (outcome.kind === 'ok') {
    const repeated = outcome.replies.some((reply) => reply.ok && reply.repeated === true);
    if (repeated) return { state: 'unchanged' };
    return { state: change === 'install' ? 'installed' : 'removed' };
  }
  const { failure } = outcome;
  if (outcome.kind === 'lost') return { state: 'unknown', error: failure };
  if (exitCodeOf(failure.code) === EXIT.preflight) return { state: 'unreachable', error: failure };
  return refused(failure, change, asked);
}

/** What is to be pasted then was composed here; the host says no more than that it may not. */
function refused(
  failure: HostFailure,
  change: GuardChange,
  { app, host, unit }: Asked,
): Omit<GuardRow, 'host'> {
  const { user } = host.ssh;
  if (app.service.scope === 'user') {
    const linger = lingerCommand(user);
    const hint = linger === null ? {} : { hint: `where ${user} does not linger: ${linger}` };
    return { state: 'refused', error: { ...failure, ...hint } };
  }
  if (failure.code !== 'sudo_password') return { state: 'refused', error: failure };
  const message = `to ${change} it takes rights of root, which ${user} has not`;
  const shown = change === 'install' && unit.kind === 'unit' ? { unit } : {};
  return { state: 'refused', error: { ...failure, message }, ...shown };
}

function unfit(unit: GuardUnit): HostFailure {
  const why = unit.kind === 'none' ? `: ${unit.why}` : '';
  return { code: 'usage', message: `no unit was composed${why}; nothing was changed` };
}

function exitFor(rows: readonly GuardRow[]): ExitCode {
  const count = (...states: readonly GuardRow['state'][]): number =>
    rows.filter(({ state }) => states.includes(state)).length;
  if (count('unreachable') === rows.length) return EXIT.preflight;
  if (count('refused') > 0) return EXIT.refused;
  return count('unreachable', 'unknown') > 0 ? EXIT.partial : EXIT.ok;
}

function questionFor({ app, group, hosts }: Target, change: GuardChange): string {
  const names = namesText(hosts.map(({ name }) => name));
  const where = `${countText(hosts.length, 'host')} of ${group}: ${names}`;
  const what = change === 'install' ? 'Install' : 'Remove';
  return `${what} fleet-guard-${app.name}.service on ${where}?`;
}

function unattended(change: GuardChange, why: string): FleetError {
  return new FleetError('confirmation_required', `doctor asks before it ${change}s a guard`, {
    hint: `${why}: add --yes`,
  });
}
