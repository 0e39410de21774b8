import type { HostFailure } from '../../errors/host-failure.js';
import type { EventOf, FleetEvent } from '../../events/event.js';
import type { HostName } from '../../model/names.js';
import type { Hook, HookFailure, HookPoint, HookTurn } from '../../model/runs/hooks/hooks.js';

/** One run of a hook, as a journal has it. */
export interface HookRun {
  /** Its place in fleet.yaml: `before_activate-1`. */
  readonly hook: string;
  readonly name: string;
  /** Null if the plan has no such hook. */
  readonly point: HookPoint | null;
  readonly per: HookTurn;
  readonly where: EventOf<'hook-started'>['where'];
  /** The host on which it ran, or that it was about; null for one of a wave or of the run on the bastion. */
  readonly host: HostName | null;
  /** From 0; null for a hook of the run. */
  readonly wave: number | null;
  readonly attempt: number;
  readonly startedAt: string;
  /** Null without an end, and if its end was learned later. */
  readonly ms: number | null;
  /** Null as long as the journal has no end. */
  readonly end: EventOf<'hook-ended'>['end'] | null;
  /** What its failure means; null as long as the journal has no end. */
  readonly ifFails: HookFailure | null;
  readonly failure: HostFailure | null;
  /** What a person has said of it; null as a rule. */
  readonly settled: {
    readonly how: 'done' | 'again';
    readonly by: string;
    readonly at: string;
  } | null;
}

interface Found {
  readonly turn: string;
  /** A later controller has asked for its end: how long it took is not known. */
  readonly asked: boolean;
  readonly run: HookRun;
}

/** Every run of every hook, in the order in which they began. A host that is asked for an end again is one run. */
export function hookRuns(
  events: readonly FleetEvent[],
  hooks: readonly Hook[],
): readonly HookRun[] {
  const points = new Map(hooks.map(({ id, point }) => [id, point]));
  const found = new Map<string, Found>();
  const change = (key: string, changes: Partial<HookRun>): void => {
    const known = found.get(key);
    if (known !== undefined) found.set(key, { ...known, run: { ...known.run, ...changes } });
  };
  for (const event of events) {
    switch (event.type) {
      case 'hook-started': {
        const key = keyOf(event);
        const point = points.get(event.hook) ?? null;
        const known = found.get(key)?.run;
        const asked = known !== undefined;
        found.set(key, { turn: event.turn, asked, run: begun(event, { point, known }) });
        break;
      }
      case 'hook-ended': {
        const { end, ifFails, failure } = event;
        const ms = found.get(keyOf(event))?.asked === true ? null : event.ms;
        change(keyOf(event), { end, ifFails, failure, ms });
        break;
      }
      case 'hook-settled': {
        const { how, by, at, turn } = event;
        const last = [...found].findLast(([, each]) => each.turn === turn);
        if (last !== undefined) change(last[0], { settled: { how, by, at } });
        break;
      }
    }
  }
  return [...found.values()].map(({ run }) => run);
}

const keyOf = ({ key, host }: EventOf<'hook-started' | 'hook-ended'>): string =>
  JSON.stringify([key, host]);

/** `known`: the same run, which began before; this controller only asks how it ended. */
function begun(
  event: EventOf<'hook-started'>,
  { point, known }: { readonly point: HookPoint | null; readonly known: HookRun | undefined },
): HookRun {
  const { hook, name, where, host, wave, attempt, at } = event;
  const open = { ms: null, end: null, ifFails: null, failure: null, settled: null };
  const startedAt = known?.startedAt ?? at;
  return { hook, name, point, per: perOf(event), where, host, wave, attempt, startedAt, ...open };
}

function perOf({ key, turn, wave }: EventOf<'hook-started'>): HookTurn {
  if (key === turn) return 'host';
  return wave === null ? 'run' : 'wave';
}
