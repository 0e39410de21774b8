import type { Command } from 'commander';
import { addCommand, addGroup, always, type Wiring } from '../context/command.js';
import {
  type NotifyOptions,
  type NotifyTestOptions,
  withNotifyFlags,
  withNotifyTestFlags,
} from '../session/flags.js';

/** `fleet notify …`: who is notified of runs, and what waits to be sent. */
export function registerNotify(program: Command, wiring: Wiring): void {
  const notify = addGroup(program, {
    usage: 'notify',
    purpose: 'test the receivers of notices, and send what waits',
    examples: ['fleet notify test', 'fleet notify list', 'fleet notify flush'],
  });
  addCommand<NotifyTestOptions>(notify, wiring, {
    usage: 'test',
    purpose: 'send a test notice to each receiver, and show what came back',
    examples: ['fleet notify test', 'fleet notify test --to ops --event trip'],
    what: withNotifyTestFlags,
    ownsOutbox: true,
    load: async () => (await import('../commands/records/notify-test.js')).notifyTest,
  });
  addCommand<NotifyOptions>(notify, wiring, {
    usage: 'list',
    purpose: 'show the notices that wait to be sent, and why',
    examples: ['fleet notify list', 'fleet notify list --json'],
    what: withNotifyFlags,
    isReading: always,
    ownsOutbox: true,
    load: async () => (await import('../commands/records/notify.js')).notifyList,
  });
  addCommand<NotifyOptions>(notify, wiring, {
    usage: 'flush',
    purpose: 'send the notices that wait, now',
    examples: ['fleet notify flush', 'fleet notify flush --to ops'],
    what: withNotifyFlags,
    ownsOutbox: true,
    load: async () => (await import('../commands/records/notify.js')).notifyFlush,
  });
}
