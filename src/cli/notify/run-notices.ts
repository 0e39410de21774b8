import { join } from 'node:path';
import * as z from 'zod';
import { loadConfigs } from '../../config/fleet/file.js';
import { journalFolder } from '../../engine/journal/journal.js';
import { reasonOf } from '../../errors/reason.js';
import type { Listener } from '../../events/bus.js';
import { readOwn } from '../../files/own-files.js';
import { replaceFile } from '../../files/replace-file.js';
import { splitList } from '../../model/hosts/select.js';
import type { RunId } from '../../model/names.js';
import type { Plan } from '../../model/runs/plan.js';
import { planView } from '../../model/runs/plan-view.js';
import { Courier } from '../../notify/deliver/courier.js';
import type { Outcome } from '../../notify/deliver/delivery.js';
import { createNotifier } from '../../notify/notifier.js';
import type { Context } from '../context/context.js';
import { printWarning } from '../context/output.js';
import { type Receivers, receiversFor } from '../context/workspace.js';
import { deliveryDeps } from './delivery-deps.js';
import { leftText, outcomeText } from './outcome-text.js';

/**
 * How long the end of a run waits for its notices, in milliseconds. What has not arrived by then is sent by
 * the next command.
 */
const GRACE_MS = 1500;

export interface RunNoticesRequest {
  readonly plan: Plan;
  /** `waits`: it has not begun, and a second person is asked. */
  readonly run: 'begins' | 'died' | 'waits';
  /** Undefined where no fleet.yaml was read: then that of the run's beginning is. */
  readonly notify: Receivers | undefined;
  readonly warn: (message: string) => void;
}

export interface RunNotices {
  readonly listener: Listener;
  readonly close: () => Promise<void>;
}

/** What tells people of a run; null if no one is to be told. Never rejects: a run goes on without. */
export async function openRunNotices(
  context: Context,
  { plan, run, notify, warn }: RunNoticesRequest,
): Promise<RunNotices | null> {
  const known = notify ?? (await receiversAtStart(context, plan, warn));
  if (known === null || known.receivers.length === 0) return null;
  if (notify !== undefined && run === 'begins') noteConfig(context, plan.run, known.config);
  let say = warn;
  const onFailure = (outcome: Outcome): void => say(outcomeText(outcome));
  const deps = deliveryDeps(context, { known, onFailure });
  const { outbox } = deps;
  const courier = new Courier(deps, (message) => say(message));
  const begun = run === 'died' ? planView(plan) : null;
  const { now } = context.clock;
  const notifier = createNotifier({ ...known, outbox, courier, now, begun, warn });
  return {
    listener: notifier.listener,
    async close() {
      // The events of the run are over.
      say = (message) => printWarning(context, message);
      notifier.leave();
      await courier.close(GRACE_MS);
      for (const { key } of known.receivers) {
        const left = leftText(outbox.waiting(key).map(({ entry }) => entry));
        if (left !== null) say(left);
      }
    },
  };
}

const noteShape = z.object({ config: z.string() });

const noteFile = ({ stateDir }: Context, run: RunId): string =>
  join(journalFolder(stateDir, run), 'notify.json');

/** For whoever continues or closes the run, who may be in another folder. */
function noteConfig(context: Context, run: RunId, config: string): void {
  try {
    replaceFile(noteFile(context, run), `${JSON.stringify({ config })}\n`);
  } catch {
    // Then no one is notified of what another process does with the run.
  }
}

/** The receivers of a run by the fleet.yaml with which it began, as that is now. */
async function receiversAtStart(
  context: Context,
  plan: Plan,
  warn: (message: string) => void,
): Promise<Receivers | null> {
  const { home, cwd } = context;
  try {
    const text = readOwn(noteFile(context, plan.run));
    if (text === '') return null;
    const { config: file } = noteShape.parse(JSON.parse(text));
    const configs = await loadConfigs(file, { home, cwd });
    const config = configs.find(({ app }) => app.name === plan.app.name);
    const hosts = plan.hosts.map(({ host }) => host);
    return config === undefined ? null : receiversFor(config, splitList([plan.group]), hosts);
  } catch (error) {
    warn(`no notices of run ${plan.run} are sent: ${reasonOf(error)}`);
    return null;
  }
}
