import type { Command } from 'commander';
import { addCommand, addGroup, always, type Wiring } from '../context/command.js';
import { withReason } from '../context/options.js';
import {
  type AdoptOptions,
  type ApplyOptions,
  type ApproveOptions,
  type DeployOptions,
  type RollbackOptions,
  withAdoptFlags,
  withApproveFlags,
  withDeployFlags,
  withDryRun,
  withOut,
  withPlanFile,
  withRollbackFlags,
} from '../session/flags.js';
import {
  withApprovalFlag,
  withBudgetFlag,
  withRecordFlags,
  withRunFlags,
} from '../session/run-options.js';

/** What changes hosts, and what only shows the plan of it. */
export function registerRollouts(program: Command, wiring: Wiring): void {
  addCommand<DeployOptions>(program, wiring, {
    usage: 'deploy',
    purpose: 'deploy a release in waves',
    examples: [
      'fleet deploy -g prod',
      'fleet deploy -g prod --from ./dist --dry-run',
      'fleet deploy -g prod --from git:v1.4.2 --yes',
    ],
    what: (command) => withDeployFlags(withDryRun(command)),
    how: (command) => withRunFlags(withApprovalFlag(withBudgetFlag(command))),
    records: withRecordFlags,
    isReading: ({ dryRun }) => dryRun === true,
    load: async () => (await import('../commands/runs/deploy.js')).deploy,
  });
  addCommand<RollbackOptions>(program, wiring, {
    usage: 'rollback',
    purpose: 'roll back to an earlier release, in waves',
    examples: [
      'fleet rollback -g prod',
      'fleet rollback -g prod --to v1.4.1',
      'fleet rollback -g prod --all-at-once --yes',
    ],
    what: (command) => withRollbackFlags(withDryRun(command)),
    how: (command) => withRunFlags(withApprovalFlag(withBudgetFlag(command))),
    records: withRecordFlags,
    isReading: ({ dryRun }) => dryRun === true,
    load: async () => (await import('../commands/runs/rollback.js')).rollback,
  });
  addCommand<AdoptOptions>(program, wiring, {
    usage: 'adopt',
    purpose: 'take over hosts that another tool deployed',
    examples: [
      'fleet adopt -g prod --dry-run',
      'fleet adopt -g prod',
      "fleet adopt -g prod -l 'web0*' --yes",
    ],
    what: withAdoptFlags,
    isReading: ({ dryRun }) => dryRun === true,
    load: async () => (await import('../commands/hosts/adopt.js')).adopt,
  });
  const plan = addGroup(program, {
    usage: 'plan',
    purpose: 'show what a deploy or a rollback would do',
    examples: ['fleet plan deploy -g prod', 'fleet plan rollback -g prod'],
  });
  addCommand<DeployOptions>(plan, wiring, {
    usage: 'deploy',
    purpose: 'show the plan of a deploy; hosts are only read',
    examples: [
      'fleet plan deploy -g prod',
      'fleet plan deploy -g prod --from ./dist --json',
      'fleet plan deploy -g prod --out plan.json',
    ],
    what: (command) => withOut(withDeployFlags(command)),
    how: (command) => withReason(withBudgetFlag(command)),
    isReading: always,
    load: async () => (await import('../commands/runs/deploy.js')).planDeploy,
  });
  addCommand<RollbackOptions>(plan, wiring, {
    usage: 'rollback',
    purpose: 'show the plan of a rollback; hosts are only read',
    examples: ['fleet plan rollback -g prod', 'fleet plan rollback -g prod --to v1.4.1'],
    what: (command) => withOut(withRollbackFlags(command)),
    how: (command) => withReason(withBudgetFlag(command)),
    isReading: always,
    load: async () => (await import('../commands/runs/rollback.js')).planRollback,
  });
  addCommand<ApplyOptions>(program, wiring, {
    usage: 'apply',
    purpose: 'carry out a plan from a file, if nothing has changed',
    examples: [
      'fleet apply plan.json',
      "fleet apply plan.json --yes --reason 'approved in 4711'",
      'fleet apply --approved 20260131T120000Z-a1b2',
    ],
    what: withPlanFile,
    how: (command) => withRunFlags(withApprovalFlag(command)),
    records: withRecordFlags,
    load: async () => (await import('../commands/runs/apply.js')).apply,
  });
  addCommand<ApproveOptions>(program, wiring, {
    usage: 'approve',
    purpose: 'approve the run of another person, or deny it',
    examples: [
      'fleet approve',
      'fleet approve 20260131T120000Z-a1b2',
      "fleet approve 20260131 --deny --reason 'not on a Friday'",
    ],
    what: withApproveFlags,
    how: withReason,
    load: async () => (await import('../commands/runs/approve.js')).approve,
  });
}
