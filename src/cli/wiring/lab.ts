import type { Command } from 'commander';
import { addCommand, addGroup, always, type Wiring } from '../context/command.js';
import {
  type LabFaultOptions,
  type LabOptions,
  type LabUpOptions,
  withDir,
  withLabFaultFlags,
  withLabUpFlags,
} from '../session/flags.js';

/** `fleet lab …`: the practice fleet on this machine. */
export function registerLab(program: Command, wiring: Wiring): void {
  const lab = addGroup(program, {
    usage: 'lab',
    purpose: 'start a practice fleet on this machine, and break it',
    examples: ['fleet lab up', 'fleet lab fault web01 disk-full', 'fleet lab down'],
  });
  addCommand<LabUpOptions>(lab, wiring, {
    usage: 'up',
    purpose: 'start the practice fleet in the background',
    examples: ['fleet lab up', 'fleet lab up --hosts 20'],
    what: withLabUpFlags,
    load: async () => (await import('../commands/setup/lab.js')).labUpCommand,
  });
  addCommand<LabOptions>(lab, wiring, {
    usage: 'down',
    purpose: 'stop the practice fleet and all its processes',
    examples: ['fleet lab down'],
    what: withDir,
    load: async () => (await import('../commands/setup/lab.js')).labDownCommand,
  });
  addCommand<LabOptions>(lab, wiring, {
    usage: 'status',
    purpose: 'show its hosts, services and faults',
    examples: ['fleet lab status', 'fleet lab status --json'],
    what: withDir,
    isReading: always,
    load: async () => (await import('../commands/setup/lab.js')).labStatusCommand,
  });
  addCommand<LabFaultOptions>(lab, wiring, {
    usage: 'fault',
    purpose: 'break one host in a certain way, or repair it',
    examples: [
      'fleet lab fault web01 disk-full',
      'fleet lab fault web01 slow --ms 5000',
      'fleet lab fault web01 slow --off',
    ],
    what: withLabFaultFlags,
    load: async () => (await import('../commands/setup/lab.js')).labFaultCommand,
  });
}
