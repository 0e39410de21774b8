import { EXIT } from '../../../errors/codes.js';
import { printableLine } from '../../../errors/printable.js';
import { type DeliveryDeps, type Outcome, sendNext } from '../../../notify/deliver/delivery.js';
import type { Entry } from '../../../notify/deliver/entry.js';
import { localDateTime } from '../../../ui/text/format.js';
import { tableLines } from '../../../ui/text/table.js';
import type { Action } from '../../context/command.js';
import type { Context } from '../../context/context.js';
import { printJson, printLines, tableLook } from '../../context/output.js';
import { deliveryDeps } from '../../notify/delivery-deps.js';
import { outcomeText } from '../../notify/outcome-text.js';
import type { NotifyOptions } from '../../session/flags.js';

/** `fleet notify list`: what waits to be sent, for which receiver, and what came back so far. */
export const notifyList: Action<NotifyOptions> = async (context, options) => {
  const waiting = waitingOf(deliveryDeps(context), options);
  if (options.json === true) {
    printJson(context, { schemaVersion: 1, waiting: waiting.map(waitingRow) });
  } else {
    showWaiting(context, options, waiting);
  }
  return EXIT.ok;
};

/** `fleet notify flush`: one try for all that waits. Ends with 4 if something still waits, or was refused. */
export const notifyFlush: Action<NotifyOptions> = async (context, options) => {
  const deps = deliveryDeps(context);
  const keys = new Set(waitingOf(deps, options).map(({ receiver }) => receiver));
  const stop = new AbortController();
  const release = context.onInterrupt(() => stop.abort());
  const sent = await Promise.all([...keys].map((key) => flushOne(deps, key, stop.signal)));
  release();
  const ended = sent.flat();
  const waiting = waitingOf(deps, options);
  if (options.json === true) {
    const rows = ended.map(({ entry, end, why }) => ({ ...letterRow(entry), end, why }));
    printJson(context, { schemaVersion: 1, ended: rows, waiting: waiting.map(waitingRow) });
  } else {
    printLines(context.stdout, ended.map(outcomeText));
    if (waiting.length > 0 || ended.length === 0) showWaiting(context, options, waiting);
  }
  const isGood = waiting.length === 0 && ended.every(({ end }) => end === 'sent');
  return isGood ? EXIT.ok : EXIT.failed;
};

/** Every letter of one receiver, in order, until one cannot be sent. */
async function flushOne(
  deps: DeliveryDeps,
  key: string,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const done: Outcome[] = [];
  while (!signal.aborted) {
    const progress = await sendNext(deps, key, { signal, atOnce: true });
    if (progress.kind !== 'moved') break;
    done.push(progress.outcome);
  }
  return done;
}

const waitingOf = ({ outbox }: DeliveryDeps, { to }: NotifyOptions): readonly Entry[] =>
  outbox
    .receivers()
    .flatMap((key) => outbox.waiting(key).map(({ entry }) => entry))
    .filter(({ name }) => to.length === 0 || to.includes(name));

const letterRow = ({ name, id, notices }: Entry) => ({
  to: name,
  id,
  run: notices.at(-1)?.run ?? '',
  kinds: notices.map(({ kind }) => kind),
});

const waitingRow = (entry: Entry) => ({
  ...letterRow(entry),
  since: entry.addedAt,
  tries: entry.tries,
  why: entry.why,
});

function showWaiting(context: Context, options: NotifyOptions, entries: readonly Entry[]): void {
  const columns = [
    { title: 'TO', cell: ({ name }: Entry) => name },
    { title: 'RUN', cell: (entry: Entry) => letterRow(entry).run },
    { title: 'NOTICE', cell: (entry: Entry) => letterRow(entry).kinds.join(', ') },
    { title: 'SINCE', optional: true, cell: ({ addedAt }: Entry) => localDateTime(addedAt) },
    { title: 'TRIES', cell: ({ tries }: Entry) => `${tries}` },
    { title: 'LAST ANSWER', cell: ({ why }: Entry) => printableLine(why ?? '') },
  ];
  const lines = tableLines(columns, entries, tableLook(context, options));
  printLines(context.stdout, lines.length === 0 ? ['No notice waits.'] : lines);
  if (entries.length > 0) {
    printLines(context.stderr, ['fleet tries again with its next command.']);
  }
}
