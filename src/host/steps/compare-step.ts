import type { ReleaseId } from '../../model/names.js';
import type { DriftCheck } from '../../model/releases/drift.js';
import type { Step } from '../protocol/protocol.js';

/** Which releases of a host are compared with their manifests. */
export type Compared =
  | { readonly kind: 'current' | 'all' }
  | { readonly kind: 'release'; readonly id: ReleaseId };

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
