import type { Command } from 'commander';
import { addCommand, always, type Wiring } from '../context/command.js';
import type { CommonOptions } from '../context/options.js';
import {
  type CheckOptions,
  type InitOptions,
  type InventoryOptions,
  withCheckFlags,
  withInitFlags,
  withInventoryFlags,
} from '../session/flags.js';

/** What is typed before the first deploy: to write the files, check them and look at them. */
export function registerSetup(program: Command, wiring: Wiring): void {
  addCommand<InitOptions>(program, wiring, {
    usage: 'init',
    purpose: 'write a commented fleet.yaml and inventories/ to start from',
    examples: ['mkdir shop && cd shop && fleet init', 'fleet init --from capistrano ../shop'],
    what: withInitFlags,
    load: async () => (await import('../commands/setup/init.js')).init,
  });
  addCommand<CheckOptions>(program, wiring, {
    usage: 'check',
    purpose: 'validate config and inventory, offline',
    examples: ['fleet check', 'fleet check --run-programs', 'fleet check -c ./fleet.yaml --json'],
    what: withCheckFlags,
    isReading: always,
    load: async () => (await import('../commands/setup/check.js')).check,
  });
  addCommand<InventoryOptions>(program, wiring, {
    usage: 'inventory',
    purpose: 'show hosts and groups, resolved',
    examples: ['fleet inventory', "fleet inventory -g prod -l 'web*'", 'fleet inventory --origin'],
    what: withInventoryFlags,
    isReading: always,
    load: async () => (await import('../commands/setup/inventory.js')).inventory,
  });
  addCommand<CommonOptions>(program, wiring, {
    usage: 'schema',
    purpose: "print the JSON Schema of a file, or of a command's output",
    examples: ['fleet schema fleet >fleet.schema.json', 'fleet schema events'],
    what: (command) =>
      command.argument('<name>', 'fleet, inventory, events, or what prints it, e.g. status'),
    isReading: always,
    load: async () => (await import('../commands/setup/schema.js')).schema,
  });
}
