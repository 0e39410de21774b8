import { createHash } from 'node:crypto';
import { type Language, NOTICE_KINDS, type NoticeKind } from '../../model/runs/notices.js';
import type { NotifyYaml } from './sections/notify.js';
import {
  RECEIVER_KINDS,
  type ReceiverKind,
  type ReceiverSettings,
} from './sections/receivers/forms.js';

/** A receiver of one kind. */
export interface ReceiverOf<Kind extends ReceiverKind> extends Common {
  readonly kind: Kind;
  /** As written: secrets are references. */
  readonly settings: ReceiverSettings[Kind];
}

/** Who gets notices, and which. It is in no plan, event or record. */
export type Receiver = { readonly [Kind in ReceiverKind]: ReceiverOf<Kind> }[ReceiverKind];

interface Common {
  /** For people: `name:`, or its kind and place. */
  readonly name: string;
  /** The same as long as it is the same place to send to: what waits for it is kept under this. */
  readonly key: string;
  readonly on: readonly NoticeKind[];
  /** It gets notices of runs with a host of these groups; empty for every run. */
  readonly groups: readonly string[];
  readonly language: Language;
  /** Paths of `file:` are relative to this: the folder of fleet.yaml. */
  readonly folder: string;
}

/** The receivers of a validated `notify:`. */
export function buildReceivers(yaml: NotifyYaml | undefined, folder: string): readonly Receiver[] {
  return (yaml ?? []).flatMap((written, place) =>
    RECEIVER_KINDS.flatMap((kind): readonly Receiver[] => {
      const settings = written[kind];
      if (settings === undefined) return [];
      const { name = `${kind} ${place + 1}`, on, groups, language = 'en' } = written;
      const common: Common = {
        name,
        key: keyOf(kind, settings),
        on: on === undefined ? NOTICE_KINDS : [on].flat(),
        groups: [groups ?? []].flat(),
        language,
        folder,
      };
      // The schema has given each kind its own settings.
      return [{ ...common, kind, settings } as Receiver];
    }),
  );
}

/** Names no secret: a URL in it cannot be found again from its digest. */
const keyOf = (kind: ReceiverKind, settings: ReceiverSettings[ReceiverKind]): string =>
  createHash('sha256')
    .update(JSON.stringify([kind, 'url' in settings ? settings.url : settings]))
    .digest('hex')
    .slice(0, KEY_DIGITS);

const KEY_DIGITS = 16;
