import { EXIT, exitCodeOf } from '../../errors/codes.js';
import type { HostFailure } from '../../errors/host-failure.js';
import type { CallOutcome } from '../../host/client.js';
import type { HostClients } from '../../host/clients.js';
import { type GuardUnit, guardHead, guardUnit } from '../../host/guard-unit.js';
import type { Step } from '../../host/protocol/protocol.js';
import { installGuardStep, removeGuardStep } from '../../host/steps/guard-steps.js';
import type { Host } from '../../model/hosts/host.js';
import type { App } from '../../model/runs/app.js';
import type { GuardChange, GuardRow } from '../../ui/reports/guard/rows.js';
import { lingerCommand } from '../preflight/admin-commands.js';

/** Installing waits until systemd has reloaded its units, which is slow where there are many. */
const GUARD_TIMEOUT_MS = 120_000;

export interface GuardsRequest {
  readonly app: App;
  readonly hosts: readonly Host[];
  readonly change: GuardChange;
  readonly clients: HostClients;
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
}

/** Installs or removes the boot guard on every host. Rejects only when the signal aborts. */
export function changeBootGuards(request: GuardsRequest): Promise<readonly GuardRow[]> {
  const { hosts, limit } = request;
  return Promise.all(hosts.map((host) => limit(() => changeOn(host, request))));
}

async function changeOn(host: Host, request: GuardsRequest): Promise<GuardRow> {
  const { app, change, clients, signal } = request;
  signal.throwIfAborted();
  const unit = guardUnit(app, host.ssh.user);
  const step = stepFor(change, { app, host, unit });
  if (step === null) return { host: host.name, state: 'refused', error: unfit(unit) };
  const client = clients.of(host.name);
  const outcome = await client.run([step], { timeoutMs: GUARD_TIMEOUT_MS, signal });
  signal.throwIfAborted();
  return { host: host.name, ...judge(outcome, change, { app, host, unit }) };
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

function judge(outcome: CallOutcome, change: GuardChange, asked: Asked): Omit<GuardRow, 'host'> {
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

/** Shows the unit that was composed here. Of the host's answer, only the refusal is used. */
function refused(
  failure: HostFailure,
  change: GuardChange,
  { app, host, unit }: Asked,
): Omit<GuardRow, 'host'> {
  const { user } = host.ssh;
  if (app.service.scope === 'user') {
    const linger = lingerCommand(user);
    const hint = linger === null ? {} : { hint: `if ${user} does not linger: ${linger}` };
    return { state: 'refused', error: { ...failure, ...hint } };
  }
  if (failure.code !== 'sudo_password') return { state: 'refused', error: failure };
  const message = `cannot ${change} the boot guard: that needs root, and ${user} may not become root`;
  const shown = change === 'install' && unit.kind === 'unit' ? { unit } : {};
  return { state: 'refused', error: { ...failure, message }, ...shown };
}

function unfit(unit: GuardUnit): HostFailure {
  const why = unit.kind === 'none' ? `: ${unit.why}` : '';
  return { code: 'usage', message: `no unit can be composed${why}; nothing was changed` };
}
