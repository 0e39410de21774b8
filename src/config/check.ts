import { FleetError, type Problem } from '../errors/fleet-error.js';
import { readUnitTemplates, renderUnits } from './fleet/unit-templates.js';
import { loadProject, type Project, type ProjectRequest } from './project.js';

/** What `fleet check` finds, as its `--json` prints it. */
export type CheckReport =
  | {
      readonly schemaVersion: 1;
      readonly ok: true;
      readonly config: string;
      /** The names of all apps, joined by commas. */
      readonly app: string;
      readonly apps: readonly string[];
      readonly hosts: number;
      readonly groups: number;
      readonly environments: readonly string[];
      /** What was left out, as reading it would run a program. */
      readonly unread: readonly string[];
      /** Hosts that fleet cannot reach, and parts of the files that it ignored. */
      readonly warnings: readonly CheckProblem[];
    }
  | {
      readonly schemaVersion: 1;
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly problems: readonly CheckProblem[];
    };

export interface CheckProblem {
  readonly message: string;
  readonly hint: string | null;
  readonly file: string | null;
  /** Line and column count from 1. */
  readonly line: number | null;
  readonly column: number | null;
}

/** Validates config and inventory without connecting anywhere; a refusal is a result here. */
export async function checkProject(
  request: ProjectRequest,
): Promise<{ readonly report: CheckReport; readonly refusal: FleetError | null }> {
  try {
    const project = await loadProject(request);
    await checkUnitTemplates(project);
    return { report: reportOf(project), refusal: null };
  } catch (error) {
    if (!(error instanceof FleetError)) throw error;
    const { code, message, hint, location } = error;
    const problems = error.problems.length > 0 ? error.problems : [{ message, hint, location }];
    const report = {
      schemaVersion: 1,
      ok: false,
      code,
      message,
      problems: problems.map(flat),
    } as const;
    return { report, refusal: error };
  }
}

/** The templates of unit files, as every host of the app would get them. */
async function checkUnitTemplates({ configs, inventory }: Project): Promise<void> {
  for (const { app, groups } of configs) {
    const templates = await readUnitTemplates(app);
    const hosts = inventory.hosts.filter(
      (host) => groups === null || groups.some((name) => host.groups.includes(name)),
    );
    if (templates.length > 0) renderUnits(templates, app, hosts);
  }
}

function reportOf({ configs, inventory }: Project): CheckReport {
  const apps = configs.map(({ app }) => app.name);
  const objections = (inventory.objections ?? []).map(({ problem }) => problem);
  return {
    schemaVersion: 1,
    ok: true,
    config: configs[0].file,
    app: apps.join(','),
    apps,
    hosts: inventory.hosts.length,
    groups: inventory.groups.size,
    environments: [...new Set(configs.flatMap(({ environments }) => [...environments.keys()]))],
    unread: inventory.unread,
    warnings: [...inventory.notices, ...objections].map(flat),
  };
}

function flat({ message, hint, location }: Problem): CheckProblem {
  return {
    message,
    hint: hint ?? null,
    file: location?.file ?? null,
    line: location?.line ?? null,
    column: location?.column ?? null,
  };
}
