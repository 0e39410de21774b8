import { Bastion, type Ended } from '../e2e/support/bastion.js';
import { writeData } from './backups.js';
import type { Violation } from './checker.js';
import { chaosConfig, deployArgs, makeRelease } from './controllers.js';
import { writeEvidence } from './evidence.js';
import { type Figures, figuresOf, violationLines } from './figures.js';
import { bootChaosFleet, type ChaosHost } from './fleet-setup.js';
import { Ledger } from './ledger.js';
import { judgeLeftovers } from './leftovers.js';
import type { KnownRelease } from './releases.js';
import { playRound, type RoundResult } from './round.js';
import { drawScenario } from './scenario.js';
import { Watch } from './watch.js';
import type { World } from './world.js';

export interface ChaosOptions {
  readonly seed: number;
  readonly hosts: number;
  /** The numbers of the runs, which with the seed say what is done in each. */
  readonly numbers: readonly number[];
  /** Keeps what was said and found of every run, and not only of those with a violation. */
  readonly keepEvidence?: boolean;
  /** Told of each run, in a line. */
  readonly say: (line: string) => void;
}

/** Boots a fleet, breaks it in run after run, and answers with what came of it. */
export async function runChaos(options: ChaosOptions): Promise<Figures> {
  const { seed, say } = options;
  const bastions = { own: new Bastion(), other: new Bastion() };
  const { fleet, hosts } = await bootChaosFleet(options.hosts, await canGuard(bastions.own));
  const known = new Map<string, KnownRelease>();
  const ledger = new Ledger();
  const watch = new Watch(hosts, ledger, known);
  const began = performance.now();
  try {
    // A host that is cut off is given up soon, or the runs would be long.
    for (const bastion of Object.values(bastions)) {
      bastion.use(fleet, { connect_timeout: '3s', keepalive: '1s' });
    }
    const typicalMs = await prepare(bastions.own, hosts, known);
    say(
      `${hosts.length} hosts are on their second release; a deploy takes ${seconds(typicalMs)} s`,
    );
    watch.start();
    const world: World = { seed, hosts, bastions, known, ledger, watch, typicalMs };
    const results = await playAll(world, options);
    const left = await lookForLeftovers(world);
    for (const { host, what } of left) say(`left ${host} ${what}`);
    return figuresOf(results, {
      ...options,
      hosts: hosts.length,
      seconds: secondsSince(began),
      left: left.map(({ host, what }) => `left ${host} ${what}`),
    });
  } finally {
    watch.stop();
    for (const bastion of Object.values(bastions)) bastion.close();
    await fleet.shutdown();
  }
}

/** One run after the other; each begins with what the one before has left. */
async function playAll(world: World, options: ChaosOptions): Promise<readonly RoundResult[]> {
  const names = world.hosts.map(({ name }) => name);
  const results: RoundResult[] = [];
  for (const number of options.numbers) {
    const result = await playRound(world, drawScenario(options.seed, number, names));
    results.push(result);
    options.say(summary(result));
    for (const line of violationLines(result, { ...options, hosts: names.length })) {
      options.say(`  ${line}`);
    }
    if (result.violations.length === 0 && options.keepEvidence !== true) continue;
    options.say(`  evidence: ${await writeEvidence(world, result)}`);
  }
  return results;
}

/** A last deploy that no one disturbs, after which nothing of the interrupted steps is left. */
async function lookForLeftovers(world: World): Promise<readonly Violation[]> {
  const { own } = world.bastions;
  own.configure(chaosConfig({ waves: [1, 'rest'], max_unavailable: '100%' }));
  world.known.set('last', makeRelease(own, 'last', 'none'));
  mustEnd(await own.fleet(deployArgs('last')));
  return judgeLeftovers(world.hosts);
}

/** A first and a second good release, as a user would deploy them; how long the second took, in ms. */
async function prepare(
  bastion: Bastion,
  hosts: readonly ChaosHost[],
  known: Map<string, KnownRelease>,
): Promise<number> {
  bastion.configure(chaosConfig({ waves: [1, '50%', 'rest'], max_unavailable: '50%' }));
  mustEnd(await bastion.fleet(['check']));
  const release = async (id: string): Promise<number> => {
    known.set(id, makeRelease(bastion, id, 'none'));
    const began = performance.now();
    mustEnd(await bastion.fleet(deployArgs(id)));
    return performance.now() - began;
  };
  await writeData(hosts, 'first');
  await release('first');
  const guarded = hosts.filter((host) => host.guarded).map(({ name }) => name);
  if (guarded.length > 0) {
    const only = ['-g', 'web', '-l', guarded.join(',')];
    mustEnd(await bastion.fleet(['doctor', ...only, '--install-guard', '--yes']));
  }
  return release('second');
}

/** Whether this build can install the boot guard already. */
async function canGuard(bastion: Bastion): Promise<boolean> {
  return (await bastion.fleet(['doctor', '--help'])).stdout.includes('--install-guard');
}

function mustEnd({ code, stdout, stderr }: Ended): void {
  if (code !== 0) throw new Error(`the preparation ended with ${code}:\n${stdout}${stderr}`);
}

function summary({ scenario, ms, ends, injected, violations }: RoundResult): string {
  const codes = ends.map(({ role, code, killed }) => `${role} ${killed ? 'killed' : code}`);
  const faults = [...(scenario.flaw === 'none' ? [] : [`release ${scenario.flaw}`]), ...injected];
  const verdict = violations.length === 0 ? 'ok' : `${violations.length} VIOLATIONS`;
  return `run ${scenario.number}  ${seconds(ms)} s  ${codes.join(', ')}  [${faults.join(', ')}]  ${verdict}`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function secondsSince(began: number): number {
  return (performance.now() - began) / 1000;
}
