import type { Command } from 'commander';
import { addCommand, always, type Wiring } from '../context/command.js';
import { wholeNumber } from '../context/options.js';
import type { LabFaultOptions, LabOptions, LabUpOptions } from './lab.js';

/** `fleet lab …`: the practice fleet on this machine. */
export function registerLab(program: Command, wiring: Wiring): void {
  const lab = program.command('lab').description('a practice fleet on this machine');
  addCommand<LabUpOptions>(lab, wiring, {
    usage: 'up',
    summary: 'start it in the background',
    extend: (command) => withDir(command).option('--hosts <n>', 'how many hosts', wholeNumber, 6),
    load: async () => (await import('./lab.js')).labUpCommand,
  });
  addCommand<LabOptions>(lab, wiring, {
    usage: 'down',
    summary: 'end it and everything it started',
    extend: withDir,
    load: async () => (await import('./lab.js')).labDownCommand,
  });
  addCommand<LabOptions>(lab, wiring, {
    usage: 'status',
    summary: 'its hosts, services and faults',
    isReading: always,
    extend: withDir,
    load: async () => (await import('./lab.js')).labStatusCommand,
  });
  addCommand<LabFaultOptions>(lab, wiring, {
    usage: 'fault <host> <kind>',
    summary: 'break one host in a certain way',
    extend: (command) =>
      withDir(command)
        .option('--off', 'end the fault')
        .option('--ms <n>', 'how late or how long, in milliseconds', wholeNumber)
        .option('--match <text>', 'only commands that hold this text'),
    load: async () => (await import('./lab.js')).labFaultCommand,
  });
}

const withDir = (command: Command): Command =>
  command.option('--dir <folder>', 'where it lives, instead of the state folder');
