import { allReceivers, findConfig, loadConfigs } from '../../../config/fleet/file.js';
import type { Receiver } from '../../../config/fleet/receivers.js';
import { EXIT } from '../../../errors/codes.js';
import { suggest } from '../../../errors/did-you-mean.js';
import { FleetError } from '../../../errors/fleet-error.js';
import { printableLine } from '../../../errors/printable.js';
import { reasonOf } from '../../../errors/reason.js';
import type { Verdict } from '../../../notify/channel.js';
import type { DeliveryDeps, Opened } from '../../../notify/deliver/delivery.js';
import { ServiceLimits } from '../../../notify/deliver/service-limits.js';
import { sampleNotice } from '../../../notify/sample.js';
import { chooseApps } from '../../context/choose-app.js';
import type { Action } from '../../context/command.js';
import type { Context } from '../../context/context.js';
import { printJson, printLines } from '../../context/output.js';
import { deliveryDeps } from '../../notify/delivery-deps.js';
import type { NotifyTestOptions } from '../../session/flags.js';

/** What came back from one receiver. */
interface Tested {
  readonly to: string;
  readonly kind: string;
  readonly place: string | null;
  readonly sent: boolean;
  readonly why: string | null;
  readonly ms: number;
}

/**
 * `fleet notify test`: one real notice to each receiver of fleet.yaml, marked as a test. Ends with 4 if one of
 * them did not take it.
 */
export const notifyTest: Action<NotifyTestOptions> = async (context, options) => {
  const chosen = await chosenReceivers(context, options);
  const deps = deliveryDeps(context);
  const stop = new AbortController();
  const release = context.onInterrupt(() => stop.abort());
  const all = chosen.map((each) => testOne(deps, each, { context, options, signal: stop.signal }));
  const tested = await Promise.all(all);
  release();
  if (options.json === true) printJson(context, { schemaVersion: 1, tested });
  else printLines(context.stdout, tested.map(lineOf));
  return tested.every(({ sent }) => sent) ? EXIT.ok : EXIT.failed;
};

interface Chosen {
  readonly app: string;
  readonly group: string;
  readonly receiver: Receiver;
}

/** The receivers of every app, each once. Throws `usage` if there is none, or none of that name. */
async function chosenReceivers(
  context: Context,
  options: NotifyTestOptions,
): Promise<readonly Chosen[]> {
  const file = await findConfig(context.cwd, options.config, context.env);
  const configs = await loadConfigs(file, { home: context.home, cwd: context.cwd });
  const named = chooseApps(context, options, configs).flatMap((config) =>
    allReceivers(config).map((receiver) => ({
      app: config.app.name,
      group: options.group[0] ?? receiver.groups[0] ?? 'all',
      receiver,
    })),
  );
  const all = [...new Map(named.map((each) => [each.receiver.key, each])).values()];
  if (all.length === 0) {
    throw new FleetError('usage', `${file} names no receiver of notices`, {
      hint: 'add one below notify: in fleet.yaml; see docs/notifications.md',
    });
  }
  const names = all.map(({ receiver }) => receiver.name);
  const unknown = options.to.find((name) => !names.includes(name));
  if (unknown === undefined) {
    return all.filter(
      ({ receiver: { name } }) => options.to.length === 0 || options.to.includes(name),
    );
  }
  throw new FleetError('usage', `fleet.yaml has no receiver ${unknown}`, {
    hint: suggest(unknown, names),
  });
}

interface Test {
  readonly context: Context;
  readonly options: NotifyTestOptions;
  readonly signal: AbortSignal;
}

async function testOne(deps: DeliveryDeps, chosen: Chosen, test: Test): Promise<Tested> {
  const { receiver } = chosen;
  const { clock } = test.context;
  const began = clock.monotonicMs();
  const result = await tryOne(deps, chosen, test).catch((error: unknown) => ({
    place: null,
    verdict: { kind: 'refused', why: printableLine(reasonOf(error)) } as const,
  }));
  const { place, verdict } = result;
  const ms = Math.max(0, Math.round(clock.monotonicMs() - began));
  const why = verdict.kind === 'sent' ? (verdict.note ?? null) : verdict.why;
  const { name: to, kind } = receiver;
  return { to, kind, place, sent: verdict.kind === 'sent', why, ms };
}

async function tryOne(
  deps: DeliveryDeps,
  { receiver, app, group }: Chosen,
  { context, options, signal }: Test,
): Promise<{ readonly place: string; readonly verdict: Verdict }> {
  const at = deps.now();
  const opened: Opened = await deps.open(receiver);
  const { place, address } = opened;
  const waitMs = await new ServiceLimits(deps.outbox.limitsFolder, address, opened.limits).take(at);
  if (waitMs > 0) {
    const why = `the service takes nothing for another ${Math.ceil(waitMs / 1000)} s`;
    return { place, verdict: { kind: 'retry', afterMs: waitMs, why } };
  }
  const { operator } = context;
  const notice = sampleNotice(options.event, { app, group, operator, at });
  const rendered = {
    at,
    id: `${notice.run}.${context.randomHex(8)}`,
    language: receiver.language,
    bastion: deps.bastion,
  };
  const verdict = await opened.send({ kind: 'notice', notice, isTest: true }, rendered, signal);
  return { place, verdict };
}

function lineOf({ to, kind, place, sent, why, ms }: Tested): string {
  const where = place === null ? kind : `${kind}, ${place}`;
  const result = sent ? `sent in ${ms} ms` : 'not sent';
  return `${to} (${where}): ${result}${why === null ? '' : `: ${why}`}`;
}
