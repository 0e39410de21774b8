import { buildReceivers, type Receiver } from '../../../src/config/fleet/receivers.js';
import type { NotifyYaml } from '../../../src/config/fleet/sections/notify.js';
import type { Limits } from '../../../src/notify/channel.js';
import {
  type DeliveryDeps,
  type Outcome,
  openReceiver,
} from '../../../src/notify/deliver/delivery.js';
import { ENTRY_VERSION, type Entry, letterId } from '../../../src/notify/deliver/entry.js';
import { Outbox } from '../../../src/notify/deliver/outbox.js';
import type { Notice } from '../../../src/notify/notice.js';

export interface StageOptions {
  readonly now?: () => Date;
  readonly limits?: Partial<Limits>;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A delivery over a folder, with receivers as fleet.yaml has them, and what was logged. */
export function outboxStage(stateDir: string, notify: NotifyYaml, options: StageOptions = {}) {
  const { now = () => new Date(), limits = {}, secrets = {} } = options;
  const log: Outcome[] = [];
  const removed: string[] = [];
  const receivers: { all: readonly Receiver[] } = { all: buildReceivers(notify, stateDir) };
  const outbox = new Outbox(stateDir, (line) => removed.push(line));
  const deps: DeliveryDeps = {
    outbox,
    async find({ receiver }) {
      const found = receivers.all.find(({ key }) => key === receiver);
      return found === undefined ? { kind: 'gone' } : { kind: 'found', receiver: found };
    },
    async open(receiver) {
      const read = async (written: string) => secrets[written] ?? written;
      const opened = await openReceiver(receiver, read);
      return { ...opened, limits: { ...opened.limits, ...limits } };
    },
    bastion: 'bastion-1',
    now,
    random: () => 0,
    log: (outcome) => log.push(outcome),
  };
  return { deps, outbox, log, removed, receivers };
}

/** An entry for a notice, as a run puts it into the outbox. */
export function entryFor(receiver: Receiver, notice: Notice, addedAt = new Date()): Entry {
  return {
    schemaVersion: ENTRY_VERSION,
    id: letterId(notice),
    receiver: receiver.key,
    name: receiver.name,
    config: '/srv/fleet.yaml',
    notices: [notice],
    replaces: [],
    addedAt: addedAt.toISOString(),
    tries: 0,
    triedAt: null,
    waitMs: 0,
    isHeld: false,
    why: null,
  };
}
