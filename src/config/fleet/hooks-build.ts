import { RUN_KINDS } from '../../model/run-kind.js';
import {
  failuresOf,
  HOOK_POINTS,
  HOOK_RULES,
  type Hook,
  type HookPoint,
} from '../../model/runs/hooks/hooks.js';
import { durationFrom } from '../schema/words.js';
import type { HooksYaml } from './sections/hooks.js';

/** A name is shown in one line beside its host. */
const LONGEST_NAME = 60;

type HookYaml = NonNullable<HooksYaml['before_stage']>[number];

/** The hooks of a validated `fleet.yaml`, defaults filled in, in the order in which they run. `folder` is that of the file. */
export function buildHooks(yaml: HooksYaml | undefined, folder: string): readonly Hook[] {
  const written = HOOK_POINTS.flatMap((point) =>
    (yaml?.[point] ?? []).map((hook, place) => buildHook(hook, { point, place, folder })),
  );
  const script = yaml?.rollback_script;
  return script === undefined ? written : [...written, ...scriptHooks(script)];
}

interface Written {
  readonly point: HookPoint;
  readonly place: number;
  readonly folder: string;
}

function buildHook(yaml: HookYaml, { point, place, folder }: Written): Hook {
  const settings = typeof yaml === 'string' ? { run: yaml } : yaml;
  const { run, local, name, groups = [], on = [...RUN_KINDS], timeout } = settings;
  const rules = HOOK_RULES[point];
  const per = settings.per ?? rules.per[0] ?? 'host';
  const command = run ?? local ?? '';
  return {
    id: `${point}-${place + 1}`,
    name: name ?? shortened(command),
    point,
    per,
    where: run === undefined ? 'bastion' : 'host',
    work: { kind: 'command', command },
    folder: run === undefined ? folder : null,
    groups: [groups].flat(),
    on: [on].flat(),
    timeoutMs: timeout === undefined ? rules.timeoutMs : durationFrom(timeout),
    ifFails: settings.if_fails ?? failuresOf(point, per)[0] ?? 'warn',
  };
}

/**
 * The script of the release that a host leaves: before a rollback by command it can still refuse, and
 * before one that follows a failure it cannot.
 */
function scriptHooks(path: string): readonly Hook[] {
  const common = {
    name: path,
    per: 'host',
    where: 'host',
    work: { kind: 'script', path },
    folder: null,
    groups: [],
  } as const;
  return [
    {
      ...common,
      id: 'before_activate-script',
      point: 'before_activate',
      on: ['rollback'],
      timeoutMs: HOOK_RULES.before_activate.timeoutMs,
      ifFails: 'fail-host',
    },
    {
      ...common,
      id: 'before_revert-script',
      point: 'before_revert',
      on: [...RUN_KINDS],
      timeoutMs: HOOK_RULES.before_revert.timeoutMs,
      ifFails: 'warn',
    },
  ];
}

function shortened(command: string): string {
  const text = command.trim();
  return text.length <= LONGEST_NAME ? text : `${text.slice(0, LONGEST_NAME - 1)}…`;
}
