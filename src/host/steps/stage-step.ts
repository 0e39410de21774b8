import { asciiJson } from '../../errors/unicode-escape.js';
import type { ReleaseId } from '../../model/names.js';
import type { ReleaseMeta } from '../../model/releases/release.js';
import type { LinkRule, SharedPath } from '../../model/runs/app.js';
import type { Step } from '../protocol/protocol.js';
import { type Ownership, ownArgs, sharedArgs } from './steps.js';

type Args = Step['args'];

/** What `stage` sends; the sizes and the checksum are those of the packed file. */
export interface StagedArchive {
  readonly sha256: string;
  readonly bytes: number;
  readonly unpacked: number;
  readonly format: 'gzip' | 'zstd' | 'none';
  /** The release on the host that it is unpacked over a copy of; absent if the archive is whole. */
  readonly base?: ReleaseId | undefined;
  /** The manifest, gzipped, which comes before the archive in the payload. */
  readonly manifest: { readonly sha256: string; readonly bytes: number } | null;
}

/** Sends a release as the call's payload. `version` is the text of version.json, one line of JSON. */
export function stageStep(
  by: Ownership,
  staged: {
    readonly meta: ReleaseMeta;
    readonly version: string;
    readonly archive: StagedArchive;
    readonly shared: readonly SharedPath[];
    readonly links: LinkRule;
    /** Now, on the bastion, RFC 3339. */
    readonly since: string;
  },
): Step {
  const { archive, meta } = staged;
  return {
    verb: 'stage',
    args: [
      ...ownArgs(by),
      ['id', meta.id],
      ['digest', meta.digest],
      ['sha256', archive.sha256],
      ['bytes', String(archive.bytes)],
      ['unpacked', String(archive.unpacked)],
      ['format', archive.format],
      ...(archive.base === undefined ? [] : ([['base', archive.base]] as const)),
      ...manifestArgs(archive),
      ['meta', asciiJson(JSON.stringify(metaOnly(meta)))],
      ['version', asciiJson(staged.version)],
      ['since', staged.since],
      ['links', staged.links],
      ...sharedArgs(staged.shared),
    ],
  };
}

function manifestArgs({ manifest }: StagedArchive): Args {
  if (manifest === null) return [];
  return [
    ['manifest_bytes', String(manifest.bytes)],
    ['manifest_sha256', manifest.sha256],
  ];
}

/** Only the marker's own fields, whatever else the object has. */
function metaOnly(meta: ReleaseMeta): ReleaseMeta {
  const { id, version, commit, digest, app, run, deployer, deployedAt, bytes } = meta;
  const size = bytes === undefined ? {} : { bytes };
  return { id, version, commit, digest, app, run, deployer, deployedAt, ...size };
}
