import type { Command } from 'commander';
import { addCommand, always, type Wiring } from '../context/command.js';
import { type CommonOptions, withReason } from '../context/options.js';
import {
  type DoctorOptions,
  type ExecOptions,
  type PruneOptions,
  type ReleasesOptions,
  type RestoreOptions,
  type StatusOptions,
  type SyncOptions,
  withDryRun,
  withExecFlags,
  withGuardFlags,
  withRestoreFlags,
  withRunId,
  withSizes,
  withStatusFlags,
  withSyncFlags,
} from '../session/flags.js';
import {
  type HistoryOptions,
  type PeriodOptions,
  withHistoryFlags,
  withStatsFlags,
} from '../session/history-flags.js';

/** What reads the hosts, and what reads this bastion's records. */
export function registerLooks(program: Command, wiring: Wiring): void {
  addCommand<StatusOptions>(program, wiring, {
    usage: 'status',
    purpose: 'show what each host runs now, and where it drifts',
    examples: [
      'fleet status -g prod',
      "fleet status -g prod -l 'db*'",
      'fleet status -g prod --verify',
    ],
    what: withStatusFlags,
    isReading: always,
    load: async () => (await import('../commands/hosts/status.js')).status,
  });
  addCommand<DoctorOptions>(program, wiring, {
    usage: 'doctor',
    purpose: 'show what would stop a run on each host, and the remedy',
    examples: ['fleet doctor -g prod', 'fleet doctor -g prod --install-guard'],
    what: withGuardFlags,
    how: withReason,
    isReading: ({ installGuard, removeGuard }) => !(installGuard || removeGuard),
    load: async () => (await import('../commands/hosts/doctor.js')).doctor,
  });
  const releases = addCommand<ReleasesOptions>(program, wiring, {
    usage: 'releases',
    purpose: 'show which releases are on which hosts',
    examples: [
      'fleet releases -g prod',
      'fleet releases -g prod --sizes',
      'fleet releases prune -g prod --dry-run',
    ],
    what: withSizes,
    isReading: always,
    load: async () => (await import('../commands/records/releases.js')).releases,
  });
  addCommand<PruneOptions>(releases, wiring, {
    usage: 'prune',
    purpose: 'delete releases beyond what is kept',
    examples: ['fleet releases prune -g prod', 'fleet releases prune -g prod --dry-run'],
    what: withDryRun,
    isReading: ({ dryRun }) => dryRun === true,
    load: async () => (await import('../prune/releases-prune.js')).pruneCommand,
  });
  const backups = addCommand<CommonOptions>(program, wiring, {
    usage: 'backups',
    purpose: 'show what hosts kept before a run',
    examples: ['fleet backups -g prod', 'fleet backups restore 20260131T120000Z-a1b2 -g prod'],
    isReading: always,
    load: async () => (await import('../commands/records/backups.js')).backups,
  });
  addCommand<RestoreOptions>(backups, wiring, {
    usage: 'restore',
    purpose: 'restore what hosts had before a run',
    examples: [
      'fleet backups restore 20260131T120000Z-a1b2 -g prod',
      'fleet backups restore 20260131 -g prod -l web03 --dry-run',
    ],
    what: withRestoreFlags,
    isReading: ({ dryRun }) => dryRun === true,
    load: async () => (await import('../commands/records/backups.js')).restore,
  });
  const history = addCommand<HistoryOptions>(program, wiring, {
    usage: 'history',
    purpose: 'show who did what, when, and how it ended',
    examples: [
      'fleet history -g prod -n 50',
      'fleet history --since 2w --state rolled_back',
      'fleet history --host web01 --at "2026-01-31 16:41"',
      'fleet history -g prod --csv -n 5000 > runs.csv',
    ],
    what: withHistoryFlags,
    isReading: always,
    load: async () => (await import('../commands/records/history.js')).history,
  });
  addCommand<SyncOptions>(history, wiring, {
    usage: 'sync',
    purpose: 'write what the history lacks of runs',
    examples: [
      'fleet history sync',
      'fleet history sync 20260131T120000Z-a1b2',
      'fleet history sync --all --dry-run',
    ],
    what: withSyncFlags,
    isReading: ({ dryRun }) => dryRun === true,
    load: async () => (await import('../commands/records/history-sync.js')).historySync,
  });
  addCommand<CommonOptions>(history, wiring, {
    usage: 'verify',
    purpose: 'check that no line of the records was changed',
    examples: ['fleet history verify', 'fleet history verify 20260131T120000Z-a1b2 --json'],
    what: (command) =>
      command.argument('[run]', 'only the journal of this run, by its id or a prefix of it'),
    isReading: always,
    load: async () => (await import('../commands/records/verify.js')).verify,
  });
  addCommand<PeriodOptions>(program, wiring, {
    usage: 'stats',
    purpose: 'show how often, how fast and how well deploys went',
    examples: [
      'fleet stats',
      'fleet stats --app shop -g prod --since 2026-01-01 --until 2026-03-31',
      'fleet stats --since 26w --csv > deploys.csv',
    ],
    what: withStatsFlags,
    isReading: always,
    load: async () => (await import('../commands/records/stats.js')).stats,
  });
  addCommand<CommonOptions>(program, wiring, {
    usage: 'show',
    purpose: 'show one run, host by host',
    examples: ['fleet show 20260131T120000Z-a1b2', 'fleet show 20260131 --json'],
    what: withRunId,
    isReading: always,
    load: async () => (await import('../commands/records/show.js')).show,
  });
}

export function registerExec(program: Command, wiring: Wiring): void {
  addCommand<ExecOptions>(program, wiring, {
    usage: 'exec',
    purpose: 'run a command on every host; options of fleet go before it',
    examples: [
      'fleet exec -g prod grep -v root /etc/passwd',
      "fleet exec -g prod 'df -h / | tail -1'",
      'fleet exec -g prod --json -- ./check -v',
    ],
    what: withExecFlags,
    how: withReason,
    load: async () => (await import('../commands/hosts/exec.js')).exec,
  });
}
