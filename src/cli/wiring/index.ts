import type { Command } from 'commander';
import type { Wiring } from '../context/command.js';
import { registerLab } from './lab.js';
import { registerExec, registerLooks } from './look.js';
import { registerNotify } from './notify.js';
import { registerRollouts } from './rollout.js';
import { registerRunControl } from './run.js';
import { registerSetup } from './setup.js';

/** The groups of `fleet --help`, in the order in which a newcomer meets their commands. */
const GROUPS = [
  ['Set up:', registerSetup],
  ['Deploy and roll back:', registerRollouts],
  ['Control runs:', registerRunControl],
  ['Look:', registerLooks],
  ['Notify:', registerNotify],
  ['Run commands:', registerExec],
  ['Practise:', registerLab],
] as const;

/** Every command. Modules load when they run. */
export function registerCommands(program: Command, wiring: Wiring): void {
  for (const [heading, register] of GROUPS) {
    program.commandsGroup(heading);
    register(program, wiring);
  }
  program.commandsGroup('Help:').helpCommand('help [command]', 'show the help of a command');
}
