import type { Transition } from './host-state.js';
import type { RoundResult } from './round.js';
import type { FaultKind } from './scenario.js';
import type { Trial } from './watch.js';

/** Hosts that were rolled back, by whom. */
export interface Reverts {
  readonly switch: number;
  readonly controller: number;
  readonly guard: number;
}

type Counts = Readonly<Partial<Record<string, number>>>;

/** The sums of a chaos. */
export interface Figures {
  readonly schemaVersion: 1;
  readonly seed: number;
  readonly hosts: number;
  readonly runs: number;
  readonly seconds: number;
  /** `deploy`: `{ "0": 12, "killed": 3 }`. */
  readonly exits: Readonly<Record<string, Counts>>;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** Faults whose run was over before their moment came. */
  readonly missed: number;
  /** Releases that were made to fail. */
  readonly badReleases: number;
  readonly reverts: Reverts;
  readonly leftDown: number;
  /** Seconds; null where no host was ever on one. */
  readonly longestUnconfirmed: number | null;
  /** The same where the switch was taken away, by a reboot without guard or a full disk. */
  readonly longestExcused: number | null;
  readonly violations: readonly string[];
}

/** Counts by the transitions of each host's log: a transaction once for each that rolled it back. */
export function revertsIn(logs: readonly (readonly Transition[])[]): Reverts {
  const count = (is: (line: Transition) => boolean): number =>
    logs.reduce((sum, lines) => sum + new Set(lines.filter(is).map(({ txn }) => txn)).size, 0);
  const isTakingBack = ({ verb, after }: Transition): boolean =>
    verb === 'revert' && after === 'reverting';
  return {
    switch: count((line) => isTakingBack(line) && line.run === ''),
    controller: count((line) => isTakingBack(line) && line.run !== ''),
    guard: count(({ verb }) => verb === 'guard'),
  };
}

export function figuresOf(
  results: readonly RoundResult[],
  about: {
    readonly seed: number;
    readonly hosts: number;
    readonly seconds: number;
    /** What was left when all was over. */
    readonly left: readonly string[];
  },
): Figures {
  const { seed, hosts, seconds } = about;
  const sum = (of: (result: RoundResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const trials = results.flatMap((result) => result.trials);
  return {
    schemaVersion: 1,
    seed,
    hosts,
    runs: results.length,
    seconds: Math.round(seconds),
    exits: countExits(results),
    faults: counted(results.flatMap(({ injected }) => injected)),
    missed: sum(({ missed }) => missed.length),
    badReleases: sum(({ scenario }) => (scenario.flaw === 'none' ? 0 : 1)),
    reverts: {
      switch: sum(({ reverts }) => reverts.switch),
      controller: sum(({ reverts }) => reverts.controller),
      guard: sum(({ reverts }) => reverts.guard),
    },
    leftDown: sum(({ down }) => down.length),
    longestUnconfirmed: longest(trials.filter(({ excuse }) => excuse === null)),
    longestExcused: longest(trials.filter(({ excuse }) => excuse !== null)),
    violations: [...results.flatMap((result) => violationLines(result, about)), ...about.left],
  };
}

/** One violation a line, with the command that plays its run again. */
export function violationLines(
  { scenario, violations }: RoundResult,
  { seed, hosts }: { readonly seed: number; readonly hosts: number },
): readonly string[] {
  const again = `npm run chaos -- --seed ${seed} --only ${scenario.number} --hosts ${hosts}`;
  return violations.map(({ invariant, host, what }) => `${invariant} ${host} ${what}  (${again})`);
}

function countExits(results: readonly RoundResult[]): Figures['exits'] {
  const ends = results.flatMap((result) => result.ends);
  return Object.fromEntries(
    [...new Set(ends.map(({ role }) => role))]
      .toSorted()
      .map((role) => [
        role,
        counted(
          ends
            .filter((end) => end.role === role)
            .map(({ code, killed }) => (killed ? 'killed' : String(code))),
        ),
      ]),
  );
}

function counted<Key extends string>(keys: readonly Key[]): Partial<Record<Key, number>> {
  const counts: Partial<Record<Key, number>> = {};
  for (const key of keys.toSorted()) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

function longest(trials: readonly Trial[]): number | null {
  if (trials.length === 0) return null;
  return Number((Math.max(...trials.map(({ ms }) => ms)) / 1000).toFixed(1));
}
