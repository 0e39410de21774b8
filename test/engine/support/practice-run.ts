import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { type PreparedRelease, prepareRelease } from '../../../src/artifact/prepare.js';
import { systemClock as clock } from '../../../src/cli/context/system-clock.js';
import { loadInventory } from '../../../src/config/inventory/load.js';
import {
  type Proposal,
  proposeDeploy,
  proposeRollback,
} from '../../../src/engine/plan/plan-run.js';
import { gatherFacts } from '../../../src/engine/reading/gather-facts.js';
import type { HostReading } from '../../../src/engine/reading/host-reading.js';
import { type Recovered, recoverFleet } from '../../../src/engine/recover/recover.js';
import { artifactsOf } from '../../../src/engine/run/calls/artifact-source.js';
import { createCaller } from '../../../src/engine/run/calls/caller.js';
import { createEffects } from '../../../src/engine/run/effects.js';
import { runPlan } from '../../../src/engine/run/run.js';
import { createEventBus, type Listener } from '../../../src/events/bus.js';
import type { FleetEvent } from '../../../src/events/event.js';
import { createHostClient } from '../../../src/host/client.js';
import { createHostClients } from '../../../src/host/clients.js';
import { loadHostProgram } from '../../../src/host/program.js';
import { type Lab, startLab } from '../../../src/lab/fleet/lab.js';
import { asRunId } from '../../../src/model/names.js';
import type { App } from '../../../src/model/runs/app.js';
import type { Plan } from '../../../src/model/runs/plan.js';
import type { Policy } from '../../../src/model/runs/policy.js';
import type { Conclusion } from '../../../src/rollout/conclude.js';
import { createSsh2Transport } from '../../../src/transport/ssh2/transport.js';
import { appOf } from '../../fixtures/plan.js';

/** A practice fleet with the engine on top of it, as a command would wire them. */
export interface PracticeRun {
  readonly lab: Lab;
  readonly events: readonly FleetEvent[];
  /** Calls back at each event from now on. */
  watch(listener: Listener): void;
  survey(): Promise<readonly HostReading[]>;
  /** `detach` disconnects in the middle of the run, as a killed controller does. */
  deploy(release: string, policy?: Partial<Policy>, detach?: AbortSignal): Promise<Ended>;
  /** What `fleet recover` does, on every unfinished host. */
  recover(): Promise<readonly Recovered[]>;
  rollback(to: string | null): Promise<Ended>;
  close(): Promise<void>;
}

export interface Ended {
  readonly plan: Plan;
  readonly conclusion: Conclusion;
}

const RELEASES = join(import.meta.dirname, '../../../examples/shop/releases');

export async function startPracticeRun(hostCount: number): Promise<PracticeRun> {
  const dir = await mkdtemp(join(tmpdir(), 'fleet-practice-'));
  // Outside of this repository, so that ids come from the content and not from its commit.
  await cp(RELEASES, join(dir, 'releases'), { recursive: true });
  const lab = await startLab({
    dir: join(dir, 'lab'),
    hosts: hostCount,
    shared: { '.env': 'SHOP_PORT=@PORT@\n' },
  });
  const { hosts } = await loadInventory({
    paths: [lab.inventoryFile],
    cwd: dir,
    home: dir,
    env: {},
    localUser: 'nobody',
    fileExists: async () => false,
  });
  const transport = createSsh2Transport({ secret: async () => '' });
  const events: FleetEvent[] = [];
  const bus = createEventBus(() => new Date());
  bus.subscribe((event) => events.push(event));
  const base: App = {
    ...appOf(),
    root: '~/shop',
    shared: [{ path: '.env', kind: 'file' }],
    probes: [{ kind: 'unit' }, { kind: 'command', command: 'bin/smoke' }],
  };
  const program = loadHostProgram();
  const clients = createHostClients(
    hosts.map(
      (host) =>
        [
          host.name,
          createHostClient({ connect: () => transport.connect(host), root: base.root, program }),
        ] as const,
    ),
  );
  const limit = pLimit(50);
  const never = new AbortController().signal;
  let runs = 0;

  const read = () =>
    gatherFacts({ app: base, hosts, clients, bus, limit, now: clock.now, signal: never });
  const proposalOf = async (app: App): Promise<Proposal> => {
    runs += 1;
    return {
      run: asRunId(`20260101T00000${runs}Z-test`),
      app,
      group: 'prod',
      operator: `O'Neil "x" $(id) Jörg@bastion`,
      now: new Date(),
      surveys: await read(),
    };
  };
  const execute = async (
    plan: Plan,
    archive: PreparedRelease | null,
    detach: AbortSignal = never,
  ): Promise<Ended> => {
    const artifacts = artifactsOf(archive);
    const call = createCaller({ clients, bus, limit, clock, random: () => 0.5, artifacts });
    const warn = (message: string) => bus.emit({ type: 'warning', message });
    const carryOut = createEffects({ plan, archive, call, clock, warn });
    const conclusion = await runPlan({ plan, bus, carryOut, clock, interrupt: never, detach });
    return { plan, conclusion };
  };
  return {
    lab,
    events,
    watch: (listener) => void bus.subscribe(listener),
    survey: read,
    async deploy(release, policy = {}, detach = never) {
      const app = { ...base, policy: { ...base.policy, ...policy } };
      const source = { kind: 'folder', path: join(dir, 'releases', release) } as const;
      const { links } = app.release;
      const options = { tmpDir: join(dir, 'tmp'), now: () => new Date(), links, env: process.env };
      const archive = await prepareRelease(source, options);
      return execute(proposeDeploy(await proposalOf(app), archive, false).plan, archive, detach);
    },
    async recover() {
      const call = createCaller({ clients, bus, limit, clock, random: () => 0.5 });
      runs += 1;
      return recoverFleet({
        app: base,
        run: asRunId(`20260101T00000${runs}Z-back`),
        owner: 'ada@bastion',
        surveys: await read(),
        isDead: () => true,
        call,
        signal: never,
      });
    },
    async rollback(to) {
      return execute(proposeRollback(await proposalOf(base), to, false).plan, null);
    },
    async close() {
      await transport.close();
      await lab.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
