import { failureJson } from '../../json/parts.js';
import type { StatusJson } from './schema.js';
import type { StatusRow } from './table.js';
import type { VerifiedHost } from './verified.js';

/** The object that `fleet status --json` prints. */
export function statusJson(
  { app, group }: { readonly app: string; readonly group: string },
  rows: readonly StatusRow[],
  verified: readonly VerifiedHost[] | null,
): StatusJson {
  const hosts = rows.map(({ error, unitFiles, ...row }) => {
    const found = verified?.find(({ host }) => host === row.host);
    const failure = error ?? found?.error;
    return {
      ...row,
      unitFiles:
        unitFiles?.map(({ brought, installed, ...file }) => ({
          ...file,
          brought: [...brought],
          installed: installed && [...installed],
        })) ?? null,
      ...(verified === null ? {} : { verified: verifiedJson(found) }),
      ...(failure === undefined ? {} : { error: failureJson(failure) }),
    };
  });
  return { schemaVersion: 1, app, group, hosts };
}

function verifiedJson(found: VerifiedHost | undefined): StatusJson['hosts'][number]['verified'] {
  if (found === undefined || found.error !== undefined) return null;
  return found.releases.map(({ differences, ...release }) => ({
    ...release,
    differences: [...differences],
  }));
}
