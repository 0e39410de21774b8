import type { Problem } from '../errors/fleet-error.js';
import type { Host } from '../model/host.js';
import type { SshDefaults } from './inventory-defaults.js';
import { learnHops, type WrittenWay } from './inventory-hops.js';
import { buildHost } from './inventory-host.js';
import type { Place } from './inventory-layer.js';
import { inDefaults } from './inventory-lookup.js';
import type { Settings } from './inventory-settings.js';
import { createWays, type HostSources, lookupOf } from './inventory-ways.js';
import type { SshConfigQuery, SshConfigs } from './ssh-config.js';

/** What an inventory is read with beside its files. */
export interface SshSurroundings {
  readonly defaults: SshDefaults;
  readonly agentSocket: string | null;
  readonly configs: SshConfigs;
}

/** A host with what all files of the inventory say of it. */
export interface HostStanding {
  readonly name: string;
  readonly own: Settings;
  readonly groups: readonly string[];
  readonly place: Place;
}

export interface ResolvedHosts {
  /** In the order of the standings. */
  readonly hosts: readonly Host[];
  readonly sources: ReadonlyMap<string, HostSources>;
  readonly problems: readonly Problem[];
}

/** Lays the inventory over ssh_config and that over the defaults, and finds the ways to hosts. */
export async function resolveHosts(
  standings: readonly HostStanding[],
  { defaults, agentSocket, configs }: SshSurroundings,
): Promise<ResolvedHosts> {
  const layers = await configs.learn(standings.map(queryOf));
  const sources = new Map<string, HostSources>();
  for (const [index, { name, own }] of standings.entries()) {
    sources.set(name, { name, own, sshConfig: layers[index] ?? new Map() });
  }
  const last = inDefaults(defaults.settings);
  const written = writtenWays([...sources.values()], (host) => lookupOf(host, last)('ssh.jump'));
  const hopLayers = await learnHops(written, (name) => sources.has(name), configs);
  const ways = createWays({ hosts: sources, hopLayers, defaults: last, agentSocket });
  const hosts = standings.map(({ name, own, groups }) =>
    buildHost(ways.endpointOf(name), own, groups),
  );
  return { hosts, sources, problems: ways.problems };
}

function queryOf({ name, own }: HostStanding): SshConfigQuery {
  const said = (key: string) => own.get(key)?.[0].value;
  const [user, port] = [said('ssh.user'), said('ssh.port')];
  return {
    address: String(said('address') ?? name),
    user: typeof user === 'string' ? user : null,
    port: typeof port === 'number' ? port : null,
    hasJump: own.has('ssh.jump'),
    file: own.get('ssh.config_file')?.[0],
  };
}

/** Each way once, however many hosts lie at its end. */
function writtenWays(
  hosts: readonly HostSources[],
  jumpOf: (host: HostSources) => { readonly value: unknown } | undefined,
): readonly WrittenWay[] {
  const ways = new Map<string, WrittenWay>();
  for (const host of hosts) {
    const way = jumpOf(host)?.value;
    const file = host.own.get('ssh.config_file')?.[0];
    if (typeof way === 'string') ways.set(`${way}\n${file?.value ?? ''}`, { way, file });
  }
  return [...ways.values()];
}
