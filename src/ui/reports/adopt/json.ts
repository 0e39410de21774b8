import { failureJson } from '../../json/parts.js';
import type { AdoptReport } from './rows.js';
import type { AdoptJson } from './schema.js';

/** The object of `fleet adopt --json`. */
export function adoptJson({ hosts, shared, differing, ...head }: AdoptReport): AdoptJson {
  return {
    schemaVersion: 1,
    ...head,
    hosts: hosts.map(({ error, releases, left, ...row }) => ({
      ...row,
      releases: releases.map((each) => ({ ...each })),
      left: left.map((each) => ({ ...each })),
      ...(error === null ? {} : { error: failureJson(error) }),
    })),
    shared: {
      found: [...shared.found],
      missing: [...shared.missing],
      extra: [...shared.extra],
    },
    differing: [...differing],
  };
}
