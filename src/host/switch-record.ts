import { type Earlier, earlierText } from '../model/earlier.js';
import type { RunKind } from '../model/run-kind.js';
import type { Step } from './protocol.js';

/** What a host keeps of a switch, to tell where a rollback goes. */
export interface SwitchRecord {
  /** What its run is. */
  readonly kind: RunKind;
  /** What the host ran before `from`. */
  readonly earlier: Earlier;
}

/** The arguments of `arm` for it. */
export function recordArgs(record: SwitchRecord | undefined): Step['args'] {
  if (record === undefined) return [];
  return [
    ['kind', record.kind],
    ['ran', earlierText(record.earlier)],
  ];
}
