import * as z from 'zod';
import { EXIT } from '../errors/codes.js';
import { releaseIdSchema } from '../model/names.js';
import { RUN_KINDS } from '../model/run-kind.js';
import type { PlanView } from '../model/runs/plan-view.js';
import type { Shape } from '../model/text/shape.js';
import { eventSchema, type FleetEvent } from './event.js';

/** How much a line matters, by the words of syslog. */
export const LEVELS = ['err', 'warning', 'notice', 'info', 'debug'] as const;

export type Level = (typeof LEVELS)[number];

/** Who does what, from which release to which: a line that is found alone says it. */
const logAboutSchema = () =>
  z.object({
    app: z.string(),
    group: z.string(),
    kind: z.enum(RUN_KINDS),
    operator: z.string().describe('user@bastion'),
    from: releaseIdSchema().nullable().describe('of the host; of all hosts if they had the same'),
    to: releaseIdSchema(),
    version: z.string(),
  });

type LogAbout = Shape<typeof logAboutSchema>;

const moreSchema = () =>
  z.object({
    level: z.enum(LEVELS),
    about: logAboutSchema().optional().describe('on each line that decides something'),
  });

/** One line of the log of `--log-file`: an event, and what a reader of one line needs with it. */
export const logLineSchema = () => z.intersection(eventSchema(), moreSchema());

export type LogLine = FleetEvent & Shape<typeof moreSchema>;

/** Makes the lines of one run, in order; null for what is no line. */
export function createLogLines(begun: PlanView | null): (event: FleetEvent) => LogLine | null {
  let plan = begun;
  let froms = fromsOf(plan);
  return (event) => {
    if (event.type === 'run-started') {
      plan = event.plan;
      froms = fromsOf(plan);
    }
    if (event.type === 'upload-progress') return null;
    const level = levelOf(event);
    if (plan === null || !isDecision(event)) return { ...event, level };
    const from = 'host' in event ? (froms.get(event.host ?? '') ?? null) : commonOf(froms);
    return { ...event, level, about: aboutOf(plan, from) };
  };
}

const fromsOf = (plan: PlanView | null): ReadonlyMap<string, PlanView['hosts'][number]['from']> =>
  new Map(plan?.hosts.map(({ host, from }) => [host, from]));

function commonOf<Value>(values: ReadonlyMap<string, Value>): Value | null {
  const [first, ...others] = new Set(values.values());
  return first === undefined || others.length > 0 ? null : first;
}

function aboutOf(plan: PlanView, from: LogAbout['from']): LogAbout {
  const { app, group, kind, operator, release } = plan;
  return { app, group, kind, operator, from, to: release.id, version: release.version };
}

/** Stages in which a host gets another release, or comes to an end. */
const DECIDING: ReadonlySet<string> = new Set([
  'switching',
  'done',
  'reverting',
  'reverted',
  'failed',
  'down',
  'unknown',
]);

function isDecision(event: FleetEvent): boolean {
  if (event.type === 'host-stage') return DECIDING.has(event.stage);
  return DECISIONS.has(event.type);
}

const DECISIONS: ReadonlySet<FleetEvent['type']> = new Set([
  'run-started',
  'run-ended',
  'stopped',
  'gate-judged',
  'paused',
  'pause-asked',
  'resumed',
  'hook-settled',
  'backup-restored',
]);

function levelOf(event: FleetEvent): Level {
  switch (event.type) {
    case 'run-ended':
      return event.exitCode === EXIT.ok ? 'notice' : 'err';
    case 'stopped':
      return event.reason.kind === 'interrupted' ? 'warning' : 'err';
    case 'gate-judged':
      return event.verdict === 'pass' ? 'notice' : 'err';
    case 'host-stage':
      return stageLevel(event.stage);
    case 'hook-ended':
    case 'step-ended':
    case 'preflight-host':
      return event.failure === null ? 'info' : 'err';
    case 'warning':
      return 'warning';
    case 'run-started':
    case 'paused':
    case 'pause-asked':
    case 'resumed':
    case 'hook-settled':
    case 'backup-restored':
    case 'approval-asked':
      return 'notice';
    case 'step-sent':
    case 'stream-started':
      return 'debug';
    default:
      return 'info';
  }
}

function stageLevel(stage: string): Level {
  if (stage === 'failed' || stage === 'down' || stage === 'unknown') return 'err';
  if (stage === 'reverting' || stage === 'reverted') return 'warning';
  return stage === 'done' || stage === 'switching' ? 'notice' : 'info';
}
