import { blockOf } from '../../../model/runs/block.js';
import { plannedHooks } from '../../../model/runs/hooks/planned-hooks.js';
import type { Plan } from '../../../model/runs/plan.js';
import { takesBackup } from '../../../model/runs/preparation.js';
import type { PlanJson } from './schema.js';

/** The object that `fleet plan --json` and a dry run print. */
export function planJson(
  plan: Plan,
  file: { readonly path: string; readonly digest: string } | null = null,
): PlanJson {
  return {
    schemaVersion: 1,
    run: plan.run,
    kind: plan.kind,
    app: plan.app.name,
    group: plan.group,
    operator: plan.operator,
    createdAt: plan.createdAt,
    reason: plan.reason,
    release: {
      id: plan.release.id,
      version: plan.release.version,
      commit: plan.release.commit,
      digest: plan.release.digest,
    },
    uploadBytes: plan.uploadBytes,
    ...(plan.contentBytes === undefined ? {} : { contentBytes: plan.contentBytes }),
    limits: {
      maxUnavailable: plan.limits.maxUnavailable,
      tolerateWave: [...plan.limits.tolerateWave],
      tolerateRun: plan.limits.tolerateRun,
    },
    onFailure: plan.app.policy.onFailure,
    confirmDeadlineMs: plan.app.policy.confirmDeadlineMs,
    waves: plan.waves.map((hosts, index) => ({ index, hosts: [...hosts] })),
    hosts: plan.hosts.map(({ host, from, found, to, wave, upload, delta, ...rest }) => ({
      host: host.name,
      wave,
      from,
      ...(found === undefined ? {} : { found: { target: found.target, leads: found.leads } }),
      to,
      upload,
      ...(delta === undefined ? {} : { delta: { base: delta.base, bytes: delta.bytes } }),
      serving: rest.condition.kind === 'serving',
      isNew: rest.condition.kind === 'new',
      deadMan: rest.deadMan,
      guard: rest.guard,
    })),
    unchanged: [...plan.unchanged],
    out: outOf(plan),
    blocked: blockedJson(plan),
    hooks: plannedHooks(plan).map(({ hook, times, first }) => ({
      name: hook.name,
      point: hook.point,
      per: hook.per,
      where: hook.where,
      on: first,
      times,
      ifFails: hook.ifFails,
      timeoutMs: hook.timeoutMs,
    })),
    backTo: plan.backTo,
    backup: backupJson(plan),
    restores: plan.hosts.flatMap(({ host, restore }) =>
      restore === undefined
        ? []
        : [
            {
              host: host.name,
              backup: restore.id,
              run: restore.run,
              at: restore.at,
              bytes: restore.bytes,
              paths: [...restore.paths],
            },
          ],
    ),
    skipped: plan.skipped.map(({ host, reason }) => ({ host: host.name, reason })),
    unitFiles: (plan.unitFiles ?? []).map(({ name, hosts, text, before, byHand }) => ({
      name,
      hosts: [...hosts],
      text,
      before,
      byHand: byHand === true,
    })),
    ...(file === null ? {} : { file: { path: file.path, digest: file.digest } }),
  };
}

const outOf = (plan: Plan): PlanJson['out'] =>
  plan.hosts.flatMap(({ host, condition }) =>
    condition.kind === 'out' ? [{ host: host.name, why: condition.why }] : [],
  );

function backupJson({ app, hosts }: Plan): PlanJson['backup'] {
  const { backup } = app;
  if (backup === undefined) return null;
  const { paths, command, keep } = backup;
  const on = hosts.filter((host) => takesBackup(app, host)).map(({ host }) => host.name);
  return { paths: [...paths], command, keep, hosts: on };
}

function blockedJson(plan: Plan): PlanJson['blocked'] {
  const blocked = blockOf(plan);
  return blocked && { out: [...blocked.out], needed: blocked.needed };
}
