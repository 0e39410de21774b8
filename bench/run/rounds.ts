import { loadavg } from 'node:os';
import type { DelayProxy } from '../proxy/start-proxy.js';
import type { Cell, Job } from '../report/results.js';
import type { ResultStore } from '../report/store.js';
import type { BenchFolder } from './bench-folder.js';
import { measure } from './measure.js';
import { perHost } from './per-host.js';
import type { Scene } from './scene.js';
import type { Release, Tool } from './tools.js';
import { putBack, removeRelease, stopTimers, verifyDone } from './verify.js';

/** All that is measured on the same hosts over the same network. */
export interface Stage {
  readonly scene: Scene;
  readonly rtt: number;
  /** Null where the tools connect to the hosts themselves. */
  readonly proxy: DelayProxy | null;
  readonly folder: BenchFolder;
  readonly store: ResultStore;
  readonly tell: (line: string) => void;
}

/** How often each tool has its turn. */
export interface Turns {
  readonly tools: readonly Tool[];
  readonly jobs: readonly Job[];
  readonly rounds: number;
  /** For tools that are slow. */
  readonly slowRounds: number;
}

/**
 * The tools take turns, so that what else the machine does hits all alike, and each round begins
 * with another one, so that none always comes after the same.
 */
export async function measureRounds(stage: Stage, turns: Turns): Promise<void> {
  const { tools, jobs } = turns;
  const cells = jobs.map((job) => ({ job, hosts: stage.scene.hosts.length, rtt: stage.rtt }));
  const taking = tools.filter((tool) => roundsOf(tool, turns) > 0).map(({ name }) => name);
  stage.store.makeRoom(cells, taking);
  for (let round = 1; round <= Math.max(turns.rounds, turns.slowRounds); round += 1) {
    const first = (round - 1) % tools.length;
    for (const tool of [...tools.slice(first), ...tools.slice(0, first)]) {
      if (round <= roundsOf(tool, turns)) await takeTurn(stage, { tool, round, jobs });
    }
  }
}

function roundsOf({ slow }: Tool, { rounds, slowRounds }: Turns): number {
  return slow ? slowRounds : rounds;
}

interface Turn {
  readonly tool: Tool;
  readonly round: number;
  readonly jobs: readonly Job[];
}

/** There and back again: every turn begins and ends with all hosts on the base release. */
async function takeTurn(stage: Stage, turn: Turn): Promise<void> {
  const { folder, scene } = stage;
  const release = folder.release(`${turn.tool.id}-${turn.round}`);
  const done =
    (await work(stage, turn, 'deploy', release)) &&
    (await work(stage, turn, 'rollback', folder.base));
  if (!done) await putBack(scene.hosts, folder.base.id);
  await stopTimers(scene.hosts);
  removeRelease(scene.hosts, release.id);
}

/** One job of one tool, verified; false where it was not done, which is noted. */
async function work(stage: Stage, turn: Turn, job: Job, release: Release): Promise<boolean> {
  const { tool, round, jobs } = turn;
  const { scene, rtt, store, proxy } = stage;
  const cell: Cell = { job, hosts: scene.hosts.length, rtt };
  const load = loadavg()[0] ?? 0;
  const at = new Date().toISOString();
  try {
    const env = { ...stage.folder.env, ...tool.env };
    const measured = await measure({ argv: tool.argv(job, release), cwd: scene.dir, env });
    await verifyDone(scene.hosts, release.id);
    const counted = proxy === null ? NOT_COUNTED : perHost(await proxy.counts());
    const sample = { tool: tool.name, ...cell, round, ...measured, ...counted, load, at };
    if (jobs.includes(job)) store.add(sample);
    stage.tell(`${tool.name}: ${job} to ${cell.hosts} at ${rtt} ms, ${measured.wall.toFixed(2)} s`);
    return true;
  } catch (error) {
    await proxy?.counts();
    const message = error instanceof Error ? error.message : String(error);
    store.fail({ tool: tool.name, ...cell, message: message.slice(0, 500) });
    stage.tell(`${tool.name}: ${job} to ${cell.hosts} at ${rtt} ms failed: ${message}`);
    return false;
  }
}

const NOT_COUNTED = { roundTrips: null, connections: null };
