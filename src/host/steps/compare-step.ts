import type { ReleaseId } from '../../model/names.js';
import type { DriftCheck } from '../../model/releases/drift.js';
import type { Step } from '../protocol/protocol.js';

/** Which releases of a host are compared with their manifests. */
export type Compared =
  | { readonly kind: 'current' | 'all' }
  | { readonly kind: 'release'; readonly id: ReleaseId };

/** The release at which a host glances: one, or the one that it ran before its current one, by its own record. */
export type Glanced = ReleaseId | 'before';

/**
 * Says whether a release is as it was when its contents were last verified, and nothing if only its contents can tell.
 * Quick, and writes nothing.
 */
export function glanceStep(glanced: Glanced): Step {
  const id: Step['args'] = glanced === 'before' ? [] : [['id', glanced]];
  return { verb: 'compare', args: [['check', 'seen'], ...id] };
}

/** Compares releases with their manifests. Writes nothing. */
export function compareStep(compared: Compared, check: DriftCheck): Step {
  switch (compared.kind) {
    case 'current':
      return { verb: 'compare', args: [['check', check]] };
    case 'all':
      return {
        verb: 'compare',
        args: [
          ['check', check],
          ['releases', '1'],
        ],
      };
    case 'release':
      return {
        verb: 'compare',
        args: [
          ['check', check],
          ['id', compared.id],
        ],
      };
  }
}
