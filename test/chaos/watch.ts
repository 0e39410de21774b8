import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { judgeCurrent, type Violation } from './checker.js';
import type { ChaosHost } from './fleet-setup.js';
import { type HostState, isUnconfirmed, readHostState } from './host-state.js';
import { type Current, currentRelease, readCurrent, readRelease } from './host-tree.js';
import type { Ledger } from './ledger.js';
import type { KnownReleases } from './releases.js';
import { CONFIRM_DEADLINE_MS, MARGIN_MS } from './times.js';

/** How long a running host was on a release that no one had confirmed. */
export interface Trial {
  readonly host: string;
  readonly ms: number;
  /** What kept the switch from ending it, where the design promises nothing; null where it should. */
  readonly excuse: string | null;
}

/** What was seen since the last time that someone asked. */
export interface Findings {
  readonly violations: readonly Violation[];
  readonly trials: readonly Trial[];
}

const LINK_TICK_MS = 10;
/** The state is read at every so many looks at the link, and when the link has changed. */
const STATE_TICKS = 5;

interface Watched {
  readonly host: ChaosHost;
  link: string;
  trial: { readonly txn: string; readonly since: number } | null;
}

/** Looks at every host's `current` all the time, through its files and not through fleet. */
export class Watch {
  readonly #hosts: readonly Watched[];
  readonly #ledger: Ledger;
  readonly #known: KnownReleases;
  #violations: Violation[] = [];
  #trials: Trial[] = [];
  #ticks = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(hosts: readonly ChaosHost[], ledger: Ledger, known: KnownReleases) {
    this.#hosts = hosts.map((host) => ({ host, link: '', trial: null }));
    this.#ledger = ledger;
    this.#known = known;
  }

  /** From here on `current` must never be absent. */
  start(): void {
    this.#timer = setInterval(() => this.#look(), LINK_TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  take(): Findings {
    const found = { violations: this.#violations, trials: this.#trials };
    this.#violations = [];
    this.#trials = [];
    return found;
  }

  #look(): void {
    this.#ticks += 1;
    for (const watched of this.#hosts) {
      const current = readCurrent(watched.host.root);
      const link = current.kind === 'link' ? current.target : current.kind;
      const changed = link !== watched.link;
      watched.link = link;
      if (changed) this.#judge(watched.host, current);
      if (changed || this.#ticks % STATE_TICKS === 0) this.#time(watched, currentRelease(current));
    }
  }

  #judge(host: ChaosHost, current: Current): void {
    const { name, root } = host;
    if (current.kind === 'absent') {
      this.#violations.push({ invariant: 'I1', host: name, what: 'current was seen absent' });
      return;
    }
    const id = currentRelease(current);
    const releases = new Map(id === null ? [] : [[id, readRelease(root, id)]]);
    const tree = { current, releases, state: null, log: { lines: [], torn: 0 } };
    this.#violations.push(...judgeCurrent({ name, tree }, this.#known));
  }

  #time(watched: Watched, current: string | null): void {
    const { host, trial } = watched;
    const state = readHostState(host.root);
    const isOn = !this.#ledger.isNow(host.name, 'off');
    const tried = isOn && isUnconfirmed(state, current) ? state : null;
    if (trial !== null && tried?.txn !== trial.txn) {
      watched.trial = null;
      this.#end(host, trial.since);
    }
    if (watched.trial === null && tried !== null && tried.phase !== 'reverting') {
      watched.trial = { txn: tried.txn, since: performance.now() };
      if (!isArmed(host, tried)) this.#missSwitch(host, tried);
    }
  }

  #end(host: ChaosHost, since: number): void {
    const ms = performance.now() - since;
    const excuse = excuseFor(host, this.#ledger, since);
    this.#trials.push({ host: host.name, ms, excuse });
    if (excuse !== null || ms <= CONFIRM_DEADLINE_MS + MARGIN_MS) return;
    const what = `was on an unconfirmed release for ${(ms / 1000).toFixed(1)} s`;
    this.#violations.push({ invariant: 'I7', host: host.name, what });
  }

  #missSwitch(host: ChaosHost, state: HostState): void {
    if (this.#ledger.happened(host.name, 'reboot', performance.now() - 60_000)) return;
    const what = `is on ${state.to}, and its switch ${state.switch} is not armed`;
    this.#violations.push({ invariant: 'I6', host: host.name, what });
  }
}

/** Why an unconfirmed release may stay: what the switch needs was taken away. */
export function excuseFor(host: ChaosHost, ledger: Ledger, since: number): string | null {
  // The boot may be a little older than what it left behind.
  const sinceBoot = since - CONFIRM_DEADLINE_MS - MARGIN_MS;
  if (!host.guarded && ledger.happened(host.name, 'reboot', sinceBoot)) {
    return 'rebooted without guard';
  }
  if (ledger.happened(host.name, 'full-disk', since)) return 'full disk';
  return null;
}

/** Whether the switch that the state tells of is there; a waiting process is taken at its word. */
function isArmed({ host }: ChaosHost, state: HostState): boolean {
  const [tier, handle] = state.switch.split(':');
  if (tier !== 'system' && tier !== 'user') return tier === 'process';
  const leader = readFileSync(join(dirname(host.rootfs), 'leader'), 'utf8').trim();
  const folder = tier === 'system' ? 'run/systemd' : 'run/user/1000/systemd';
  return existsSync(`/proc/${leader}/root/${folder}/transient/${handle}.timer`);
}
