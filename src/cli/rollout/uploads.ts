import { type ChosenBase, isWorthwhile } from '../../artifact/delta/choose-base.js';
import type { PackedRelease } from '../../artifact/packer.js';
import type { ReadRelease } from '../../artifact/prepare.js';
import type { ManifestEntry } from '../../artifact/tree/manifest.js';
import { createBaseChoice, possibleBases } from '../../engine/delta/bases.js';
import { openManifestCache } from '../../engine/delta/manifest-cache.js';
import { manifestOn } from '../../engine/delta/read-manifest.js';
import type { ReadHost } from '../../engine/reading/host-reading.js';
import type { PackedDeltas } from '../../engine/run/effects.js';
import { hasRelease } from '../../host/reply/facts.js';
import type { HostName } from '../../model/names.js';
import type { Release } from '../../model/releases/release.js';
import type { Delta } from '../../model/runs/plan.js';
import { groupBy } from '../../model/text/group-by.js';
import type { Session } from '../session/session.js';

/** A release with all that was packed of it for the hosts of a run. */
export interface Uploads extends PackedDeltas {
  /** Null if no host needs the whole. */
  readonly archive: PackedRelease | null;
  /** What hosts get that have another release to build on. */
  readonly deltas: ReadonlyMap<HostName, Delta>;
  /** What its files hold, in bytes. */
  readonly contentBytes: number;
  /** The most that a host needs on its disk: for what is sent, and for the unpacked release. */
  readonly diskBytes: number;
  /** Everything that was packed by now. */
  packed(): readonly PackedRelease[];
  /** Remembers what is in the releases, for the next deploy from here. Not for a dry run. */
  remember(): void;
  dispose(): Promise<void>;
}

/** Packs what each host lacks of a release: one archive for all hosts that build on the same one. */
export async function packUploads(
  session: Session,
  read: ReadRelease,
  wanted: { readonly release: Release; readonly hosts: readonly ReadHost[] },
): Promise<Uploads> {
  const lacking = wanted.hosts.filter(({ facts }) => !hasRelease(facts, wanted.release));
  const known = await knownManifests(session, read, lacking);
  const baseOf = createBaseChoice(
    session.target.app,
    read.manifest,
    (digest) => known.get(digest) ?? null,
  );
  const choices = lacking.map((host): Choice => ({ host, base: baseOf(host) }));
  const whole = choices.filter(({ base }) => base === null).map(({ host }) => host);
  const packed: PackedRelease[] = [];
  const pack = async (hosts: readonly ReadHost[], beyond: ChosenBase | null) => {
    const archive = await read.pack({ zstd: hosts.every(hasZstd), beyond });
    packed.push(archive);
    return archive;
  };
  const deltas = new Map<HostName, Packed>();
  const building = choices.filter((choice): choice is Building => choice.base !== null);
  for (const group of groupBy(building, ({ base }) => base.base.digest)) {
    const archive = await pack(
      group.map(({ host }) => host),
      group[0].base,
    );
    for (const { host, base } of group)
      deltas.set(host.host.name, { archive, delta: deltaOf(base, archive) });
  }
  const archive = whole.length === 0 ? null : await pack(whole, null);
  return {
    archive,
    deltas: new Map([...deltas].map(([host, { delta }]) => [host, delta])),
    contentBytes: read.contentBytes,
    diskBytes: read.unpackedBytes + Math.max(0, ...packed.map(({ bytes }) => bytes)),
    of: (host) => deltas.get(host)?.archive,
    whole: async () => archive ?? pack(lacking, null),
    packed: () => packed,
    remember: () => remember(session, read, known),
    dispose: read.dispose,
  };
}

interface Choice {
  readonly host: ReadHost;
  readonly base: ChosenBase | null;
}

type Building = Choice & { readonly base: ChosenBase };

interface Packed {
  readonly archive: PackedRelease;
  readonly delta: Delta;
}

const hasZstd = ({ facts }: ReadHost): boolean => facts.tools.includes('zstd');

const deltaOf = ({ base }: ChosenBase, { bytes, packedManifest }: PackedRelease): Delta => ({
  base: base.id,
  digest: base.digest,
  bytes: bytes + packedManifest.bytes,
});

type Manifests = ReadonlyMap<string, readonly ManifestEntry[]>;

/**
 * What is in the releases of these hosts, as far as it is known here. For what is `current` there, one host that has it
 * is asked.
 */
async function knownManifests(
  session: Session,
  read: ReadRelease,
  hosts: readonly ReadHost[],
): Promise<Manifests> {
  const known = new Map<string, readonly ManifestEntry[]>();
  if (session.target.app.release.delta === 'off' || !isWorthwhile(read.manifest)) return known;
  const cache = openManifestCache(session.context.stateDir);
  const asked = new Set<string>();
  for (const host of hosts) {
    for (const [index, release] of possibleBases(host).entries()) {
      const { digest } = release;
      if (known.has(digest) || asked.has(`${index} ${digest}`)) continue;
      asked.add(`${index} ${digest}`);
      const kept = cache.of(digest);
      const manifest = kept === null && index === 0 ? await ask(session, host, release) : kept;
      if (manifest !== null) known.set(digest, manifest);
    }
  }
  return known;
}

function ask({ fleet, interrupts }: Session, { host }: ReadHost, release: Release) {
  return manifestOn(fleet.clients.of(host.name), release, interrupts.interrupt);
}

function remember({ context }: Session, read: ReadRelease, known: Manifests): void {
  const cache = openManifestCache(context.stateDir);
  for (const [digest, manifest] of known) cache.keep(digest, manifest);
  cache.keep(read.release.digest, read.manifest);
}
