import { type Hop, hopsOf } from '../../settings/jump.js';
import type { Setting } from '../../settings/setting.js';
import type { SshConfigQuery, SshConfigs } from '../../ssh-config/read.js';
import type { SshConfigLayer } from '../../ssh-config/settings.js';

/** A way through jump hosts as it is written, and the ssh_config that applies to its hops. */
export interface WrittenWay {
  readonly way: string;
  readonly file: Setting | undefined;
}

/** The settings of ssh_config for jump hosts that are not in the inventory. */
export type HopLayers = (query: SshConfigQuery) => SshConfigLayer;

/** Ways lead on through ProxyJump; one that never ends is a circle, and found as such. */
const MAX_ROUNDS = 16;
const NOTHING: SshConfigLayer = new Map();

/** Asks for every hop of every way, and for those that ssh_config adds before them. */
export async function learnHops(
  ways: readonly WrittenWay[],
  isHost: (name: string) => boolean,
  configs: SshConfigs,
): Promise<HopLayers> {
  const known = new Map<string, SshConfigLayer>();
  let open = ways;
  for (let round = 0; round < MAX_ROUNDS && open.length > 0; round += 1) {
    const queries = new Map<string, SshConfigQuery>();
    for (const { query } of open.flatMap(askedHops)) {
      if (!isHost(query.address) && !known.has(nameOf(query))) queries.set(nameOf(query), query);
    }
    const layers = await configs.learn([...queries.values()]);
    const next: WrittenWay[] = [];
    for (const [index, [name, { file }]] of [...queries].entries()) {
      const layer = layers[index] ?? NOTHING;
      known.set(name, layer);
      const way = layer.get('ssh.jump')?.value;
      if (typeof way === 'string') next.push({ way, file });
    }
    open = next;
  }
  return (query) => known.get(nameOf(query)) ?? NOTHING;
}

/** The hops of a way, each with its query; behind the first the way there is the hop before. */
export function askedHops({
  way,
  file,
}: WrittenWay): readonly { readonly hop: Hop; readonly query: SshConfigQuery }[] {
  return hopsOf(way).map((hop, index) => {
    const { user, address, port } = hop;
    return { hop, query: { user, address, port, hasJump: index > 0, file } };
  });
}

const nameOf = ({ address, user, port, hasJump, file }: SshConfigQuery): string =>
  JSON.stringify([address, user, port, hasJump, file?.value ?? null]);
