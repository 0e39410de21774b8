import { isInFlight, mayLeaveService, outOfService } from './budget.js';
import { type HostRun, hostsOfWave, nameOf } from './state.js';
import type { Turn } from './turn.js';

/** Starts the wave of that index, or the end of the run where there is none. */
export function beginWave(turn: Turn, wave: number): void {
  const hosts = turn.state.plan.waves[wave];
  if (hosts === undefined) turn.become({ kind: 'finalizing' });
  else turn.become({ kind: 'wave', wave }, hosts);
}

/** Switches what the budget allows; the wave is over when every host of it is decided. */
export function pumpWave(turn: Turn, wave: number): void {
  const ready = hostsOfWave(turn.state, wave).filter(isReady);
  for (const host of mayLeaveService(turn.state, ready)) {
    turn.enter(nameOf(host), 'switching', { touched: true });
    turn.effects.push({ kind: 'switch', host: nameOf(host) });
  }
  const hosts = hostsOfWave(turn.state, wave);
  if (hosts.some(isInFlight)) return;
  if (hosts.some(isReady)) {
    return turn.stop({ kind: 'no-budget', wave, out: outOfService(turn.state) });
  }
  beginBake(turn, wave);
}

const isReady = (host: HostRun): boolean => host.stage === 'claimed' || host.stage === 'staged';

function beginBake(turn: Turn, wave: number): void {
  const { bakeMs, onInconclusive } = turn.state.plan.app.policy;
  if (bakeMs === 0) {
    const patienceMs = onInconclusive.pauseMs;
    return turn.become({ kind: 'gate', wave, patienceMs, asked: false });
  }
  turn.become({ kind: 'baking', wave });
  turn.notices.push({ type: 'bake-started', wave, ms: bakeMs });
  turn.effects.push({ kind: 'wait', ms: bakeMs });
}
