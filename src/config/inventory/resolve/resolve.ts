import type { Problem } from '../../../errors/fleet-error.js';
import type { Host } from '../../../model/hosts/host.js';
import { asHostName } from '../../../model/names.js';
import type { SshConfigQuery, SshConfigs } from '../../ssh-config/read.js';
import type { Place } from '../../yaml/place.js';
import type { InventoryPart } from '../read/parts.js';
import type { SshDefaults } from './defaults.js';
import { learnHops, type WrittenWay } from './hops.js';
import { inDefaults } from './lookup.js';
import { createProfiles, type HostSources, type Profile } from './profile.js';
import type { Settings } from './settings.js';
import { createWays } from './ways.js';

/** What an inventory is read with beside its files. */
export interface SshSurroundings {
  readonly defaults: SshDefaults;
  readonly agentSocket: string | null;
  readonly configs: SshConfigs;
}

/** A host with its settings from all files of the inventory. */
export interface HostStanding {
  readonly name: string;
  readonly own: Settings;
  readonly groups: readonly string[];
  readonly place: Place;
  /** Of the file that names it first. */
  readonly form: InventoryPart['form'];
  /** Why fleet cannot reach it; ssh is not asked about such a host. */
  readonly objections: readonly Problem[];
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
  const asked = standings.filter((standing) => standing.objections.length === 0);
  const answers = await configs.learn(asked.map(queryOf));
  const layers = new Map(asked.map(({ name }, index) => [name, answers[index]]));
  const sources = new Map<string, HostSources>();
  for (const { name, own } of standings) {
    sources.set(name, { name, own, sshConfig: layers.get(name) ?? new Map() });
  }
  const last = inDefaults(defaults.settings);
  const profileOf = createProfiles(last, agentSocket);
  const written = writtenWays([...sources.values()], profileOf);
  const hopLayers = await learnHops(written, (name) => sources.has(name), configs);
  const ways = createWays({ hosts: sources, hopLayers, profileOf, defaults: last, agentSocket });
  const hosts = [...sources.values()].map((source, index): Host => {
    const { address, ssh } = ways.endpointOf(source.name);
    const { labels, vars } = profileOf(source);
    const groups = standings[index]?.groups ?? [];
    return { name: asHostName(source.name), address, ssh, labels, vars, groups };
  });
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
  profileOf: (host: HostSources) => Profile,
): readonly WrittenWay[] {
  const ways = new Map<string, WrittenWay>();
  const seen = new Set<Profile>();
  for (const host of hosts) {
    const profile = profileOf(host);
    if (seen.has(profile)) continue;
    seen.add(profile);
    const way = profile.lookup('ssh.jump')?.value;
    const file = host.own.get('ssh.config_file')?.[0];
    if (typeof way === 'string') ways.set(`${way}\n${file?.value ?? ''}`, { way, file });
  }
  return [...ways.values()];
}
