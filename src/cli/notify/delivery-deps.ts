import { hostname } from 'node:os';
import { join } from 'node:path';
import { allReceivers, loadConfigs } from '../../config/fleet/file.js';
import type { Receiver } from '../../config/fleet/receivers.js';
import { isReference } from '../../config/fleet/sections/receivers/words.js';
import { reasonOf } from '../../errors/reason.js';
import { appendLine, pairsText } from '../../history/log-file.js';
import {
  type DeliveryDeps,
  type Found,
  type Outcome,
  openReceiver,
  type SecretReader,
} from '../../notify/deliver/delivery.js';
import type { Entry } from '../../notify/deliver/entry.js';
import { Outbox } from '../../notify/deliver/outbox.js';
import type { Context } from '../context/context.js';
import { readSecret } from '../context/secrets.js';
import type { Receivers } from '../context/workspace.js';

export interface DeliveryOptions {
  /** Receivers that were read already. */
  readonly known?: Receivers | undefined;
  /** Gets what was not taken; in the log it is anyway. */
  readonly onFailure?: ((outcome: Outcome) => void) | undefined;
}

/** What a delivery has from this machine. Secrets are read when they are used, and kept nowhere. */
export function deliveryDeps(context: Context, options: DeliveryOptions = {}): DeliveryDeps {
  const { stateDir, clock } = context;
  const log = (fields: Readonly<Record<string, string>>): void =>
    logLine(context, `${clock.now().toISOString()} ${pairsText(fields)}`);
  return {
    outbox: new Outbox(stateDir, (why) => log({ notice: 'unreadable', why })),
    find: finder(context, options.known),
    open: (receiver) => openReceiver(receiver, secretsOf(context)),
    bastion: hostname(),
    now: clock.now,
    random: context.random,
    log(outcome) {
      log(fieldsOf(outcome));
      if (outcome.end !== 'sent') options.onFailure?.(outcome);
    },
  };
}

/** Reads what is written as a reference; anything else is what it is. */
const secretsOf =
  (context: Context): SecretReader =>
  (written, folder) =>
    isReference(written)
      ? readSecret({ ...context, cwd: folder }, written)
      : Promise.resolve(written);

function fieldsOf({ end, why, entry }: Outcome): Readonly<Record<string, string>> {
  const { notices, name, tries } = entry;
  return {
    notice: end,
    run: notices.at(-1)?.run ?? '-',
    kind: notices.map(({ kind }) => kind).join(','),
    to: name,
    tries: `${end === 'sent' || end === 'refused' ? tries + 1 : tries}`,
    ...(why === null ? {} : { why }),
  };
}

/** A line of `notify.log`. That it cannot be written stops nothing. */
function logLine({ stateDir }: Context, line: string): void {
  try {
    appendLine(join(stateDir, 'notify.log'), line);
  } catch {
    // The outbox says what waits; what was sent has arrived.
  }
}

/** Reads each fleet.yaml once. */
function finder(context: Context, known: Receivers | undefined): (entry: Entry) => Promise<Found> {
  const read = new Map<string, Promise<readonly Receiver[] | string>>();
  return async ({ config, receiver: key }) => {
    const own = known?.receivers.find((receiver) => receiver.key === key);
    if (own !== undefined && known?.config === config) return { kind: 'found', receiver: own };
    const reading = read.get(config) ?? receiversIn(context, config);
    read.set(config, reading);
    const receivers = await reading;
    if (typeof receivers === 'string') return { kind: 'unread', why: receivers };
    const found = receivers.find((receiver) => receiver.key === key);
    return found === undefined ? { kind: 'gone' } : { kind: 'found', receiver: found };
  };
}

/** The receivers that a fleet.yaml names now; or why it cannot be read. */
async function receiversIn(
  { home, cwd }: Context,
  file: string,
): Promise<readonly Receiver[] | string> {
  try {
    return (await loadConfigs(file, { home, cwd })).flatMap(allReceivers);
  } catch (error) {
    return reasonOf(error);
  }
}
