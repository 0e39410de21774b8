import type { HostFailure } from '../../../src/errors/host-failure.js';
import type { FleetEvent, FleetEventBody } from '../../../src/events/event.js';
import type { HostName } from '../../../src/model/names.js';
import type { Plan } from '../../../src/model/runs/plan.js';
import { planView } from '../../../src/model/runs/plan-view.js';
import type { HostResult, HostStage, RunState, StopReason } from '../../../src/model/runs/run.js';
import type { Verb } from '../../../src/model/runs/verb.js';
import { NEW, planFixture, RUN, wavesOf } from './plan-fixture.js';

export type Scenario = 'success' | 'canary' | 'mid' | 'unreachable' | 'hold' | 'down';

export const START = Date.parse('2026-11-23T16:41:54.000Z');

export const DIED: HostFailure = {
  code: 'unit_unhealthy',
  message: 'shop.service died 0.3s after its start (Result=exit-code)',
  step: 'verify',
  exit: 1,
  stderr: ['verify: MainPID 4711 is gone'],
  journal: [
    'shop[4711]: Error: Cannot find module \u001b[31m./config\u001b[0m',
    'systemd[1]: shop.service: Main process exited, code=exited, status=1/FAILURE',
  ],
  hint: 'fleet exec -g prod -l HOST -- journalctl -u shop.service -n 50',
};

export const REFUSED: HostFailure = {
  code: 'unreachable',
  message: 'connect ECONNREFUSED 10.88.0.7:22',
  hint: 'check that sshd runs there and that the address is right',
};

/** The events of a run over `count` hosts, with their times; about `count / 20 + 10` seconds long. */
export function syntheticRun(count: number, scenario: Scenario): readonly FleetEvent[] {
  const script = new Script();
  const plan = syntheticPlan(count, scenario);
  const hosts = plan.hosts.map((h) => h.host.name);
  script.emit({ type: 'preflight-started', hosts });
  for (const host of hosts) script.emit({ type: 'preflight-asked', host });
  const unreachable = scenario === 'unreachable' ? hosts.slice(1, 3) : [];
  script.each(hosts, 40, (name) => [
    { type: 'preflight-host', host: name, failure: unreachable.includes(name) ? REFUSED : null },
  ]);
  if (unreachable.length > 0) return script.events;
  script.wait(300);
  script.emit({ type: 'run-started', run: RUN, kind: 'deploy', plan: planView(plan) });
  script.phase('claiming', null, hosts, (name) => stages(plan, name, ['claiming', 'claimed']));
  script.phase('staging', null, hosts, (name) => stages(plan, name, ['staging', 'staged']));
  const bad = badHosts(plan, scenario);
  const stop = runWaves(script, plan, bad);
  return finish(script, plan, { scenario, bad, stop });
}

/** The plan of such a run. */
export function syntheticPlan(count: number, scenario: Scenario): Plan {
  return planFixture({
    waves: wavesOf(count),
    ...(scenario === 'hold' ? { onFailure: 'hold' as const } : {}),
  });
}

function badHosts(plan: Plan, scenario: Scenario): readonly HostName[] {
  if (scenario === 'success' || scenario === 'unreachable') return [];
  if (scenario === 'canary') return plan.waves[0] ?? [];
  return (plan.waves[2] ?? plan.waves.at(-1) ?? []).filter((_, i) => i % 7 === 2 || i === 0);
}

function runWaves(script: Script, plan: Plan, bad: readonly HostName[]): StopReason | null {
  for (const [wave, hosts] of plan.waves.entries()) {
    const failed = hosts.filter((name) => bad.includes(name));
    script.phase('wave', wave, hosts, (name) => [
      ...stages(plan, name, ['switching']),
      { type: 'host-note', host: name, note: 'linked' },
      { type: 'host-note', host: name, note: 'restarted shop.service' },
      ...(bad.includes(name)
        ? [
            stage(plan, name, 'reverting', DIED),
            stage(plan, name, plan.app.policy.onFailure === 'hold' ? 'down' : 'reverted'),
          ]
        : stages(plan, name, ['confirming', 'done'])),
    ]);
    if (failed.length > 0) return script.trip(wave);
    script.emit({ type: 'bake-started', wave, ms: 2000 });
    script.wait(2000);
    script.emit({ type: 'gate-started', wave, hosts: hosts.length });
    script.wait(400);
    script.emit({ type: 'gate-judged', wave, verdict: 'pass', hosts });
    script.emit({ type: 'phase-ended', phase: 'wave', wave });
  }
  return null;
}

function finish(
  script: Script,
  plan: Plan,
  run: { scenario: Scenario; bad: readonly HostName[]; stop: StopReason | null },
): readonly FleetEvent[] {
  const all = plan.hosts.map((entry) => entry.host.name);
  const done = all.filter((name) => script.stages.get(name) === 'done');
  if (run.stop !== null && run.scenario !== 'hold' && done.length > 0) {
    script.phase('rolling-back', null, done, (name) =>
      stages(plan, name, ['reverting', 'reverted']),
    );
  }
  if (run.scenario === 'down' && run.bad[0] !== undefined) {
    script.emit(stage(plan, run.bad[0], 'down', DIED));
  }
  script.emit({ type: 'phase-started', phase: 'finalizing', wave: null, hosts: [] });
  script.wait(700);
  script.emit({ type: 'phase-ended', phase: 'finalizing', wave: null });
  const hosts = plan.hosts.map((entry): HostResult => {
    const { name } = entry.host;
    const state = script.stages.get(name) ?? 'waiting';
    const error = script.failed.has(name) ? { error: DIED } : {};
    return { host: name, state, wave: entry.wave, from: entry.from, to: NEW, ...error };
  });
  const [state, exitCode] = ENDS[run.scenario];
  const startedAt = new Date(START).toISOString();
  script.emit({ type: 'run-ended', run: RUN, state, exitCode, hosts, startedAt });
  return script.events;
}

const ENDS: Readonly<Record<Scenario, readonly [RunState, 0 | 4 | 5 | 6 | 9]>> = {
  success: ['succeeded', 0],
  canary: ['rolled_back', 4],
  mid: ['rolled_back', 4],
  hold: ['stopped_mixed', 5],
  down: ['rollback_incomplete', 6],
  unreachable: ['refused', 9],
};

const stages = (plan: Plan, name: HostName, list: readonly HostStage[]): FleetEventBody[] =>
  list.map((one) => stage(plan, name, one));

const stage = (
  plan: Plan,
  name: HostName,
  to: HostStage,
  failure?: HostFailure,
): FleetEventBody => ({
  type: 'host-stage',
  host: name,
  stage: to,
  wave: waveOf(plan, name),
  ...(failure === undefined ? {} : { failure }),
});

const waves = new WeakMap<Plan, ReadonlyMap<HostName, number>>();

function waveOf(plan: Plan, name: HostName): number {
  const known = waves.get(plan) ?? new Map(plan.hosts.map((h) => [h.host.name, h.wave]));
  waves.set(plan, known);
  return known.get(name) ?? 0;
}

const STEPS: Partial<Record<HostStage, readonly Verb[]>> = {
  claiming: ['claim'],
  staging: ['stage'],
};

class Script {
  readonly events: FleetEvent[] = [];
  readonly stages = new Map<HostName, HostStage>();
  readonly failed = new Set<HostName>();
  private clock = START;
  private seed = 1;

  wait(ms: number): void {
    this.clock += ms;
  }

  emit(body: FleetEventBody, at = this.clock): void {
    const seq = this.events.length + 1;
    this.events.push({ at: new Date(at).toISOString(), run: null, seq, ...body });
    if (body.type !== 'host-stage') return;
    this.stages.set(body.host, body.stage);
    if (body.failure !== undefined) this.failed.add(body.host);
    const verbs = STEPS[body.stage];
    if (verbs !== undefined)
      this.emit({ type: 'step-sent', host: body.host, verbs, txn: 't1' }, at);
  }

  /** Twenty at once go through their events; the clock ends at the last of them. */
  each(
    hosts: readonly HostName[],
    stepMs: number,
    make: (name: HostName) => readonly FleetEventBody[],
  ): void {
    const timed: { at: number; body: FleetEventBody }[] = [];
    const slots = Array.from({ length: 20 }, () => this.clock);
    for (const [i, name] of hosts.entries()) {
      let at = slots[i % 20] ?? this.clock;
      for (const body of make(name)) {
        timed.push({ at, body });
        at += stepMs * (1 + this.random() * 4);
      }
      slots[i % 20] = at;
    }
    for (const { at, body } of timed.sort((a, b) => a.at - b.at)) this.emit(body, Math.round(at));
    this.clock = Math.round(Math.max(...slots));
  }

  phase(
    phase: 'claiming' | 'staging' | 'wave' | 'rolling-back',
    wave: number | null,
    hosts: readonly HostName[],
    make: (name: HostName) => readonly FleetEventBody[],
  ): void {
    this.emit({ type: 'phase-started', phase, wave, hosts });
    this.each(hosts, phase === 'claiming' ? 30 : 250, make);
    if (phase !== 'wave') this.emit({ type: 'phase-ended', phase, wave });
  }

  /** Stops the run where its first host failed; hosts that had not begun by then stay as they are. */
  trip(wave: number): StopReason {
    const from = this.events.findLastIndex((e) => e.type === 'phase-started');
    const at = this.events.findIndex(
      (e, i) => i > from && e.type === 'host-stage' && e.stage === 'reverting',
    );
    const before = this.events.slice(0, at + 1);
    const first = before[at];
    if (first?.type !== 'host-stage') throw new Error('no host failed');
    const begun = new Set(before.slice(from).flatMap((e) => ('host' in e ? [e.host] : [])));
    const reason: StopReason = { kind: 'tripped', wave, failed: [first.host], limit: 'wave' };
    const rest = this.events
      .splice(at + 1)
      .filter((e) => 'host' in e && begun.has(e.host as HostName));
    this.emit({ type: 'stopped', reason }, Date.parse(first.at));
    this.emit({ type: 'phase-ended', phase: 'wave', wave }, Date.parse(first.at));
    this.emit(
      { type: 'phase-started', phase: 'stopping', wave: null, hosts: [] },
      Date.parse(first.at),
    );
    for (const name of this.stages.keys()) if (!begun.has(name)) this.undo(name, from);
    this.events.push(...rest);
    this.clock = Math.max(...this.events.map((e) => Date.parse(e.at)));
    this.emit({ type: 'phase-ended', phase: 'stopping', wave: null });
    return reason;
  }

  private undo(name: HostName, before: number): void {
    const last = this.events
      .slice(0, before)
      .findLast((e) => e.type === 'host-stage' && e.host === name);
    if (last?.type === 'host-stage') this.stages.set(name, last.stage);
    this.failed.delete(name);
  }

  private random(): number {
    this.seed = (this.seed * 1103515245 + 12345) % 2147483648;
    return this.seed / 2147483648;
  }
}
