import type { Command } from 'commander';
import { addCommand, always, type Wiring } from '../context/command.js';
import { type CommonOptions, wholeNumber } from '../context/options.js';
import { type RunOptions, withBudgetFlag, withRunFlags } from '../session/run-options.js';
import type { CheckOptions } from './check.js';
import type { DeployOptions } from './deploy.js';
import type { DoctorOptions } from './doctor.js';
import type { ExecOptions } from './exec.js';
import type { HistoryOptions } from './history.js';
import type { InventoryOptions } from './inventory.js';
import { registerLab } from './lab-wiring.js';
import type { LockReleaseOptions } from './lock.js';
import type { RecoverOptions } from './recover.js';
import type { RollbackOptions } from './rollback.js';

/** Every command, in the order in which a newcomer meets them. Modules load when they run. */
export function registerCommands(program: Command, wiring: Wiring): void {
  registerSetup(program, wiring);
  registerRollouts(program, wiring);
  registerRecords(program, wiring);
  registerLab(program, wiring);
  registerSchema(program, wiring);
}

function registerSetup(program: Command, wiring: Wiring): void {
  addCommand<CommonOptions>(program, wiring, {
    usage: 'init',
    summary: 'write a commented fleet.yaml and inventories/ to start from',
    load: async () => (await import('./init.js')).init,
  });
  addCommand<CheckOptions>(program, wiring, {
    usage: 'check',
    summary: 'validate config and inventory, offline',
    extend: (command) =>
      command.option(
        '--run-programs',
        'also run inventory programs and `Match exec` of ssh_config',
      ),
    isReading: always,
    load: async () => (await import('./check.js')).check,
  });
  addCommand<InventoryOptions>(program, wiring, {
    usage: 'inventory',
    summary: 'show hosts and groups, resolved',
    isReading: always,
    extend: (command) => command.option('--origin', 'show every ssh setting and who says it'),
    load: async () => (await import('./inventory.js')).inventory,
  });
}

function registerSchema(program: Command, wiring: Wiring): void {
  addCommand<CommonOptions>(program, wiring, {
    usage: 'schema <name>',
    summary: 'the JSON Schema of fleet.yaml, of an inventory, or of what a command prints',
    isReading: always,
    load: async () => (await import('./schema.js')).schema,
  });
}

function registerRollouts(program: Command, wiring: Wiring): void {
  addCommand<DeployOptions>(program, wiring, {
    usage: 'deploy',
    summary: 'deploy a release in waves',
    isReading: ({ dryRun }) => dryRun === true,
    extend: (command) => withRunFlags(withDeployFlags(withDryRun(command))),
    load: async () => (await import('./deploy.js')).deploy,
  });
  addCommand<RollbackOptions>(program, wiring, {
    usage: 'rollback',
    summary: 'roll back to an earlier release, in waves',
    isReading: ({ dryRun }) => dryRun === true,
    extend: (command) => withRunFlags(withRollbackFlags(withDryRun(command))),
    load: async () => (await import('./rollback.js')).rollback,
  });
  registerControl(program, wiring);
  const plan = program
    .command('plan')
    .description('show what a deploy or a rollback would do, from read-only facts');
  addCommand<DeployOptions>(plan, wiring, {
    usage: 'deploy',
    summary: 'the plan of a deploy',
    isReading: always,
    extend: withDeployFlags,
    load: async () => (await import('./deploy.js')).planDeploy,
  });
  addCommand<RollbackOptions>(plan, wiring, {
    usage: 'rollback',
    summary: 'the plan of a rollback',
    isReading: always,
    extend: withRollbackFlags,
    load: async () => (await import('./rollback.js')).planRollback,
  });
}

/** What is done with a run that has begun. */
function registerControl(program: Command, wiring: Wiring): void {
  addCommand<CommonOptions>(program, wiring, {
    usage: 'pause <run>',
    summary: 'let hosts in flight be decided, then wait',
    load: async () => (await import('./control.js')).pause,
  });
  addCommand<RunOptions>(program, wiring, {
    usage: 'resume <run>',
    summary: 'go on with a paused run, or with one whose controller died',
    extend: (command) =>
      withRunFlags(withBudgetFlag(command)).option(
        '--from <source>',
        'what the release was made of',
      ),
    load: async () => (await import('./resume.js')).resume,
  });
  addCommand<CommonOptions>(program, wiring, {
    usage: 'abort <run>',
    summary: 'stop a run, as Ctrl-C does where it runs',
    load: async () => (await import('./control.js')).abort,
  });
  addCommand<RecoverOptions>(program, wiring, {
    usage: 'recover',
    summary: 'decide hosts that a dead run has left claimed or half-way',
    extend: (command) => command.option('--force', 'also from a run that may be alive'),
    load: async () => (await import('./recover.js')).recover,
  });
  const lock = program.command('lock').description('who holds what');
  addCommand<CommonOptions>(lock, wiring, {
    usage: 'status',
    summary: 'claims on hosts and on this bastion',
    isReading: always,
    load: async () => (await import('./lock.js')).lockStatus,
  });
  addCommand<LockReleaseOptions>(lock, wiring, {
    usage: 'release',
    summary: 'take claims away from whoever has them',
    extend: (command) => command.option('--force', 'really'),
    load: async () => (await import('./lock.js')).lockRelease,
  });
}

function registerRecords(program: Command, wiring: Wiring): void {
  addCommand<CommonOptions>(program, wiring, {
    usage: 'status',
    summary: 'what each host runs now, and where it drifts',
    isReading: always,
    load: async () => (await import('./status.js')).status,
  });
  addCommand<DoctorOptions>(program, wiring, {
    usage: 'doctor',
    summary: 'what would stop a run on each host, and what is worth knowing there',
    isReading: ({ installGuard, removeGuard }) => !(installGuard || removeGuard),
    extend: withGuardFlags,
    load: async () => (await import('./doctor.js')).doctor,
  });
  addCommand<CommonOptions>(program, wiring, {
    usage: 'releases',
    summary: 'which releases are where, and which can be rolled back to',
    isReading: always,
    load: async () => (await import('./releases.js')).releases,
  });
  addCommand<HistoryOptions>(program, wiring, {
    usage: 'history',
    summary: 'who did what, when, and how it ended',
    isReading: always,
    extend: (command) => command.option('-n, --last <n>', 'how many runs', wholeNumber, 20),
    load: async () => (await import('./history.js')).history,
  });
  addCommand<CommonOptions>(program, wiring, {
    usage: 'show <run>',
    summary: 'one run, host by host',
    isReading: always,
    load: async () => (await import('./show.js')).show,
  });
  addCommand<ExecOptions>(program, wiring, {
    usage: 'exec <command...>',
    summary: 'run a command on every host; all from its first word on is the command',
    extend: withExecFlags,
    load: async () => (await import('./exec.js')).exec,
  });
}

/** What people mean for the command on the hosts must not be read as fleet's: `ls -l`, `grep -v`. */
const withExecFlags = (command: Command): Command =>
  command
    .passThroughOptions()
    .option('--no-log-command', "only the program's name goes into deploy.log")
    .addHelpText(
      'after',
      `
Options of fleet go before the command. Several words are passed on as they are; a single word is a
command line for the host's shell.

Examples:
  $ fleet exec -g prod uptime
  $ fleet exec -g prod grep -v root /etc/passwd
  $ fleet exec -g prod 'df -h / | tail -1'
  $ fleet exec -g prod --json -- ./check -v`,
    );

const withGuardFlags = (command: Command): Command =>
  command
    .option('--install-guard', 'install a unit that takes a host back which reboots in its switch')
    .option('--remove-guard', 'remove that unit');

const withDryRun = (command: Command): Command =>
  command.option('-n, --dry-run', 'show the plan and change nothing');

const withDeployFlags = (command: Command): Command =>
  withBudgetFlag(command)
    .option('--from <source>', 'a folder, an archive, git:REF[:SUBDIR] or https://…#sha256=…')
    .option('--release <id>', 'the release id, instead of one made from time and content');

const withRollbackFlags = (command: Command): Command =>
  withBudgetFlag(command)
    .option('--to <release>', 'release id, commit, or an unambiguous beginning of either')
    .option('--force', 'also to a release that was taken back or never healthy')
    .option('--all-at-once', 'for an emergency: the canary first, then all others in one wave');
