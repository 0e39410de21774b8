import * as z from 'zod';
import { DEAD_MAN_TIERS } from '../model/dead-man.js';
import { UNKNOWN } from '../model/earlier.js';
import { isReleaseId, isRunId } from '../model/names.js';
import { type Plan, RUN_KINDS } from '../model/plan.js';

const text = z.string();
const texts = z.array(text);
const number = z.number();
const name = text.refine(isRunId);
const releaseId = text.refine(isReleaseId);
const size = z.looseObject({ kind: text });

const ssh = z.looseObject({
  user: text,
  port: z.int(),
  identityFiles: texts,
  knownHosts: texts,
  hostKeys: text,
  jump: z.looseObject({ name: text, address: text }).nullable(),
  transport: text,
  connectTimeoutMs: number,
  keepaliveMs: number,
});

const host = z.looseObject({
  name: text,
  address: text,
  ssh,
  labels: z.record(text, text),
  groups: texts,
});

const policy = z.looseObject({
  waves: size,
  maxUnavailable: size,
  tolerate: z.looseObject({ wave: size, run: size }),
  tolerateUnreachable: size,
  minHealthyMs: number,
  healthyDeadlineMs: number,
  bakeMs: number,
  confirmDeadlineMs: number,
  deadMan: text,
  leaseMs: number,
  onFailure: text,
  onInconclusive: z.looseObject({ pauseMs: number, otherwise: text }),
});

const app = z.looseObject({
  name: text,
  root: text,
  service: z.looseObject({ units: texts, action: text, scope: text }),
  release: z.looseObject({ keep: number, links: text }),
  shared: z.array(z.looseObject({ path: text, kind: text })),
  probes: z.array(z.looseObject({ kind: text })),
  policy,
  history: z.looseObject({ kind: text }).nullable().optional(),
  /** Of an older plan in place of the history. */
  historyPath: text.nullable().optional(),
});

const hostPlan = z.looseObject({
  host,
  txn: name,
  epoch: z.int().nonnegative().optional(),
  from: releaseId.nullable(),
  to: releaseId,
  deadMan: z.enum([...DEAD_MAN_TIERS, 'off']),
  prune: z.array(releaseId),
  wave: z.int().nonnegative(),
  /** Of an older plan in place of the condition. */
  serving: z.boolean().optional(),
  condition: z.looseObject({ kind: text }).optional(),
  earlier: z.looseObject({ ran: z.array(z.looseObject({ kind: text })) }).optional(),
});

const release = z.looseObject({
  id: releaseId,
  version: text,
  commit: text.nullable(),
  digest: text,
  app: text,
  run: text,
  deployer: text,
  deployedAt: text,
});

const planShape = z.looseObject({
  run: name,
  kind: z.enum(RUN_KINDS),
  app,
  group: text,
  release,
  operator: text,
  createdAt: text,
  /** Of an older plan, whose hosts had one epoch for all. */
  epoch: z.int().nonnegative().optional(),
  hosts: z.array(hostPlan),
  waves: z.array(texts),
  approvals: z.array(z.int()),
  skipped: z.array(z.looseObject({ host, reason: text })),
  unchanged: texts,
  backTo: releaseId.nullable().default(null),
  uploadBytes: number,
  limits: z.looseObject({
    maxUnavailable: number,
    tolerateWave: z.array(number),
    tolerateRun: number,
  }),
});

/** The plan that a file holds, null where it holds none that can be gone on with. */
export function parsePlan(content: unknown, run: string): Plan | null {
  const found = planShape.safeParse(content);
  if (!found.success || found.data.run !== run) return null;
  const { epoch: common = 0, ...plan } = found.data;
  const hosts = plan.hosts.map(({ epoch = common, serving = true, ...each }) => ({
    condition: serving
      ? { kind: 'serving' }
      : { kind: 'out', why: 'it was when the plan was made' },
    earlier: UNKNOWN,
    ...each,
    epoch,
  }));
  const { historyPath = null, ...app } = plan.app;
  const history = app.history ?? (historyPath && { kind: 'sqlite', path: historyPath });
  // Every part that is acted on was checked above; the shape has no brands.
  return { ...plan, app: { ...app, history }, hosts } as unknown as Plan;
}
