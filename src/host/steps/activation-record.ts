import { type Earlier, earlierText } from '../../model/releases/choose/earlier.js';
import type { RunKind } from '../../model/run-kind.js';
import type { Step } from '../protocol/protocol.js';

/** What a host keeps of an activation, to find the target of a rollback. */
export interface ActivationRecord {
  /** The kind of its run. */
  readonly kind: RunKind;
  /** What the host ran before `from`. */
  readonly earlier: Earlier;
}

/** The arguments of `arm` for it. */
export function recordArgs(record: ActivationRecord | undefined): Step['args'] {
  if (record === undefined) return [];
  return [
    ['kind', record.kind],
    ['ran', earlierText(record.earlier)],
  ];
}
