import pLimit from 'p-limit';
import { checkUnitFiles } from '../../engine/reading/check-unit-files.js';
import {
  type ComparedHost,
  type CompareOptions,
  compareReleases,
} from '../../engine/reading/compare-releases.js';
import { type GatherOptions, gatherFacts } from '../../engine/reading/gather-facts.js';
import type { HostReading } from '../../engine/reading/host-reading.js';
import type { ArtifactSource } from '../../engine/run/calls/artifact-source.js';
import { type Caller, createCaller } from '../../engine/run/calls/caller.js';
import type { Lease } from '../../engine/run/calls/lease.js';
import type { UploadProgress } from '../../engine/run/calls/upload-progress.js';
import { createEventBus, type EventBus } from '../../events/bus.js';
import { createHostClient } from '../../host/client.js';
import { createHostClients, type HostClients } from '../../host/clients.js';
import { withLogin } from '../../host/login.js';
import { loadHostProgram } from '../../host/program.js';
import type { Endpoint, Host } from '../../model/hosts/host.js';
import type { RenderedUnits } from '../../model/releases/unit-file.js';
import type { App } from '../../model/runs/app.js';
import type { Transport } from '../../transport/port.js';
import { askPassphrase } from '../../ui/terminal/prompt.js';
import { mayConfirm } from '../context/consent.js';
import type { ClosableTransport, Context } from '../context/context.js';
import type { CommonOptions } from '../context/options.js';
import { printLines } from '../context/output.js';
import { readSecret } from '../context/secrets.js';
import { createFleetTransport } from './fleet-transport.js';

/** The connections of one command: opened when first used, closed together. */
export interface FleetLink {
  readonly transport: Transport;
  /** Runs at most `--forks` tasks at once. */
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
  /** The route to these hosts for one app; `bus`, if given, gets an event for what is sent and read. */
  to(target: LinkTarget, bus?: EventBus): TargetLink;
  close(): Promise<void>;
}

export interface LinkTarget {
  readonly app: App;
  readonly hosts: readonly Host[];
}

/** What is read beside the usual, at some cost: everything that may be wrong; backups; sizes; a release as it is. */
export type SurveyOptions = Pick<
  GatherOptions,
  'doctor' | 'backups' | 'sizes' | 'kept' | 'glanced'
> & {
  /** Unit files, which systemd on each host checks. */
  readonly units?: RenderedUnits | undefined;
};

/** What the calls of a run need beside those of other commands. */
export interface RunCalls {
  readonly lease: Lease;
  readonly artifacts: ArtifactSource;
  readonly uploads: UploadProgress;
}

/** The hosts of one app over the connections of a command: one client a host, connected to once. */
export interface TargetLink {
  readonly clients: HostClients;
  /** Reads every host. */
  survey(signal: AbortSignal, options?: SurveyOptions): Promise<readonly HostReading[]>;
  /** Every host of `hosts` compares its releases with their manifests. */
  compare(
    asked: Pick<CompareOptions, 'hosts' | 'compared' | 'check'>,
    signal: AbortSignal,
  ): Promise<readonly ComparedHost[]>;
  /** Repeats calls until they are answered; sends nothing after the lease, if given, is lost. */
  caller(run?: RunCalls): Caller;
}

export interface LinkOptions {
  /** Ends every attempt to connect. */
  readonly signal: AbortSignal;
  /** Called before a passphrase is asked for: clears the screen, and hides what is typed. */
  readonly beforeAsking?: () => void;
}

/**
 * The link of one command, by its flags: `--forks`, `-vv` and `-vvv`, and whether a passphrase may
 * be asked for. Connects to nothing yet; the caller closes it.
 */
export function openLink(
  context: Context,
  options: CommonOptions,
  linkOptions: LinkOptions,
): FleetLink {
  const transport = context.transport ?? openSsh(context, options, linkOptions);
  const limit: FleetLink['limit'] = pLimit(options.forks);
  const { clock, random, identity: by } = context;
  const clientsOf = ({ app, hosts }: LinkTarget): TargetLink['clients'] => {
    transport.expect?.(hosts);
    const program = loadHostProgram();
    return createHostClients(
      hosts.map((host) => {
        const connect = () => transport.connect(host, linkOptions.signal);
        const client = createHostClient({ connect, root: app.root, program, by });
        return [host.name, withLogin(client, host.ssh.user)] as const;
      }),
    );
  };
  return {
    transport,
    limit,
    to(target, bus = createEventBus(clock.now)) {
      const clients = clientsOf(target);
      const { now } = clock;
      return {
        clients,
        async survey(signal, { units, ...how } = {}) {
          const read = await gatherFacts({ ...target, clients, bus, limit, now, signal, ...how });
          if (units === undefined) return read;
          return checkUnitFiles(read, units, { app: target.app, clients, limit, signal });
        },
        compare: (asked, signal) => compareReleases({ ...asked, clients, limit, signal }),
        caller: (run) => createCaller({ clients, bus, limit, clock, random, ...run }),
      };
    },
    close: () => transport.close(),
  };
}

function openSsh(
  context: Context,
  options: CommonOptions,
  { beforeAsking }: LinkOptions,
): ClosableTransport {
  const mayAsk = mayConfirm(context, options);
  const say = (host: Endpoint, message: string): void => {
    printLines(context.stderr, [`${host.name}: ${message}`]);
  };
  const ask = (question: string): Promise<string> => {
    beforeAsking?.();
    return askPassphrase(question, context);
  };
  return createFleetTransport({
    env: context.env,
    secret: (reference) => readSecret(context, reference),
    random: context.random,
    ...(mayAsk ? { prompt: ask } : {}),
    ...(options.verbose >= 2 ? { log: say } : {}),
    ...(options.verbose >= 3 ? { trace: say } : {}),
  });
}
