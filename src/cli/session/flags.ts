import { type Command, Option } from 'commander';
import { NOTICE_KINDS, type NoticeKind } from '../../model/runs/notices.js';
import { type CommonOptions, collect, type ReasonOption, wholeNumber } from '../context/options.js';
import type { RunOptions } from './run-options.js';

export interface InitOptions extends CommonOptions {
  readonly from?: string;
}

export const withInitFlags = (command: Command): Command =>
  command
    .argument('[path]', 'with --from: the project of that tool, or its file')
    .option('--from <tool>', 'read capistrano, deployer, kamal or ansible files; runs nothing');

export interface CheckOptions extends CommonOptions {
  readonly runPrograms?: true;
}

export const withCheckFlags = (command: Command): Command =>
  command.option('--run-programs', 'also run inventory programs and `Match exec` of ssh_config');

export interface InventoryOptions extends CommonOptions {
  readonly origin?: true;
}

export const withInventoryFlags = (command: Command): Command =>
  command.option('--origin', 'show every ssh setting and its source');

export interface DeployOptions extends RunOptions {
  readonly release?: string;
  /** False for `--no-build`. */
  readonly build: boolean;
  readonly dryRun?: true;
}

export const withDeployFlags = (command: Command): Command =>
  command
    .option('--from <source>', 'a folder, an archive, git:REF[:SUBDIR] or https://…#sha256=…')
    .option('--release <id>', 'the release id, instead of one from time and content')
    .option('--no-build', 'do not build: the files are there already');

export interface RollbackOptions extends RunOptions {
  readonly to?: string;
  readonly force?: true;
  readonly allAtOnce?: true;
  readonly restoreBackup?: true;
  readonly verify?: true;
  readonly dryRun?: true;
}

export const withRollbackFlags = (command: Command): Command =>
  command
    .option('--to <release>', 'a release id, a commit, a version, or a prefix of an id or commit')
    .option('--force', 'also to a release that was rolled back, was never healthy, or has drifted')
    .option('--verify', 'read all its files on each host first, not only sizes and times')
    .option('--all-at-once', 'in an emergency: the canary first, then all others in one wave')
    .option('--restore-backup', 'restore what each host had when it last ran that release');

export interface RestoreOptions extends CommonOptions {
  readonly dryRun?: true;
  /** False if what is there now is not kept first. */
  readonly backup: boolean;
}

export const withRestoreFlags = (command: Command): Command =>
  withDryRun(command)
    .argument('<run>', 'the run whose backup it is, or a prefix of it; fleet backups lists them')
    .option('--no-backup', 'do not keep what is there now first');

export interface PruneOptions extends CommonOptions {
  readonly dryRun?: true;
}

export interface ReleasesOptions extends CommonOptions {
  readonly sizes?: true;
}

export const withSizes = (command: Command): Command =>
  command.option('--sizes', 'measure each release on its host (du), which may take long');

export const withDryRun = (command: Command): Command =>
  withOut(command.option('-n, --dry-run', 'show the plan and change nothing'));

/** Flags of `fleet plan …`: `deploy` and `rollback` have them with `--dry-run`. */
export const withOut = (command: Command): Command =>
  command.option('--out <file>', 'also write the plan to a file, for fleet apply');

export const withPlanFile = (command: Command): Command =>
  command
    .argument('[file]', 'a plan that --out has written')
    .option('--approved <run>', 'instead of a file: the plan that waited for approval')
    .option('--from <source>', 'the same release in another place; its content must be the same')
    .option('--no-build', 'do not build: the files are there already');

export interface ApplyOptions extends RunOptions {
  readonly build: boolean;
  readonly approved?: string;
}

export interface ApproveOptions extends CommonOptions, ReasonOption {
  readonly deny?: true;
}

export const withApproveFlags = (command: Command): Command =>
  command
    .argument('[run]', 'the run that waits, or a prefix of its id; without it, all are listed')
    .option('--deny', 'refuse it: the run cannot start any more');

export interface AdoptOptions extends CommonOptions {
  readonly dryRun?: true;
  readonly trustEarlier?: true;
}

export const withAdoptFlags = (command: Command): Command =>
  withDryRun(command).option(
    '--trust-earlier',
    'count older releases as healthy that have no record that they ran',
  );

export const withRunId = (command: Command): Command =>
  command.argument('<run>', 'id of a run, or a prefix of it; fleet history lists them');

export interface ControlOptions extends CommonOptions, ReasonOption {}

export interface ResumeOptions extends RunOptions {
  readonly hookDone: readonly string[];
  readonly hookAgain: readonly string[];
}

export const withResumeFlags = (command: Command): Command =>
  withRunId(command)
    .option(
      '--from <source>',
      'the original source, if the release must still be sent and its source is gone',
    )
    .option('--hook-done <hook>', 'count this interrupted hook as done (repeatable)', collect, [])
    .option('--hook-again <hook>', 'run this interrupted hook again (repeatable)', collect, []);

export interface RecoverOptions extends CommonOptions, ReasonOption {
  readonly force?: true;
}

export const withRecoverFlags = (command: Command): Command =>
  command.option('--force', 'take hosts from a run that may be alive; that run ends with 7');

export interface LockReleaseOptions extends CommonOptions, ReasonOption {
  readonly force?: true;
}

export const withLockReleaseFlags = (command: Command): Command =>
  command.option('--force', 'unlock although another run holds the lock; that run ends with 7');

export interface StatusOptions extends CommonOptions {
  readonly verify?: true;
  readonly all?: true;
}

export const withStatusFlags = (command: Command): Command =>
  command
    .option('--verify', 'compare every file of the current release with what was deployed')
    .option('--all', 'with --verify: of all releases on the hosts');

export interface DoctorOptions extends CommonOptions, ReasonOption {
  readonly installGuard?: true;
  readonly removeGuard?: true;
}

export const withGuardFlags = (command: Command): Command =>
  command
    .option(
      '--install-guard',
      'install a systemd unit that rolls a host back if it reboots during activation',
    )
    .option('--remove-guard', 'remove that unit');

export interface SyncOptions extends CommonOptions {
  readonly all?: true;
  readonly dryRun?: true;
}

export const withSyncFlags = (command: Command): Command =>
  withDryRun(
    command
      .argument('[run...]', 'only these runs, by id or prefix')
      .option('--all', 'every run that has a journal here, e.g. for a new history'),
  );

export interface NotifyOptions extends CommonOptions {
  readonly to: readonly string[];
}

export interface NotifyTestOptions extends NotifyOptions {
  readonly event: NoticeKind;
}

const withReceivers = (command: Command): Command =>
  command.option('--to <name>', 'only this receiver (repeatable)', collect, []);

export const withNotifyTestFlags = (command: Command): Command =>
  withReceivers(command).addOption(
    new Option('--event <kind>', 'which notice').choices(NOTICE_KINDS).default('ended'),
  );

export const withNotifyFlags = withReceivers;

export interface ExecOptions extends CommonOptions, ReasonOption {
  readonly logCommand: boolean;
}

/** What people mean for the command on the hosts is not read as fleet's: `ls -l`, `grep -v`. */
export const withExecFlags = (command: Command): Command =>
  command
    .argument('<command...>', 'several words: passed unchanged; one word: a line for the shell')
    .passThroughOptions()
    .option('--no-log-command', "only the program's name goes into deploy.log");

export interface LabOptions extends CommonOptions {
  readonly dir?: string;
}

export const withDir = (command: Command): Command =>
  command.option('--dir <folder>', 'folder of the practice fleet, instead of the state folder');

export interface LabUpOptions extends LabOptions {
  readonly hosts: number;
}

export const withLabUpFlags = (command: Command): Command =>
  withDir(command).option('--hosts <n>', 'how many hosts', wholeNumber, 6);

export interface LabFaultOptions extends LabOptions {
  readonly off?: true;
  readonly ms?: number;
  readonly match?: string;
}

export const withLabFaultFlags = (command: Command): Command =>
  withDir(command)
    .argument('<host>', 'the host, e.g. web01')
    .argument(
      '<kind>',
      'hang, down, slow, disk-full, drop-mid-step, dies-after-start, refuse-logins or sudo-password',
    )
    .option('--off', 'end the fault')
    .option('--ms <n>', 'how late or how long, in milliseconds', wholeNumber)
    .option('--match <text>', 'only commands that contain this text');
