import type { Registration } from '../../host/steps/adopt-steps.js';
import { TOOL_TRAITS } from '../../model/adopt/tool.js';
import { BEFORE_FLEET, isAdopted, type ReleaseMeta } from '../../model/releases/release.js';
import type { AdoptableRelease, HostAdoption } from './adoption.js';
import type { AgreedDigests } from './agree-on-digests.js';

export interface RecordsContext {
  readonly app: string;
  readonly digests: AgreedDigests;
  /** RFC 3339. */
  readonly now: string;
}

/** The records that a host lacks, or has with a digest on which the hosts do not agree any more. */
export function recordsToWrite(
  adoption: HostAdoption,
  context: RecordsContext,
): readonly Registration[] {
  return adoption.releases.flatMap((release): readonly Registration[] => {
    const agreed = context.digests.get(release.id);
    const before = adoption.facts.releases.find(({ id }) => id === release.id);
    if (agreed === undefined) return [];
    const { digest } = agreed;
    if (before !== undefined && isAdopted(before.meta)) {
      if (before.meta.digest === digest) return [];
      const { meta, standing, since } = before;
      return [{ meta: { ...meta, digest }, standing, since }];
    }
    const meta = metaOf(adoption, release, { app: context.app, digest });
    return [{ meta, standing: release.standing, since: context.now }];
  });
}

function metaOf(
  { tool }: HostAdoption,
  { id, name, commit, by, deployedAt }: AdoptableRelease,
  { app, digest }: { readonly app: string; readonly digest: string },
): ReleaseMeta {
  return {
    id,
    version: name,
    commit,
    digest,
    app,
    run: BEFORE_FLEET,
    deployer: deployerOf(tool, by),
    deployedAt,
  };
}

/** `ada by Capistrano`. */
export function deployerOf(tool: HostAdoption['tool'], by: string | null): string {
  const label = tool === null ? 'another tool' : TOOL_TRAITS[tool].label;
  return by === null ? label : `${by} by ${label}`;
}
