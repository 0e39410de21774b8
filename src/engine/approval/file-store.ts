import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type * as z from 'zod';
import { fileProblem } from '../../errors/file-problem.js';
import { hasCode } from '../../errors/has-code.js';
import { safeJson } from '../../errors/unicode-escape.js';
import { ensureOwnFolder, openOwn } from '../../files/own-files.js';
import { syncFolder } from '../../files/replace-file.js';
import { sharingGroup } from '../../files/shared-folder.js';
import { asRunId, isRunId, type RunId } from '../../model/names.js';
import {
  approvalAnswerSchema,
  approvalRequestSchema,
  approvalUseSchema,
} from '../../model/runs/approval.js';
import type { ApprovalState, ApprovalStore, Written } from './store.js';

const FILES = {
  plan: 'plan.json',
  request: 'request.json',
  answer: 'answer.json',
  use: 'used.json',
};

/** Others of the group may read, and no one but who wrote it may write: so the owner of a file is its author. */
const AUTHORED = 0o640;
const WRITABLE_BY_OTHERS = 0o022;
/** What root answers in the folder of another account, which no one else can enter, that account must be able to read. */
const OF_ROOT = 0o644;

/**
 * Approvals in a folder: one below it for each run, which is there whole or not at all. Several accounts can share the
 * folder if it belongs to a group of them (`chmod 2770`). Throws `file_unusable`, `untrusted_file` or `bastion_full`.
 */
export function createFileApprovals(folder: string, random: () => string): ApprovalStore {
  const at = (run: RunId, name = ''): string => join(folder, run, name);
  return {
    where: folder,
    async ask(request, plan) {
      named('the request for approval', () => {
        ensureOwnFolder(folder);
        const next = join(folder, `.${request.run}.${random()}`);
        ensureOwnFolder(next);
        try {
          authored(join(next, FILES.plan), plan);
          authored(join(next, FILES.request), textOf(request));
          syncFolder(next);
          renameSync(next, at(request.run));
        } catch (error) {
          rmSync(next, { recursive: true, force: true });
          throw error;
        }
        syncFolder(folder);
      });
    },
    answer: async (answer) => claimed(at(answer.run, FILES.answer), textOf(answer), random),
    use: async (use) => claimed(at(use.run, FILES.use), textOf(use), random),
    async find(run) {
      return named('the approval', () => stateIn(at(run)));
    },
    async list() {
      const names = named('the approvals', () => namesIn(folder));
      return names.filter(isRunId).map(asRunId).sort().reverse();
    },
  };
}

const textOf = (document: unknown): string => `${safeJson(document, 2)}\n`;

function named<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw fileProblem(cause, what) ?? cause;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Writes a new file, on disk before it returns. */
function authored(file: string, text: string): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    fchmodSync(descriptor, modeFor(join(file, '..')));
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function modeFor(folder: string): number {
  if (sharingGroup(folder) !== null) return AUTHORED;
  return process.geteuid?.() === 0 ? OF_ROOT : 0o600;
}

/** Puts a file in its place, whole, if none is there; false if one is. link(2) replaces nothing. */
function claimed(file: string, text: string, random: () => string): boolean {
  return named('the approval', () => {
    const next = `${file}.${random()}`;
    authored(next, text);
    try {
      linkSync(next, file);
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    } finally {
      rmSync(next, { force: true });
      syncFolder(join(file, '..'));
    }
  });
}

function stateIn(folder: string): ApprovalState | null {
  const run = basename(folder);
  const request = documentIn(join(folder, FILES.request), approvalRequestSchema());
  const plan = readAuthored(join(folder, FILES.plan));
  if (request === null || plan === null || request.document.run !== run) return null;
  if (plan.owner !== request.owner) return null;
  const answer = documentIn(join(folder, FILES.answer), approvalAnswerSchema());
  const use = documentIn(join(folder, FILES.use), approvalUseSchema());
  return { request, plan: plan.document, answer, use };
}

function documentIn<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Written<z.output<Schema>> | null {
  const text = readAuthored(file);
  const found = text === null ? null : schema.safeParse(parsed(text.document));
  if (text === null || !found?.success) return null;
  return { document: found.data, owner: text.owner };
}

/** Null for a file that someone beside its owner can write: then it proves nothing. */
function readAuthored(file: string): Written<string> | null {
  try {
    const descriptor = openOwn(file, constants.O_RDONLY);
    try {
      const { uid, mode } = fstatSync(descriptor);
      if ((mode & WRITABLE_BY_OTHERS) !== 0) return null;
      return { document: readFileSync(descriptor, 'utf8'), owner: uid };
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
