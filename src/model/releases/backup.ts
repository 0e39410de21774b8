import * as z from 'zod';
import type { Shape } from '../text/shape.js';

/** What is kept of a host before its link moves, as `backup:` of fleet.yaml says. */
export const backupSchema = () =>
  z.object({
    /** Below the root, normalised, without a trailing slash. */
    paths: z.array(z.string()),
    /** Writes its files into the folder FLEET_BACKUP. */
    command: z.string().nullable(),
    /** Reads them from there, after the paths of a backup were restored. */
    restoreCommand: z.string().nullable(),
    /** How many backups a host keeps. */
    keep: z.int(),
    /** Of each command, in milliseconds. */
    timeoutMs: z.number(),
  });

export type Backup = Shape<typeof backupSchema>;

/** What a run without one in its fleet.yaml keeps before it restores an earlier backup. */
export const NO_BACKUP: Backup = {
  paths: [],
  command: null,
  restoreCommand: null,
  keep: 3,
  timeoutMs: 300_000,
};

/** Before a deploy, before a rollback, and before the paths of an earlier backup are restored. */
export const BACKUP_KINDS = ['deploy', 'rollback', 'restore'] as const;

export type BackupKind = (typeof BACKUP_KINDS)[number];

/** A backup that a host restores before its link moves. */
export const plannedRestoreSchema = () =>
  z.object({
    /** Its name on the host. */
    id: z.string(),
    run: z.string(),
    /** RFC 3339, UTC. */
    at: z.string(),
    bytes: z.number(),
    paths: z.array(z.string()),
  });

export type PlannedRestore = Shape<typeof plannedRestoreSchema>;
