import type { HostName } from '../model/names.js';
import { type GateVerdict, gateHosts, judgeGate } from './limits/gate.js';
import { nameOf } from './state/host-run.js';
import type { Activity } from './state/state.js';
import type { TransitionBuilder } from './state/transition.js';
import { beginWave } from './wave.js';

/** How long an inconclusive gate waits before it probes again. */
const GATE_RETRY_MS = 5_000;

type OpenGate = Extract<Activity, { kind: 'gate' }>;

/** Probes every host activated so far, once; judges when all have answered. */
export function pumpGate(turn: TransitionBuilder, gate: OpenGate): void {
  if (!gate.asked) return ask(turn, gate);
  const verdict = judgeGate(turn.state);
  if (verdict.kind === 'waiting') return;
  const { wave } = gate;
  const hosts = namedBy(verdict);
  turn.notices.push({ type: 'gate-judged', wave, verdict: verdict.kind, hosts });
  switch (verdict.kind) {
    case 'pass':
      return beginWave(turn, gate.next);
    case 'fail':
      for (const host of hosts) markFailed(turn, host);
      return turn.stop({ kind: 'gate-failed', wave, failed: hosts });
    case 'inconclusive':
      return hold(turn, gate, hosts);
  }
}

function ask(turn: TransitionBuilder, gate: OpenGate): void {
  const hosts = gateHosts(turn.state).map(nameOf);
  turn.become({ ...gate, asked: true });
  turn.notices.push({ type: 'gate-started', wave: gate.wave, hosts: hosts.length });
  for (const host of hosts) {
    turn.change(host, { probe: null });
    turn.effects.push({ kind: 'probe', host });
  }
}

/** Waits and probes again until `patienceMs` is over. No data in all that time stops the run. */
function hold(turn: TransitionBuilder, gate: OpenGate, missing: readonly HostName[]): void {
  if (gate.patienceMs <= 0) {
    return turn.stop({ kind: 'gate-inconclusive', wave: gate.wave, missing });
  }
  const ms = Math.min(GATE_RETRY_MS, gate.patienceMs);
  const { wave, next } = gate;
  turn.become({ kind: 'gate-waiting', wave, next, patienceMs: gate.patienceMs - ms });
  turn.effects.push({ kind: 'wait', ms });
}

function markFailed(turn: TransitionBuilder, name: HostName): void {
  const host = turn.host(name);
  const failure = host.probe?.kind === 'unhealthy' ? host.probe.failure : null;
  turn.change(name, { failed: true, failure: host.failure ?? failure });
}

function namedBy(verdict: GateVerdict): readonly HostName[] {
  if (verdict.kind === 'fail') return verdict.hosts;
  return verdict.kind === 'inconclusive' ? verdict.missing : [];
}
