import { reasonOf } from '../errors/reason.js';
import type { Identity } from '../model/hosts/identity.js';
import type { Person } from '../model/hosts/person.js';
import { appendChained } from './chain/chained-log.js';
import { identityFields } from './identity-fields.js';
import { pairsText } from './log-file.js';
import { personFields } from './person-fields.js';

/** What people do to hosts and runs outside of a run of their own. */
export type ActKind =
  | 'lock-release'
  | 'recover'
  | 'exec'
  | 'guard-install'
  | 'guard-remove'
  | 'backup-restore'
  | 'prune'
  | 'pause'
  | 'resume'
  | 'abort'
  | 'adopt'
  | 'approval-asked'
  | 'approve'
  | 'deny';

type Fields = Readonly<Record<string, string>>;

/** An act before it begins. */
export interface Act {
  readonly kind: ActKind;
  /** The same in both of its lines. */
  readonly id: string;
  readonly identity: Identity;
  readonly person?: Person | undefined;
  /** Its target and options, and whose lock it takes. */
  readonly fields: Fields;
}

export interface ActLogOptions {
  /** `deploy.log`. */
  readonly file: string;
  readonly now: () => Date;
  readonly warn: (message: string) => void;
}

/**
 * Adds a line to `deploy.log` before an act; the returned function adds the one after it. If it cannot be written, that is
 * reported and nothing stops, not even a forced act: who may run fleet here may also edit that file, and a full disk is
 * a reason to use force. The hosts' own logs have the act too.
 */
export function logAct(act: Act, { file, now, warn }: ActLogOptions): (result: Fields) => void {
  const { kind, id, identity, person } = act;
  let warned = false;
  const add = (stage: 'begins' | 'ended', fields: Fields): void => {
    const common = { act: kind, stage, id };
    try {
      appendChained(file, `${now().toISOString()} ${pairsText({ ...common, ...fields })}`);
    } catch (error) {
      const why = reasonOf(error);
      if (!warned) warn(`${file} has no line for this ${kind}: ${why}`);
      warned = true;
    }
  };
  const who = { operator: identity.operator, ...identityFields(identity), ...personFields(person) };
  add('begins', { ...act.fields, ...who });
  return (result) => add('ended', result);
}
