import type { App } from '../../model/runs/app.js';
import { type LocalBase, localPath } from '../paths/local-path.js';
import { durationFrom } from '../schema/words.js';
import { DEFAULTS } from './defaults.js';
import type { FleetYaml } from './schema.js';

/** Which runs need a second person, or a reason. */
export function buildApprovals(
  { approvals, require_reason: reason }: FleetYaml,
  base: LocalBase,
): Pick<App, 'approvals' | 'requireReason'> {
  const { kinds, expires, emergency = false, dir, groups } = approvals ?? {};
  const rule = {
    groups: groupsOf(groups),
    kinds: kinds ?? [...DEFAULTS.approvals.kinds],
    expiresMs: expires === undefined ? DEFAULTS.approvals.expiresMs : durationFrom(expires),
    emergency,
    dir: dir === undefined ? null : localPath(dir, base),
  };
  const named = typeof reason === 'boolean' ? null : groupsOf(reason);
  return {
    ...(approvals === undefined ? {} : { approvals: rule }),
    ...(reason === undefined || reason === false ? {} : { requireReason: { groups: named } }),
  };
}

const groupsOf = (groups: string | readonly string[] | undefined): readonly string[] | null =>
  groups === undefined ? null : [groups].flat();
